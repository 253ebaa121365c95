/** What scripts have of the standards that browsers share: checked against the same of this runtime. */
import { expect, test } from "bun:test";
import { limits, message, Stage } from "./stage.ts";

/** What is compared takes its time in a cold engine, and is not about time. */
const slow = { limits: { ...limits, cpuPerEvent: 1000 } };

/** Returns what expressions come to in a script, and in this runtime. */
async function both(...expressions: string[]): Promise<[sandbox: unknown, here: unknown]> {
  const guarded = expressions.map(
    (each) => `(() => { try { return ${each}; } catch (error) { return error.name; } })()`,
  );
  const stage = await Stage.room(`messages: { ${guarded.map((each, i) => `ask${i}: () => ${each}`)} }`, slow);
  const results = await stage.play(...guarded.map((_, i) => message(`ask${i}`)));
  const failed = results.find(({ failure }) => failure);
  if (failed) throw new Error(failed.failure?.detail);
  return [
    results.map(({ value }) => value),
    JSON.parse(JSON.stringify(new Function(`return [${guarded}]`)())),
  ];
}

const bytes = (list: string, ...options: string[]) =>
  `new TextDecoder("utf-8"${options.map((each) => `, ${each}`).join("")}).decode(new Uint8Array([${list}]))`;

test("TextEncoder writes UTF-8", async () => {
  const [sandbox, here] = await both(
    `[...new TextEncoder().encode("aé€😀\\0\\ud800x\\udc00")]`,
    `[...new TextEncoder().encode()]`,
    `[...new TextEncoder().encode(5)]`,
    `new TextEncoder().encoding`,
    `new TextEncoder().encodeInto("é€😀", new Uint8Array(6))`,
    `(() => { const to = new Uint8Array(9); return [new TextEncoder().encodeInto("aé€😀", to.subarray(1)), [...to]]; })()`,
  );
  expect(sandbox).toEqual(here);
});

test("TextDecoder reads UTF-8, and says what it can't read", async () => {
  const broken = [
    "0xff, 65",
    "0xc0, 0x80",
    "0xe2, 0x82, 65",
    "0xe0, 0x80, 0x80",
    "0xed, 0xa0, 0x80",
    "0xf0, 0x9f, 0x98",
    "0xf4, 0x90, 0x80, 0x80",
    "0xf5, 65",
    "65, 0x80, 0xf0, 0x9f, 0x98, 0x80, 0xe2",
  ];
  const [sandbox, here] = await both(
    ...broken.map((each) => bytes(each)),
    ...broken.map((each) => bytes(each, "{ fatal: true }")),
    bytes("0xef, 0xbb, 0xbf, 65"),
    bytes("0xef, 0xbb, 0xbf, 65", "{ ignoreBOM: true }"),
    bytes("240, 159, 152, 128, 226, 130, 172, 195, 169, 0, 97"),
    `new TextDecoder(" UTF8\\n").encoding`,
    `[new TextDecoder().fatal, new TextDecoder("utf-8", { ignoreBOM: 1 }).ignoreBOM]`,
    `new TextDecoder("no such")`,
    `new TextDecoder().decode("text")`,
    `new TextDecoder().decode()`,
    `new TextDecoder().decode(new DataView(new Uint8Array([65, 66, 67]).buffer, 1))`,
    `new TextDecoder().decode(new Uint8Array([65, 66]).buffer)`,
    `(() => { const big = "aé€😀".repeat(900); return new TextDecoder().decode(new TextEncoder().encode(big)) === big; })()`,
  );
  expect(sandbox).toEqual(here);
});

test("other encodings do not exist", async () => {
  const stage = await Stage.room(`messages: { ask: () => { new TextDecoder("latin1"); } }`);
  const { failure } = await stage.message("ask");
  expect(failure?.detail).toContain(
    'RangeError: TextDecoder: the encoding "latin1" does not exist in a script, which knows utf-8 only',
  );
});

test("a text comes in pieces, cut anywhere", async () => {
  const whole = "[0xef, 0xbb, 0xbf, 97, 195, 169, 0xe0, 0x80, 226, 130, 172, 240, 159, 152, 128, 0xf0, 0x9f]";
  const cut = (size: number) =>
    `(() => { const all = ${whole}, decoder = new TextDecoder(), told = [];
      for (let at = 0; at < all.length; at += ${size}) told.push(decoder.decode(new Uint8Array(all.slice(at, at + ${size})), { stream: true }));
      told.push(decoder.decode());
      return told; })()`;
  const [sandbox, here] = await both(...[1, 2, 3, 4, 5, 7].map(cut));
  expect(sandbox).toEqual(here);
});

