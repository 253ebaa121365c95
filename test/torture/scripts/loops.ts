/** What never ends, wherever a script may run, in code that the engine can interrupt. */
import { allOf, type Hostile } from "../hostile.ts";

const inHandlers = {
  "a for": "for (;;);",
  "a loop that catches": "for (;;) { try { for (;;); } catch {} }",
  "a loop in finally": "try { for (;;); } finally { for (;;); }",
  "a labelled continue": "again: for (;;) { for (;;) continue again; }",
  "a getter": "const o = { get x() { for (;;); } }; o.x;",
  "a setter": "const o = { set x(_) { for (;;); } }; o.x = 1;",
  "valueOf in a sum": "return 1 + { valueOf() { for (;;); } };",
  "toPrimitive of a key": "({})[{ [Symbol.toPrimitive]() { for (;;); } }];",
  hasInstance: "return 1 instanceof { [Symbol.hasInstance]() { for (;;); } };",
  "an iterator that is spread": "return [...{ [Symbol.iterator]: () => ({ next: () => ({ value: 1 }) }) }];",
  "an iterator that is destructured": "const [...all] = (function* () { for (;;) yield 1; })(); return all;",
  "a generator's finally":
    "for (const x of (function* () { try { yield 1; } finally { for (;;); } })()) break;",
  "Array.from": "Array.from({ [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) });",
  "a static block": "return class { static { for (;;); } };",
  "a default argument": "((x = (() => { for (;;); })()) => x)();",
  "a tagged template": "const tag = () => { for (;;); }; return tag`x`;",
  "a proxy's get": "return new Proxy({}, { get() { for (;;); } }).x;",
  "a proxy's has": "return 'x' in new Proxy({}, { has() { for (;;); } });",
  "a proxy's ownKeys in a reply": "return new Proxy({}, { ownKeys() { for (;;); } });",
  "a proxy's get in a reply": "return new Proxy({ a: 1 }, { get() { for (;;); } });",
  "a proxy's getPrototypeOf when thrown":
    "throw new Proxy({}, { getPrototypeOf() { for (;;); }, has() { for (;;); } });",
  "a proxy's get when thrown": "throw new Proxy(new Error('x'), { get() { for (;;); } });",
  "toJSON in a broadcast": "room.broadcast('x', { toJSON() { for (;;); } });",
  "toJSON in a reply": "return { toJSON() { for (;;); } };",
  "toJSON in a schedule": "room.state.t = 1; room.emit('x', { toJSON() { for (;;); } });",
  "an id's getter": "room.send({ get id() { for (;;); } }, 'x');",
  "an except that has no end":
    "room.broadcast('x', 1, { except: new Proxy([], { get: (_, key) => key === 'length' ? 1e12 : 'u1' }) });",
  "an option's getter": "room.broadcast('x', 1, { get except() { for (;;); } });",
  "a message's getter when thrown": "throw { get message() { for (;;); } };",
  "a stack's getter when thrown":
    "throw Object.defineProperty(new Error('x'), 'stack', { get() { for (;;); } });",
  "a name's getter when thrown": "class E extends Error { get name() { for (;;); } } throw new E('x');",
  "toString when thrown": "throw { toString() { for (;;); } };",
  "a function's toString when thrown": "const f = () => {}; f.toString = () => { for (;;); }; throw f;",
  "a sort": "[3, 1, 2].sort(() => { for (;;); });",
  "a sort that contradicts itself":
    "let n = 0; const a = Array.from({ length: 100 }, (_, i) => i); for (;;) a.sort(() => ++n % 3 - 1);",
  "a reviver": "JSON.parse('[1]', () => { for (;;); });",
  "a replacer": "JSON.stringify([1], () => { for (;;); });",
  "a callback of replace": "'aaa'.replace(/a/g, () => { for (;;); });",
  "an array without end in map": "Array.prototype.map.call({ length: 2 ** 32 - 1 }, (x) => x);",
  "an array without end in some":
    "Array.prototype.some.call(new Proxy({}, { get: (_, key) => key === 'length' ? 2 ** 53 - 1 : 0, has: () => true }), (x) => x);",
  "a log of getters that loop": "for (;;) console.debug({ get x() { for (;;); } });",
  "an executor": "new Promise(() => { for (;;); });",
  "a rejected executor that is caught":
    "try { await new Promise(() => { for (;;); }); } catch {} return 'caught';",
  awaits: "for (;;) await null;",
  "an await of itself": "const f = async () => { await f(); }; await f();",
  "a chain of then": "const next = () => Promise.resolve().then(next); await next();",
  "many chains of then":
    "const next = () => Promise.resolve().then(next); for (let i = 0; i < 500; i++) next();",
  "a thenable": "await { then() { for (;;); } };",
  "a thenable that is replied": "return { then() { for (;;); } }; await 0;",
  "thenables in a row": "const t = { then(done) { done(t); } }; await t;",
  queueMicrotask: "const again = () => queueMicrotask(again); again();",
  "a stray job": "Promise.resolve().then(() => { for (;;); });",
  "a stray job of a failed event": "Promise.resolve().then(() => { for (;;); }); throw new Error('first');",
  "for await": "for await (const x of (async function* () { for (;;) yield 1; })());",
  "an async generator's return":
    "for await (const x of (async function* () { try { yield 1; } finally { for (;;); } })()) break;",
  "Promise.all of no end": "await Promise.all((function* () { for (;;) yield 1; })());",
  "a promise of never": "await new Promise(() => {});",
};

