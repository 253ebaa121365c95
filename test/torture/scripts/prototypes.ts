/** Polluted prototypes and replaced built-ins: whatever a script does to them, the prelude works as before. */
import type { Hostile, Outcome } from "../hostile.ts";

const bad = "() => { throw new Error('spoilt'); }";

const replaced = [
  ["JSON", "stringify"],
  ["JSON", "parse"],
  ["Reflect", "apply"],
  ["Reflect", "construct"],
  ["Object", "keys"],
  ["Object", "freeze"],
  ["Object", "defineProperty"],
  ["Object", "getOwnPropertyDescriptor"],
  ["Object", "hasOwn"],
  ["Array", "isArray"],
  ["Array", "from"],
  ["Number", "isInteger"],
  ["Math", "floor"],
  ["Math", "random"],
  ["Date", "now"],
  ["Array.prototype", "push"],
  ["Array.prototype", "join"],
  ["Array.prototype", "map"],
  ["Array.prototype", "Symbol.iterator"],
  ["String.prototype", "concat"],
  ["String.prototype", "slice"],
  ["String.prototype", "indexOf"],
  ["String.prototype", "toWellFormed"],
  ["String.prototype", "toString"],
  ["RegExp.prototype", "exec"],
  ["RegExp.prototype", "test"],
  ["Function.prototype", "call"],
  ["Function.prototype", "apply"],
  ["Function.prototype", "bind"],
  ["Function.prototype", "toString"],
  ["Map.prototype", "get"],
  ["Map.prototype", "set"],
  ["Set.prototype", "has"],
  ["Promise.prototype", "then"],
  ["Promise", "resolve"],
  ["Object.prototype", "toString"],
  ["Object.prototype", "valueOf"],
  ["Object.prototype", "hasOwnProperty"],
  ["Error.prototype", "toString"],
  ["Symbol.prototype", "toString"],
] as const;

const replacements: Record<string, string> = Object.fromEntries(
  replaced.map(([owner, key]) => {
    const place = key.startsWith("Symbol.") ? `${owner}[${key}]` : `${owner}.${key}`;
    return [`${place} replaced`, `${place} = ${bad};`];
  }),
);

const traps = (key: string) =>
  `Object.defineProperty(Object.prototype, ${key}, { configurable: true, get: ${bad}, set: ${bad} });`;
const values = (key: string, value: string) =>
  `Object.defineProperty(Object.prototype, ${key}, { configurable: true, value: ${value} });`;

const pollutions: Record<string, string> = {
  "Object.prototype traps 0": traps('"0"'),
  "Object.prototype traps length": traps('"length"'),
  "Object.prototype has a then": values('"then"', "undefined"),
  "Object.prototype traps get": traps('"get"'),
  "Object.prototype traps set": traps('"set"'),
  "Object.prototype traps value": traps('"value"'),
  "Object.prototype traps data": traps('"data"'),
  "Object.prototype traps name": traps('"name"'),
  "Object.prototype traps user": traps('"user"'),
  "Object.prototype traps script": traps('"script"'),
  "Object.prototype traps limit": traps('"limit"'),
  "Object.prototype traps issues": traps('"issues"'),
  "Object.prototype traps failure": traps('"failure"'),
  "Object.prototype traps except": values('"except"', "undefined"),
  "Object.prototype has undo": values('"undo"', bad),
  "Object.prototype has foreign": values('"foreign"', "true"),
  "Object.prototype has muted": values('"muted"', "true"),
  "Object.prototype has enumerable things":
    "Object.prototype.enumerable = true; Object.prototype.writable = true; Object.prototype.state = 1; Object.prototype.room = 1;",
  "Array.prototype has a toJSON":
    "Array.prototype.toJSONS = 1; Object.defineProperty(Array.prototype, 'at', { value: 1 });",
  "Array made a trap": `Object.defineProperty(Array.prototype, "constructor", { get: ${bad} });`,
  "hasInstance of Promise": "Object.defineProperty(Promise, Symbol.hasInstance, { value: () => false });",
  "hasInstance of Error": "Object.defineProperty(Error, Symbol.hasInstance, { value: () => false });",
  "hasInstance of TypeError": `Object.defineProperty(TypeError, Symbol.hasInstance, { value: ${bad} });`,
  "hasInstance of Function.prototype":
    "try { Object.defineProperty(Function.prototype, Symbol.hasInstance, { value: () => true }); } catch {}",
  "Error.prepareStackTrace":
    "Error.prepareStackTrace = (error, sites) => { for (const site of sites) site.getFunction(); return sites; };",
  "Error.prepareStackTrace that throws": `Error.prepareStackTrace = ${bad};`,
  "Error.prepareStackTrace that loops": "Error.prepareStackTrace = () => { for (;;); };",
  "Error.stackTraceLimit of 0": "Error.stackTraceLimit = 0;",
  "Error.stackTraceLimit of a trap": `try { Error.stackTraceLimit = { valueOf: ${bad} }; } catch {}`,
  "every global gone":
    "for (const key of Object.getOwnPropertyNames(globalThis)) if (key !== 'globalThis' && key !== 'console') { try { delete globalThis[key]; } catch {} }",
  "every global replaced": `for (const key of Reflect.ownKeys(globalThis)) { try { globalThis[key] = ${bad}; } catch {} }`,
  "a frozen world":
    "for (const owner of [Object, Array, String, Function, Promise, Map, Set, Date, Error, RegExp]) { Object.freeze(owner); Object.freeze(owner.prototype); } Object.freeze(globalThis);",
  "functions without a prototype": "Object.setPrototypeOf(Function.prototype, null);",
};

