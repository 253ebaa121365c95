/** Depth, in everything of the engine that calls itself. */
import { allOf, type Hostile } from "../hostile.ts";

const runaways = {
  calls: "const f = () => f() + 1; f();",
  "calls with many arguments": "const f = (...a) => f(...a, 1) + 1; f(...Array(100));",
  methods: "class A { m() { return this.m() + 1; } } new A().m();",
  constructors: "class A { constructor() { this.a = new A(); } } new A();",
  "super calls": "let C = class {}; for (let i = 0; i < 5000; i++) C = class extends C {}; new C();",
  map: "const f = () => [1].map(f); f();",
  sort: "const f = () => [1, 2].sort(f); f();",
  replace: "const f = () => 'a'.replace(/a/, f); f();",
  "Array.from": "const f = () => Array.from([1], f); f();",
  "a reviver": "const f = () => JSON.parse('[1]', f); f();",
  toJSON: "const o = { toJSON() { return JSON.stringify(o); } }; JSON.stringify(o);",
  "a broadcast in toJSON": "const o = { toJSON() { room.broadcast('x', o); } }; room.broadcast('x', o);",
  "a log in a getter of an error":
    "class E extends Error { get name() { console.log(this); return 'x'; } } console.log(new E()); const f = () => f(); f();",
  toString: "const o = { toString() { return String(o); } }; String(o);",
  valueOf: "const o = { valueOf() { return +o; } }; +o;",
  "a getter": "const o = { get x() { return this.x; } }; o.x;",
  "a setter": "const o = { set x(v) { this.x = v; } }; o.x = 1;",
  "a proxy of itself": "const h = {}; const p = new Proxy({}, h); Object.setPrototypeOf(h, p); p.x;",
  "an array that holds itself, joined by hand":
    "const a = []; a.toString = () => a.join(); a.push({ toString: () => String(a) }); String(a) && (() => { const f = () => f(); f(); })();",
  "instance of": "const o = { [Symbol.hasInstance]: (x) => x instanceof o }; 1 instanceof o;",
  "Reflect.apply": "const f = () => Reflect.apply(f, null, []); f();",
  "Reflect.construct": "function F() { Reflect.construct(F, []); } new F();",
  bind: "let f = () => {}; for (let i = 0; i < 100000; i++) f = f.bind(); f();",
  generators: "function* g() { yield* g(); } g().next();",
  "async calls": "const f = async () => f(); await f();",
  iterators: "const o = { [Symbol.iterator]: () => ({ next: () => [...o] }) }; [...o];",
  "default arguments": "const f = (x = f()) => x; f();",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source
  "a tagged template": "const f = () => f`${1}`; f();",
  "an error's own stack": "const f = () => { try { f(); } catch (e) { f(); } }; f();",
  "a chain of proxies": "let p = {}; for (let i = 0; i < 20000; i++) p = new Proxy(p, {}); return p.x;",
  "a chain of proxies asked for keys":
    "let p = {}; for (let i = 0; i < 20000; i++) p = new Proxy(p, {}); return Object.keys(p);",
};

/** Values nested far deeper than what JSON or a stack can take. */
const nested = {
  "arrays in a reply": "let a = []; for (let i = 0; i < 20000; i++) a = [a]; return a;",
  "objects in a reply": "let o = {}; for (let i = 0; i < 20000; i++) o = { o }; return o;",
  "objects in a broadcast": "let o = {}; for (let i = 0; i < 20000; i++) o = { o }; room.broadcast('x', o);",
  "objects that are written": "let o = {}; for (let i = 0; i < 20000; i++) o = { o }; JSON.stringify(o);",
  "arrays that are parsed": "JSON.parse('['.repeat(100000));",
  "arrays that are parsed whole": "JSON.parse('['.repeat(20000) + ']'.repeat(20000));",
  "objects that are parsed": `JSON.parse('{"a":'.repeat(20000) + '1' + '}'.repeat(20000));`,
  "groups of a pattern": "new RegExp('('.repeat(50000) + ')'.repeat(50000));",
  "lookaheads of a pattern": "new RegExp('(?='.repeat(50000) + ')'.repeat(50000));",
  "alternatives of a pattern": "new RegExp('(a|'.repeat(20000) + 'b' + ')'.repeat(20000));",
  "arrays that are joined": "let a = [1]; for (let i = 0; i < 20000; i++) a = [a]; String(a);",
  "arrays that are flattened":
    "let a = [1]; for (let i = 0; i < 5000; i++) a = [a]; return a.flat(Infinity).length;",
  "thrown errors' causes that are read":
    "let e = new Error('x'); for (let i = 0; i < 2000; i++) e = new Error('x', { cause: e }); throw e;",
  "aggregate errors":
    "let e = new Error('x'); for (let i = 0; i < 500; i++) e = new AggregateError([e], 'x'); throw e;",
};

