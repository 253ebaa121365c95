/** Built-ins that run for long or without end and are not polled while they do: only the watchdog can end them. */
import { allOf, type Hostile } from "../hostile.ts";

/** Their host is killed, at the hard limit. */
const endless = {
  "indexOf over 2**53": "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);",
  "copyWithin over 2**40": "Array.prototype.copyWithin.call({ length: 2 ** 40 }, 0, 1);",
  "join of 2**32-1 holes": "Array(2 ** 32 - 1).join();",
  "indexOf of one long text in another": "'a'.repeat(1e7).indexOf('a'.repeat(5e6) + 'b');",
  "a native in a job": "await 0; Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);",
};

/** Memory or what a value may be ends them, or they have taken far longer than an event may when they come back. */
const costly = {
  "a graph written as a tree": "let a = []; for (let i = 0; i < 40; i++) a = [a, a]; return a;",
  "a graph flattened":
    "let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; return a.flat(Infinity).length;",
  "a graph joined": "let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; return String(a).length;",
  "repeat to 2**30": "return 'x'.repeat(2 ** 30 - 100).length;",
  "padEnd to 2**29": "return ''.padEnd(2 ** 29, 'xy').length;",
  "a power of big integers": "return String(9n ** (9n ** 8n)).length;",
  "a big integer of text": "return (BigInt('9'.repeat(200000)) ** 3n) % 7n === 0n;",
  "a sort of numbers":
    "return Float64Array.from({ length: 10000 }, (_, i) => -i).toSorted().length && new Float64Array(4e6).map(Math.random).sort().length;",
  "a sort of texts": "return new Array(2e6).fill('same text').sort().length;",
  "an array of 2**32-1 spread": "return [...Array(2 ** 32 - 1)];",
  "fill of 2**32-1": "return Array(2 ** 32 - 1).fill(0).length;",
  "toSpliced of 2**31": "return Array.prototype.toSpliced.call({ length: 2 ** 31 }, 0, 0).length;",
  "arguments without end": "return Math.max.apply(null, { length: 2 ** 31 });",
  "Reflect.apply without end": "return Reflect.apply(() => {}, null, { length: 1e9 });",
  "normalize of a long text": "return '\\u1e9b\\u0323'.repeat(3e6).normalize('NFKD').length;",
  "encodeURIComponent of a long text": "return encodeURIComponent('€'.repeat(5e6)).length;",
  "split of a long text": "return 'a'.repeat(2e7).split('').length;",
  "replaceAll of a long text": "return 'a'.repeat(1e7).replaceAll('a', 'bbbbbbbb').length;",
  "JSON of a long text": "return JSON.parse('[' + '1,'.repeat(5e6) + '1]').length;",
  "Object.fromEntries of many":
    "return Object.keys(Object.fromEntries(Array.from({ length: 1e6 }, (_, i) => ['k' + i, i]))).length;",
  "a pattern over a long text": "return /(?:x+x+)+y/.test('x'.repeat(30000));",
  "localeCompare of long texts": "const t = 'ä'.repeat(1e7); return t.localeCompare(t + 'x');",
};

const unpolled = "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);";

const elsewhere: readonly Hostile[] = [
  {
    name: "unpolled top level",
    top: unpolled,
    must: "unloadable",
    settings: { limits: { load: 100, cpuHard: 200 } },
  },
  { name: "unpolled state", more: `state() { ${unpolled} },`, must: "join: handler_failed" },
  { name: "unpolled init", more: `events: { init() { ${unpolled} } },`, must: "join: handler_failed" },
  { name: "unpolled join", more: `events: { join() { ${unpolled} } },`, must: "join: handler_failed" },
  {
    name: "unpolled message of an error",
    code: `throw { get message() { ${unpolled} } };`,
    must: "handler_failed",
  },
  {
    name: "unpolled three times",
    code: unpolled,
    times: 3,
    must: "handler_failed",
    log: /without an answer/,
    after: "barred",
  },
];

export const natives: readonly Hostile[] = [
  ...elsewhere,
  // Others above have the usual half second.
  ...allOf("unpolled:", endless, {
    must: "handler_failed",
    log: /without an answer/,
    settings: { limits: { cpuHard: 200 } },
  }),
  ...allOf("costly:", costly, { must: "handler_failed" }),
];
