/** What takes all the memory that there is. */
import { allOf, type Hostile } from "../hostile.ts";

const hogs = {
  arrays: "const a = []; for (;;) a.push(new Array(1000).fill(1));",
  "one array": "const a = []; for (;;) a.push(a.length);",
  texts: "const a = []; for (let i = 0; ; i++) a.push(String(i).repeat(1000));",
  "a text that doubles": "let t = 'x'; for (;;) t += t + 'y';",
  "a text of pieces": "let t = ''; for (;;) t = 'a' + t + Math.random();",
  objects: "let o = {}; for (;;) o = { o, a: 1, b: [] };",
  properties: "const o = {}; for (let i = 0; ; i++) o['k' + i] = i;",
  maps: "const m = new Map(); for (let i = 0; ; i++) m.set(i, {});",
  sets: "const s = new Set(); for (let i = 0; ; i++) s.add('s' + i);",
  "weak maps":
    "const m = new WeakMap(); const keys = []; for (;;) { const k = {}; keys.push(k); m.set(k, new Array(100)); }",
  buffers: "const a = []; for (;;) a.push(new ArrayBuffer(1e6));",
  "one buffer": "return new Uint8Array(1e9).length;",
  "a buffer that grows":
    "const b = new ArrayBuffer(1, { maxByteLength: 2 ** 31 }); for (let n = 1; ; n *= 2) b.resize(n);",
  "typed arrays": "const a = []; for (;;) a.push(new Float64Array(1e5).fill(1));",
  closures: "const a = []; for (;;) { const big = new Array(100).fill(a.length); a.push(() => big); }",
  generators: "const a = []; for (;;) { const g = (function* () { yield a; })(); g.next(); a.push(g); }",
  promises: "const a = []; for (;;) a.push(new Promise(() => {}));",
  jobs: "for (;;) Promise.resolve().then(() => {});",
  "async calls": "const f = async () => { await new Promise(() => {}); }; for (;;) f();",
  symbols: "const a = []; for (let i = 0; ; i++) a.push(Symbol('s' + i));",
  "registered symbols": "for (let i = 0; ; i++) Symbol.for('s' + i + 'x'.repeat(500));",
  "big integers": "let n = 3n; for (;;) n *= n;",
  errors: "const a = []; for (;;) a.push(new Error('e'.repeat(1000)));",
  patterns: "const a = []; for (let i = 0; ; i++) a.push(new RegExp('(a|b){1,50}' + i));",
  proxies: "let p = {}; const all = []; for (;;) all.push(p = new Proxy(p, {}));",
  classes: "let C = Object; for (;;) C = class extends C { m() {} };",
  "bound functions": "let f = () => {}; const all = []; for (;;) all.push(f = f.bind(null, 1, 2, 3));",
  state: "for (let i = 0; ; i++) room.state['k' + i] = 'x'.repeat(1000);",
  globals: "for (let i = 0; ; i++) globalThis['g' + i] = new Array(1000).fill(i);",
  "memory that runs out and is caught":
    "const a = []; for (;;) { try { for (;;) a.push(new Array(10000).fill(1)); } catch {} }",
};

/** Small and slow enough that memory ends before time does. */
const settings = { limits: { memory: 20 * 1024 * 1024, cpuPerEvent: 500, cpuHard: 1000 } };

export const memory: readonly Hostile[] = [
  ...allOf("memory by", hogs, { must: "handler_failed", settings }),
  {
    name: "memory at the top level",
    top: "const a = []; for (;;) a.push(new Array(10000).fill(1));",
    must: "unloadable",
    settings,
  },
  {
    name: "memory in state",
    more: "state() { const a = []; for (;;) a.push(new Array(10000).fill(1)); },",
    must: "join: handler_failed",
    settings,
  },
  {
    name: "memory that stays from event to event",
    top: "const kept = []; let rounds = 0;",
    settings,
    code: "for (let i = 0; i < 2000; i++) kept.push(new Array(1000).fill(i)); return 1;",
    must: "handler_failed",
  },
];