/** Backtracking; the engine's own pattern matcher polls. */
const patterns = {
  "of nested repeats": "return /^(a+)+$/.test('a'.repeat(60) + 'b');",
  "of alternatives": "return /^(a|a)*$/.test('a'.repeat(60) + 'b');",
  "of alternatives that overlap": "return /^(a|aa)+$/.test('a'.repeat(100) + 'b');",
  "of a dot": "return /^(.*)*x$/.test('y'.repeat(60));",
  "with a back reference": "return /^(a+)+\\1b$/.test('a'.repeat(60));",
  "in a split": "return ('a'.repeat(60) + 'b').split(/^(a+)+$/);",
  "of words": "return /^(\\w+\\s?)*$/.test('word '.repeat(30) + '!');",
  "that is made of text":
    "return new RegExp('^(' + 'a?'.repeat(40) + ')' + 'a'.repeat(40) + '$').test('a'.repeat(40).slice(1));",
};

/** For those that would take the usual half second each while everything loads; the first has that. */
const brief = { limits: { load: 100 } };

const elsewhere: Hostile[] = [
  { name: "endless top level", top: "for (;;);", must: "unloadable", log: /took longer than/ },
  {
    name: "endless await at the top level",
    settings: brief,
    top: "for (;;) await null;",
    must: "unloadable",
    log: /took longer than/,
  },
  {
    name: "an await at the top level that never comes",
    top: "await new Promise(() => {});",
    must: "unloadable",
    log: /never comes/,
  },
  {
    name: "endless getter in the definition",
    settings: brief,
    more: "get tickRate() { for (;;); },",
    must: "unloadable",
    log: /took longer than/,
  },
  {
    name: "endless proxy as the definition",
    settings: brief,
    files: {
      "rooms/room.ts": `import { defineRoom } from "hotroom"; export default defineRoom(new Proxy({}, { ownKeys() { for (;;); } }));`,
    },
    must: "unloadable",
    log: /took longer than/,
  },
  {
    name: "endless error at the top level",
    settings: brief,
    top: "throw { get message() { for (;;); } };",
    must: "unloadable",
  },
  {
    name: "endless state",
    more: "state() { for (;;); },",
    must: "join: handler_failed",
    log: /took longer than/,
  },
  {
    name: "endless toJSON in state",
    more: "state: () => ({ count: 0, x: { toJSON() { for (;;); } } }),",
    must: "join: handler_failed",
  },
  {
    name: "endless init",
    more: "events: { init() { for (;;); } },",
    must: "join: handler_failed",
    log: /took longer than/,
  },
  {
    name: "endless join",
    more: "events: { join() { for (;;); } },",
    must: "join: handler_failed",
    log: /took longer than/,
  },
  {
    name: "endless validator",
    must: "handler_failed",
    log: /took longer than/,
    messages: `
      attack: { schema: { "~standard": { version: 1, vendor: "x", validate() { for (;;); } } }, handle() {} },`,
  },
  {
    name: "endless getter of a validator's issues",
    must: "handler_failed",
    log: /took longer than/,
    messages: `
      attack: { schema: { "~standard": { version: 1, vendor: "x", validate: () => ({ issues: [{ get message() { for (;;); } }] }) } }, handle() {} },`,
  },
  {
    name: "a validator that says what isn't so",
    must: "handler_failed",
    messages: `
      attack: { schema: { "~standard": { version: 1, vendor: "x", validate: () => null } }, handle() {} },`,
  },
  {
    name: "a validator with issues that are none",
    must: "handler_failed",
    messages: `
      attack: { schema: { "~standard": { version: 1, vendor: "x", validate: () => ({ issues: new Proxy([], { get() { throw 1; } }) }) } }, handle() {} },`,
  },
  {
    name: "an asynchronous validator",
    must: "handler_failed",
    messages: `
      attack: { schema: { "~standard": { version: 1, vendor: "x", validate: async () => ({ value: 1 }) } }, handle() {} },`,
  },
  {
    name: "endless check of valibot",
    must: "handler_failed",
    top: `import * as v from "valibot";`,
    messages: `
      attack: { schema: v.pipe(v.any(), v.check(() => { for (;;); })), handle() {} },`,
  },
  {
    name: "endless schema of itself",
    must: "handler_failed",
    top: `import * as v from "valibot"; const again = v.lazy(() => v.union([again, again]));`,
    messages: `
      attack: { schema: again, handle() {} },`,
  },
];

export const loops: readonly Hostile[] = [
  ...allOf("endless:", inHandlers, { must: "handler_failed", log: /handler|promise|took|settle|Error/ }),
  ...allOf("backtracking", patterns, { must: "handler_failed", log: /took longer than/ }),
  // What stands before is read backwards, from where a `b` should follow: there is nothing to go back to.
  {
    name: "backtracking in a lookbehind",
    code: "return /(?<=^(a+)+)b/.test('a'.repeat(60) + 'c');",
    must: { gives: false },
  },
  ...elsewhere,
];