test("btoa and atob make base64 of bytes, and bytes of it", async () => {
  const [sandbox, here] = await both(
    ...["", "a", "ab", "abc", "\\xff\\0\\x80", "hello world"].map((text) => `btoa("${text}")`),
    `btoa("€")`,
    `btoa(null)`,
    ...[
      "",
      "YQ==",
      "YQ",
      " Y W\\tI = ",
      "YWJj",
      "YWJjZA",
      "a",
      "YQ=",
      "YQ===",
      "Y=Q=",
      "Y-Q_",
      "=",
      "====",
    ].map((text) => `atob("${text}")`),
    `atob(btoa(String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i)))).length`,
  );
  expect(sandbox).toEqual(here);
});

test("what is long is recoded as what is short", async () => {
  // Bytes of all kinds, of which some are UTF-8, some begin it, and some are zero.
  const bytes = (seed: number, length: number) => `(() => {
    let state = ${seed};
    const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8;
    const pieces = ["a", "é", "€", "😀", "\\xff", "\\xe2\\x82", "\\xf0\\x9f", "\\xed\\xa0\\x80", "\\x80", "\\0", "\\xc0\\xaf"].slice(0, 4 + (${seed} % 8));
    const list = [];
    while (list.length < ${length}) {
      const piece = pieces[next() % pieces.length];
      const whole = piece > "\\xff" || piece === "é" ? unescape(encodeURIComponent(piece)) : piece;
      for (let i = 0; i < whole.length; i++) list.push(whole.charCodeAt(i));
    }
    return new Uint8Array(list);
  })()`;
  const hash = (text: string) =>
    `((text) => { let sum = text.length; for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0; return sum; })(${text})`;
  const decoded = Array.from({ length: 24 }, (_, i) => [
    hash(`new TextDecoder().decode(${bytes(i, 32 + 9 * i)})`),
    hash(`new TextDecoder("utf-8", { fatal: true }).decode(${bytes(i, 32 + 9 * i)}.subarray(1))`),
  ]);
  const long = `"aé€😀\\0".repeat(70000)`;
  const binary = `"\\xff\\0a\\x80".repeat(70000)`;
  const [sandbox, here] = await both(
    ...decoded.flat(),
    `[0, 1, 2].map((at) => { const text = ${long}.slice(at); return new TextDecoder().decode(new TextEncoder().encode(text)) === text; })`,
    `new TextEncoder().encode(${long}).length`,
    `new TextEncoder().encodeInto("aé€😀".repeat(20), new Uint8Array(199))`,
    `new TextEncoder().encodeInto("aé€😀".repeat(20), new Uint8Array(201))`,
    `(() => { const to = new Uint8Array(70); new TextEncoder().encodeInto("aé€".repeat(11), to.subarray(2)); return [...to]; })()`,
    `new TextEncoder().encode("\\ud800x".repeat(20)).join()`,
    `[0, 1, 2].map((at) => { const text = ${binary}.slice(at); return atob(btoa(text)) === text; })`,
    hash(`btoa(${binary}.slice(0, 5000))`),
    `btoa("€".repeat(40))`,
    ...["", "=", "==", "A", "A=", "A==", "AB", "AB=", "AB==", "ABC=", "ABC==", "A=B=", "A*"].flatMap(
      (end) => [`atob("abcd".repeat(9) + "${end}")`, `atob("ab\\ncd ".repeat(9) + "${end} ")`],
    ),
  );
  expect(sandbox).toEqual(here);
});

