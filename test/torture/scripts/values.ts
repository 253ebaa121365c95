/** What is no data, where data is due: in replies, messages, states, and as errors. */
import { allOf, type Hostile } from "../hostile.ts";

/** An expression, and what a client gets of it as a reply; undefined where the event must fail. */
const expressions: Record<string, [expression: string, reply?: unknown]> = {
  "a cycle": ["(() => { const a = {}; a.a = a; return a; })()"],
  "a cycle of arrays": ["(() => { const a = []; a.push([a]); return a; })()"],
  "a function": ["() => 1"],
  "a class": ["class {}"],
  "a symbol": ["Symbol('s')"],
  "a big integer": ["1n"],
  "a big integer inside": ["({ a: [1n] })"],
  "a getter that throws": ["({ get a() { throw new Error('no'); } })"],
  "toJSON that throws": ["({ toJSON() { throw null; } })"],
  "toJSON that gives a function": ["({ toJSON: () => () => 1 })"],
  "a revoked proxy": [
    "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
  ],
  "a proxy that lies about its keys": ["new Proxy({}, { ownKeys: () => ['a', 'a'] })"],
  "the room's own functions": ["room.broadcast"],
  null: ["null", null],
  "not a number": ["[NaN, Infinity, -Infinity, -0]", [null, null, null, 0]],
  holes: ["[, 1, , ]", [null, 1, null]],
  "functions inside": ["({ a() {}, b: Symbol(), c: undefined, d: [() => 1] })", { d: [null] }],
  "a __proto__ of its own": [
    'JSON.parse(\'{"__proto__":{"x":1},"constructor":2}\')',
    JSON.parse('{"__proto__":{"x":1},"constructor":2}'),
  ],
  "a map": ["new Map([[1, 2]])", {}],
  "a date": ["new Date(0)", "1970-01-01T00:00:00.000Z"],
  "a typed array": ["new Float64Array(2)", { 0: 0, 1: 0 }],
  "an error": ["new Error('x')", {}],
  "the room": ["room", "r"],
  "the room's application's name": ["String(room.application).length > 0", true],
  "the room's users": ["room.users.map((user) => user.name)", ["mallory"]],
  "a boxed text": ["new String('x')", "x"],
  "a proxy of an array": ["new Proxy([1, 2], {})", [1, 2]],
  "an empty text": ["''", ""],
  "an object without a prototype": [
    "Object.assign(Object.create(null), { then: 1, toJSON: 2 })",
    JSON.parse('{"then":1,"toJSON":2}'),
  ],
};

function outcome(reply: unknown) {
  return reply === undefined ? "handler_failed" : { gives: reply };
}

const replied: Hostile[] = Object.entries(expressions).map(([name, [expression, reply]]) => ({
  name: `reply: ${name}`,
  code: `return ${expression};`,
  must: outcome(reply),
}));

const sent: Hostile[] = Object.entries(expressions).map(([name, [expression, reply]]) => ({
  name: `sent: ${name}`,
  code: `room.broadcast("x", ${expression}); room.send(user, "x", ${expression}); room.emit("x", ${expression}); return 1;`,
  must: reply === undefined ? "handler_failed" : { gives: 1 },
}));

const thrown = {
  nothing: "throw undefined;",
  null: "throw null;",
  "a number": "throw 0;",
  "a text": "throw 'x'.repeat(1e6);",
  "a symbol": "throw Symbol('s');",
  "a big integer": "throw 1n;",
  "a function": "throw () => 1;",
  "a function whose text throws":
    "const f = () => 1; f.toString = f[Symbol.toPrimitive] = () => { throw f; }; throw f;",
  "an object without a prototype": "throw Object.create(null);",
  "a revoked proxy": "const { proxy, revoke } = Proxy.revocable(new Error('x'), {}); revoke(); throw proxy;",
  "a proxy that throws itself": "const p = new Proxy({}, new Proxy({}, { get() { throw p; } })); throw p;",
  "an error with everything replaced":
    "const e = new Error('x'); for (const key of ['message', 'stack', 'name', 'cause']) Object.defineProperty(e, key, { get() { throw e; } }); throw e;",
  "an error with values of other types":
    "throw Object.assign(new Error('x'), { message: {}, stack: 5, name: [] });",
  "an error with a long message": "throw new Error('y'.repeat(1e6));",
  "an error with a stack of its own":
    "throw Object.assign(new Error('x'), { stack: '    at f (rooms/room.ts:99999999999999:-1)\\n'.repeat(1e4) });",
  "an out of memory of its own": "throw Object.assign(new InternalError('out of memory'), { x: 1 });",
  "an interrupt of its own": "throw new InternalError('interrupted');",
  "a full stack of its own": "throw new RangeError('Maximum call stack size exceeded');",
  "a refusal that is none": "throw { reason: 'x', name: 'Refusal', code: 'refused' };",
  "in a job": "await 0; throw null;",
  "by a rejected promise": "return Promise.reject(new Proxy({}, { get() { throw 1; } })); await 0;",
};

/** States that can't be written down; the room counts on as long as nobody has to. */
const states = {
  "a cycle": "room.state.self = room.state;",
  "a big integer": "room.state.big = 1n;",
  "a function": "room.state.f = () => 1;",
  "a proxy": "room.state.p = new Proxy({}, { ownKeys() { throw 1; } });",
  "a getter that loops": "Object.defineProperty(room.state, 'x', { enumerable: true, get() { for (;;); } });",
  "a __proto__": 'Object.assign(room.state, JSON.parse(\'{"__proto__":{"polluted":1}}\'));',
  "a frozen one": "Object.freeze(room.state); room.state = { ...room.state };",
  toJSON: "room.state.toJSON = () => { throw new Error('no state'); };",
  "toJSON that is another": "room.state.toJSON = () => 5;",
  "a map": "room.state.m = new Map([[1, 2]]);",
  much: "room.state.junk = Array(100).fill('x'.repeat(64 * 1024));",
  "a text of controls": "room.state['\\0\\ud800'] = '\\0\\ud800\\u2028';",
  deep: "let o = {}; for (let i = 0; i < 5000; i++) o = { o }; room.state.deep = o;",
};

const lost = {
  null: "room.state = null;",
  "a number": "room.state = 5;",
  "a function": "room.state = () => 1;",
  nothing: "room.state = undefined;",
};

const atFirst: Record<string, string> = {
  null: "state: () => null,",
  "a number": "state: () => 5,",
  "a promise": "state: async () => ({}),",
  "a big integer": "state: () => ({ a: 1n }),",
  "a cycle": "state() { const a = {}; a.a = a; return a; },",
  "a function": "state: () => () => 1,",
  "an error": "state() { throw new Error('no state'); },",
};

export const values: readonly Hostile[] = [
  ...replied,
  ...sent,
  ...allOf("thrown:", thrown, { must: "handler_failed" }),
  // To make the deep one takes about as long as an event may in an engine that has not warmed up: here it may.
  ...allOf("state:", states, { must: "ok", settings: { limits: { cpuPerEvent: 1000, cpuHard: 2000 } } }),
  ...allOf("no state any more:", lost, { must: "handler_failed" }),
  ...Object.entries(atFirst).map(([name, more]) => ({
    name: `first state: ${name}`,
    more,
    must: "join: handler_failed",
  })),
];