/** What the language itself looks up, in await and in JSON.stringify: the script may fail itself, and nobody else. */
const selfInflicted: Record<string, string> = {
  "Object.prototype traps then": values('"then"', "undefined") + traps('"then"'),
  "Array.prototype traps 0": `Object.defineProperty(Array.prototype, "0", { configurable: true, get: ${bad}, set: ${bad} });`,
  "a species that throws": `Object.defineProperty(Array, Symbol.species, { get: ${bad} }); Object.defineProperty(Promise, Symbol.species, { get: ${bad} });`,
  "Promise made a trap": `Object.defineProperty(Promise.prototype, "constructor", { get: ${bad} });`,
  "a prototype of prototypes":
    "try { Object.setPrototypeOf(Array.prototype, new Proxy({}, { get() { throw 1; }, has: () => true, set() { throw 1; } })); } catch {}",
};

/** Uses every part of the API, in syntax that needs no built-in of the script's own. */
const probe = `
    probe(room, user, data) {
      console.log("probed", { a: 1 });
      room.broadcast("probed", { text: data.text, by: user.name }, { except: ["nobody"] });
      room.send(user, "told", data);
      room.send(["mallory"], "told", data);
      room.schedule("later", 1000000, data);
      room.cancel("later");
      room.kick("nobody", "gone");
      room.emit("unheard", data);
      return { users: room.users.length, me: room.user("mallory") === user, data };
    },
    asks: async (room) => { await 0; return 7; },
    boom() { throw new Error("boom"); },
    no() { refuse("No."); },`;

function probed([name, code]: [string, string]): Hostile[] {
  const rest = { more: "timers: { later() {} },", messages: probe };
  return [
    { name: `${name}, in an event`, code: `${code} return 1;`, must: { gives: 1 }, ...rest },
    { name: `${name}, at the top level`, top: code, code: "return 1;", must: { gives: 1 }, ...rest },
  ];
}

/** What becomes of them in an event, and of all that comes after them where they are at the top level. */
const ends: Record<string, [inEvent: Outcome, atTop: Outcome]> = {
  "Object.prototype traps then": ["handler_failed", "join: handler_failed"],
  "Array.prototype traps 0": ["handler_failed", "join: handler_failed"],
  "a prototype of prototypes": ["handler_failed", "handler_failed"],
};

function failing([name, code]: [string, string]): Hostile[] {
  const reply = "return { a: [1] };";
  const [inEvent, atTop] = ends[name] ?? [{ gives: { a: [1] } }, { gives: { a: [1] } }];
  return [
    { name: `${name}, in an event`, code: code + reply, must: inEvent },
    { name: `${name}, at the top level`, top: code, code: reply, must: atTop },
  ];
}

export const prototypes: readonly Hostile[] = [
  ...Object.entries({ ...replacements, ...pollutions }).flatMap(probed),
  ...Object.entries(selfInflicted).flatMap(failing),
];