/** The same, where it does no harm; some take about as long as an event may, which here is longer. */
const deep = {
  "a proxy's prototype": "const p = new Proxy({}, {}); Object.setPrototypeOf(p, p);",
  prototypes: "let o = {}; for (let i = 0; i < 5000; i++) o = Object.create(o); return 'x' in o;",
  "errors that are logged":
    "let e = new Error('x'); for (let i = 0; i < 2000; i++) e = new Error('x', { cause: e }); console.log(e);",
  "maps that are logged":
    "let m = new Map(); for (let i = 0; i < 2000; i++) m = new Map([[m, m]]); console.log(m);",
  "objects that are logged": "let o = {}; for (let i = 0; i < 5000; i++) o = { o, p: o }; console.log(o);",
  promises:
    "let p = Promise.resolve(1); for (let i = 0; i < 500; i++) { const q = p; p = new Promise((done) => done(q)); } return await p;",
  "a reply that fits": "let a = []; for (let i = 0; i < 30; i++) a = [a]; return a;",
};

const count = 3000;
const around = (open: string, middle: string, close: string, times = count) =>
  `const x = ${open.repeat(times)}${middle}${close.repeat(times)};`;

/** Source that nests deeper than what reads it can go. */
const sources: Record<string, string> = {
  parentheses: around("(", "1", ")"),
  arrays: around("[", "1", "]"),
  objects: around("{a:", "1", "}"),
  calls: around("f(", "1", ")"),
  functions: around("() => {return ", "1", "}"),
  arrows: around("a => ", "1", ""),
  classes: around("class extends ", "Object", "{}"),
  templates: around("`${", "1", "}`"),
  "unary operators": around("! ", "1", ""),
  conditions: around("1 ? 1 : ", "1", ""),
  powers: around("1 ** ", "1", ""),
  blocks: `${"{".repeat(count)}${"}".repeat(count)}`,
  ifs: `${"if (0) ".repeat(count)};`,
  loops: `${"for (;0;) ".repeat(count)};`,
  labels: `${Array.from({ length: count }, (_, i) => `l${i}:`).join("")};`,
  tries: `${"try {".repeat(count)}${"} catch {}".repeat(count)}`,
  "nested functions": `${"function f() {".repeat(count)}${"}".repeat(count)}`,
  patterns: `const ${"[".repeat(count)}x${"]".repeat(count)} = [];`,
  "a regular expression": `const x = /${"(".repeat(count)}${")".repeat(count)}/;`,
  "many names": `const x = () => { ${Array.from({ length: 70000 }, (_, i) => `let v${i};`).join("")} };`,
};

/**
 * Source that goes on and on without nesting. Of the first three what strips types makes as many levels as they have links:
 * of 3,000 it depended on how far it was compiled whether it came through.
 */
const long: Record<string, string> = {
  "binary operators": around("1 + ", "1", "", 1000),
  "optional chains": around("", "globalThis", "?.a", 1000),
  members: around("", "globalThis", "?.[0]", 1000),
  "many functions": `const x = [${"() => 1,".repeat(20000)}];`,
  "one long line": `const x = "${"y".repeat(400000)}";`,
};

export const recursion: readonly Hostile[] = [
  ...allOf("recursion by", runaways, { must: "handler_failed" }),
  ...allOf("nested:", nested, { must: "handler_failed" }),
  ...allOf("deep:", deep, { must: "ok", settings: { limits: { cpuPerEvent: 1000, cpuHard: 2000 } } }),
  ...Object.entries(sources).map(([name, top]) => ({
    name: `source of nested ${name}`,
    top,
    must: "unloadable",
  })),
  ...Object.entries(long).map(([name, top]) => ({
    name: `source of ${name}`,
    top,
    code: "return 1;",
    must: { gives: 1 },
  })),
  {
    name: "deep data from a client",
    data: JSON.parse("[".repeat(60) + "]".repeat(60)),
    code: "return data;",
    must: "ok",
  },
];