test("structuredClone copies what the language has", async () => {
  const shown = (made: string, look: string) =>
    `(() => { const it = structuredClone(${made}); return ${look}; })()`;
  const [sandbox, here] = await both(
    shown(
      `{ a: [1, , { b: null }], c: undefined, d: -0, e: 5n }`,
      `[Object.keys(it), it.a.length, 1 in it.a, it.a[2], Object.is(it.d, -0), typeof it.e]`,
    ),
    shown(`JSON.parse('{ "__proto__": { "x": 1 } }')`, `[Object.keys(it), it.x]`),
    shown(`new Date(5)`, `[it instanceof Date, it.getTime()]`),
    shown(`/a(b)/giu`, `[it instanceof RegExp, it.source, it.flags, it.lastIndex]`),
    shown(
      `new Map([[{ k: 1 }, new Set([1, "2"])]])`,
      `[it instanceof Map, [...it.keys()], [...[...it.values()][0]]]`,
    ),
    shown(
      `(() => { const a = { name: "a" }; a.self = a; a.list = [a]; return a; })()`,
      `[it.self === it, it.list[0] === it]`,
    ),
    shown(`Object("x")`, `[typeof it, it.valueOf()]`),
    shown(`new RangeError("far", { cause: { at: 1 } })`, `[it instanceof RangeError, it.message, it.name]`),
    shown(
      `new Uint16Array([1, 2, 3]).subarray(1)`,
      `[it instanceof Uint16Array, [...it], it.buffer.byteLength]`,
    ),
    shown(`new DataView(new ArrayBuffer(8), 2, 4)`, `[it.byteOffset, it.byteLength]`),
    shown(`(() => { const b = new Uint8Array([7]); return [b, b.buffer]; })()`, `it[0].buffer === it[1]`),
    shown(`new (class Point { x = 1; get y() { return 2; } })()`, `[it.constructor === Object, it]`),
    shown(
      `Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true }, hidden: { value: 3 } })`,
      `it`,
    ),
    shown(`Array.from({ length: 50 }, (_, i) => i)`, `it`),
    shown(
      `(() => { const a = [1, , 3]; a.named = { x: 1 }; return a; })()`,
      `[Object.keys(it), it.length, it.named]`,
    ),
    shown(
      `({ get first() { delete this.second; return 1; }, second: 2, third: undefined, toString: 3 })`,
      `[Object.keys(it), it.toString]`,
    ),
    `structuredClone([1, 2, Symbol("s")])`,
    `structuredClone([() => {}])`,
    `structuredClone(() => {})`,
    `structuredClone({ a: Symbol("s") })`,
    `structuredClone(new WeakMap())`,
    `structuredClone(Promise.resolve())`,
    `(() => { const b = new ArrayBuffer(3); const it = structuredClone({ b }, { transfer: [b] }); return [b.byteLength, it.b.byteLength]; })()`,
    `structuredClone(1, { transfer: [{}] })`,
    `(() => { let deep = {}; for (let i = 0; i < 1000; i++) deep = { deep }; return typeof structuredClone(deep); })()`,
  );
  expect(sandbox).toEqual(here);
});

test("what scripts do to prototypes changes nothing, and shows nothing", async () => {
  const stage = await Stage.room(
    `messages: { ask() {
      let seen = "";
      const given = { map: new Map([[1, 2]]), date: new Date(), wrong: new RangeError("x") };
      const changed = [Uint8Array.prototype, Object.getPrototypeOf(Uint8Array.prototype), ArrayBuffer.prototype, String.prototype, Map.prototype, Array.prototype, Object.prototype];
      const named = ["length", "set", "subarray", "slice", "buffer", "byteLength", "constructor", "charCodeAt", "0", "value"];
      const undone = [];
      for (const prototype of changed) for (const key of named) {
        const before = Object.getOwnPropertyDescriptor(prototype, key);
        if (before?.configurable === false) continue;
        const property = { __proto__: null, get() { seen += key + " "; }, set() { seen += key + " "; }, configurable: true };
        undone[undone.length] = () => { delete prototype[key]; if (before) Object.defineProperty(prototype, key, Object.setPrototypeOf(before, null)); };
        Object.defineProperty(prototype, key, property);
      }
      const text = "aé€ and more than is looked at one by one 😀";
      const bytes = new TextEncoder().encode(text);
      const same = new TextDecoder().decode(bytes) === text;
      const uuid = crypto.randomUUID();
      crypto.getRandomValues(bytes);
      structuredClone([bytes, given]);
      const back = atob(btoa("abc, and as often as it takes"));
      Math.random();
      for (let i = undone.length; i-- > 0; ) undone[i]();
      return [same, uuid.length, back, seen];
    } }`,
  );
  const { value, failure } = await stage.message("ask");
  expect(failure).toBeUndefined();
  expect(value).toEqual([true, 36, "abc, and as often as it takes", ""]);
});
