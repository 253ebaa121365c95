import { afterAll, expect, test } from "bun:test";
import { BuildError } from "../../../src/core/errors.ts";
import type { Build } from "../../../src/core/ports/build.ts";
import { Builder, type CheckedBuild } from "../../../src/source/compile/builder.ts";
import { discover } from "../../../src/source/find/discovery.ts";
import { readSources } from "../../../src/source/read/sources.ts";
import { Stripper } from "../../../src/source/compile/stripper.ts";
import { type Files, TemporaryFolder } from "../folder.ts";

const stripper = new Stripper();
afterAll(() => stripper.close());

async function check(files: Files, builder = new Builder(stripper)): Promise<CheckedBuild> {
  using folder = new TemporaryFolder(files);
  const [found] = await discover(folder.path);
  if (!found) throw new Error("There is no application.");
  return await builder.build(found, await readSources(found));
}

async function build(files: Files, builder?: Builder): Promise<Build> {
  return (await check(files, builder)).build;
}

/** What `check` warns of in a build, with the word in quotes for the message. */
async function warnings(files: Files): Promise<string[]> {
  return (await check(files)).warnings.map(
    ({ position, message }) =>
      `${position.file} ${position.line}:${position.column} ${message.match(/"(.*?)"/)?.[1]}`,
  );
}

/** The error of a build as its author sees it. */
async function failure(files: Files): Promise<string> {
  const error = await build(files).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BuildError);
  return String(error);
}

test("a folder becomes plain JavaScript by path, its entries by what they are", async () => {
  const game = await build({
    "game/app.ts": "export default 1 as number;",
    "game/rooms/match.ts": 'import { size } from "../lib/board.ts";\nexport default size;',
    "game/rooms/hall.js": "export default 2;",
    "game/rooms/parts/x.ts": "export default 3;",
    "game/lib/board.ts": "export const size: number = 9;",
  });
  expect(game.application).toBe("game");
  expect(game.extension).toBe("app.ts");
  expect([...game.rooms]).toEqual([
    ["hall", "rooms/hall.js"],
    ["match", "rooms/match.ts"],
  ]);
  expect(game.files.get("lib/board.ts")).toBe("export const size         = 9;");
  expect(game.sources.get("lib/board.ts")).toBe("export const size: number = 9;");
  expect(game.settings.rooms).toBe("server");
});

test("a file is an application with one room type, and joining makes its rooms", async () => {
  const chat = await build({ "chat.ts": "export default 1;" });
  expect([...chat.rooms]).toEqual([["chat", "chat.ts"]]);
  expect(chat.extension).toBeUndefined();
  expect(chat.settings.rooms).toBe("join");
});

test("versions count builds, and name the content by its hash", async () => {
  const builder = new Builder(stripper);
  const first = await build({ "chat.ts": "export default 1;" }, builder);
  const second = await build({ "chat.ts": "export default 2;" }, builder);
  const third = await build({ "chat.ts": "export default 1;" }, builder);
  expect(first.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(first.version).toBe(`v1·${first.hash.slice(0, 6)}`);
  expect(second.version).toBe(`v2·${second.hash.slice(0, 6)}`);
  expect(third.version).toBe(`v3·${first.hash.slice(0, 6)}`);
});

test("the hash covers paths, contents and settings", async () => {
  const folders: Files[] = [
    { "a/app.ts": "1" },
    { "a/app.js": "1" },
    { "a/app.ts": "2" },
    { "a/app.ts": "1", "a/lib/x.ts": "" },
    { "a/app.ts": "1", "a/hotroom.json": "{}" },
    { "a/app.ts": "1", "a/hotroom.json": "{ }" },
  ];
  const hashes = await Promise.all(folders.map(async (files) => (await build(files)).hash));
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("a build that fails takes no number", async () => {
  const builder = new Builder(stripper);
  await build({ "chat.ts": "let x = ;" }, builder).catch(() => {});
  expect((await build({ "chat.ts": "let x = 1;" }, builder)).version).toStartWith("v1·");
});

test("JSON files are modules whose __proto__ is a key like any other", async () => {
  const words = '{ "__proto__": 1, "text": "\u2028" }';
  const game = await build({ "game/app.ts": "", "game/lib/words.json": words });
  const code = game.files.get("lib/words.json") ?? "";
  using folder = new TemporaryFolder({ "words.js": code });
  const { default: value } = await import(folder.join("words.js"));
  expect(value).toEqual(JSON.parse(words));
  expect(Object.keys(value)).toEqual(["__proto__", "text"]);
});

test("a byte order mark moves no column", async () => {
  expect(await failure({ "chat.ts": "\ufefflet x = ;" })).toBe(
    "chat.ts:1:9: Expression expected\n1 | let x = ;\n            ^",
  );
});

test("a syntax error says file, line and column, with the line and a caret", async () => {
  expect(await failure({ "game/app.ts": "", "game/lib/board.ts": "const a = 1;\r\nconst b = ;\r\n" })).toBe(
    "lib/board.ts:2:11: Expression expected\n2 | const b = ;\n              ^",
  );
});

test.each([
  ["a tab", "\tlet b = ;", 10],
  ["umlauts", "let a = 'äöü', b = ;", 20],
  ["emoji", "let a = '😀😀', b = ;", 21],
  ["wide characters", "let a = '漢字', b = ;", 19],
  ["combining characters", "let a = 'e\u0301', b = ;", 19],
])("columns count UTF-16 units after %s", async (_what, source, column) => {
  expect(await failure({ "chat.ts": source })).toStartWith(`chat.ts:1:${column}: `);
  expect(source[column - 1]).toBe(";");
});

test.each([
  ["enum Color { red }", 'Cannot use "enum"'],
  ["namespace A { export const b = 1; }", 'Cannot use "namespace"'],
  ["class A { constructor(private b: number) {} }", "Cannot use parameter properties"],
  ["const a = <number>b;", 'Cannot use "<Type>value"'],
  ["import a = require('b');", 'Cannot use "import … = require(…)"'],
  ["export = 1;", 'Cannot use "export ="'],
])("%s is refused with what to write instead", async (source, message) => {
  expect(await failure({ "chat.ts": `\n${source}` })).toMatch(
    new RegExp(`^chat\\.ts:2:\\d+: ${RegExp.escape(message)}`),
  );
});

test.each([
  [
    '{"limits":{"cpuPerEvent":"x"}}',
    '1:26: limits.cpuPerEvent: Invalid type: Expected number but received "x".',
  ],
  [
    '{\n  "limits": {\n    "memry": 1\n  }\n}',
    '3:5: limits.memry: there is no such setting. Did you mean "memory"?',
  ],
  ['\ufeff{"room":"join"}', '1:2: room: there is no such setting. Did you mean "rooms"?'],
  ["[]", "1:1: Invalid type: Expected Object but received Array."],
  ["null", "1:1: Invalid type: Expected Object but received null."],
  [
    '{"reload":1,"rooms":"x",\n"zz":0}',
    '1:11: reload: Invalid type: Expected ("swap" | "pin") but received 1. 1:21: rooms: Invalid type: Expected ("join" | "client" | "server") but received "x". 2:1: zz: there is no such setting.',
  ],
  ['{"subscribe":true,"subscribe":0}', "1:31: subscribe: Invalid type: Expected boolean but received 0."],
])("an error in settings names file, place and key: %s", async (text, message) => {
  const told = await failure({ "game/app.ts": "", "game/hotroom.json": text });
  expect(told.split("\n")[0]).toBe(`hotroom.json:${message}`);
});

test.each([
  ['{\n  "rooms":\n}', "3:1: Invalid JSON: expected a value."],
  ['{ "rooms": "join", }', "1:20: Invalid JSON: expected a name in double quotes."],
  ['{ "rooms": "join" // why\n}', "1:19: Invalid JSON: JSON has no comments."],
  ["{ rooms: 1 }", "1:3: Invalid JSON: expected a name in double quotes."],
  ["{ \"rooms\": 'join' }", "1:12: Invalid JSON: texts have double quotes."],
  ['{ "rooms" 1 }', '1:11: Invalid JSON: expected ":".'],
  ['{ "a": [1 2] }', '1:11: Invalid JSON: expected "," or "]".'],
  ['{ "a": 1', "1:9: Invalid JSON: it ends too early."],
  ["{} {}", "1:4: Invalid JSON: expected the end of the file."],
  ['{ "a": 01 }', '1:9: Invalid JSON: expected "," or "}".'],
  ['{ "a": "\t" }', "1:8: Invalid JSON: expected a value."],
  [`${"[".repeat(400)}`, "1:401: Invalid JSON: it ends too early."],
  [`${"[".repeat(10_000)}`, "1:501: Invalid JSON: more than 500 brackets are open."],
  [`${'{"a":['.repeat(300)}${"]}".repeat(300)}`, "1:1501: Invalid JSON: more than 500 brackets are open."],
  ["", "1:1: Invalid JSON: it ends too early."],
])("JSON that is none says where", async (text, message) => {
  expect(await failure({ "game/app.ts": "", "game/hotroom.json": text })).toStartWith(
    `hotroom.json:${message}`,
  );
});

test("settings come with defaults filled in", async () => {
  const { settings } = await build({
    "game/app.ts": "",
    "game/hotroom.json": '{"limits":{"cpuPerEvent":5}}',
  });
  expect(settings.limits.cpuPerEvent).toBe(5);
  expect(settings.limits.cpuHard).toBe(500);
});

test("an application that is too large is refused", async () => {
  const files = { "game/app.ts": "x".repeat(60), "game/lib/a.ts": "x".repeat(60) };
  expect(await failure({ ...files, "game/hotroom.json": '{"limits":{"source":100}}' })).toBe(
    'Application "game" is too large: its source files have 120 bytes, limits.source allows 100.',
  );
  expect(await failure({ "chat.ts": "x".repeat(600_000) })).toContain(
    "600000 bytes, limits.source allows 524288",
  );
});

test("a file that is no UTF-8 text is named", async () => {
  using folder = new TemporaryFolder({ "chat.ts": "" });
  await Bun.write(folder.join("chat.ts"), new Uint8Array([0x61, 0xff]));
  const [found] = await discover(folder.path);
  if (!found) throw new Error("There is no application.");
  expect(readSources(found)).rejects.toThrow("Cannot read chat.ts: it is not UTF-8 text.");
});

test.each([
  ["./bord.ts", 'there is no such file in the application. Did you mean "./board.ts"?'],
  ["../public/main.ts", "what lies in public/ is for browsers. What scripts and pages share lies in lib/."],
  ["./nothing-like-it.ts", "there is no such file in the application."],
  ["../rooms/mtch.ts", 'there is no such file in the application. Did you mean "../rooms/match.ts"?'],
  ["../../chat.ts", "it is outside of the application's folder."],
])("import of %s", async (specifier, message) => {
  const files = { "game/rooms/match.ts": "", "game/lib/board.ts": "" };
  const told = await failure({
    ...files,
    "game/lib/rules.ts": `// first\nimport { a } from "${specifier}";`,
  });
  expect(told).toStartWith(`lib/rules.ts:2:19: Cannot import "${specifier}": ${message}`);
});

test("an application in one file is told how to have another one", async () => {
  const told = await failure({ "chat.ts": `import words from "./words.json";`, "words.json": "[]" });
  expect(told).toStartWith(
    `chat.ts:1:19: Cannot import "./words.json": an application in one file has no other`,
  );
  expect(told).toContain(`"hotroom grow" makes a folder of it.`);
});

test("imports of types leave no trace, and what only looks like an import is none", async () => {
  const game = await build({
    "game/app.ts": [
      'import type { A } from "./types.d.ts";',
      'import { b, type C } from "./lib/b.ts"; import * as v from "valibot"; import d, { e } from "./lib/b.ts";',
      'import "./lib/b"; export * from "./lib/b.js"; export { b as f } from "./lib/b.ts";',
      '// import "./no.ts"',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source that has the template
      "const text = 'import \"./no.ts\"', template = `import './no.ts' ${`export * from './no.ts'`}`;",
      "const pattern = /import '.\\/no.ts'/; const half = text.length / 2; const later = () => import('./no.ts');",
      "export { text, pattern, half, later };",
    ].join("\n"),
    "game/lib/b.ts": "export const b = 1, e = 2; export type C = 3; export default 4;",
  });
  expect(game.version).toStartWith("v1·");
});

test("variables of modules that can change are warned of, by position", async () => {
  const found = await warnings({
    "game/app.ts": [
      "let count: number = 0;",
      "export var last = '';",
      "let { a, b: [c], ...rest } = load();",
      "const seats = new Map<string, number>();",
      "const list: string[] = []; const map = {};",
      "const table = { a: 1 }, names = ['x'], copy = [].concat(1), known = new Set(['a']);",
      "const text = 'let x = 1'; // let y = 2",
      "for (let i = 0; i < 3; i++) { let inner = i; }",
      "function load(): any { var inner; return inner; }",
      "export default 1;",
    ].join("\n"),
  });
  expect(found).toEqual([
    "app.ts 1:5 count",
    "app.ts 2:12 last",
    "app.ts 3:7 a",
    "app.ts 3:14 c",
    "app.ts 3:21 rest",
    "app.ts 4:7 seats",
    "app.ts 5:7 list",
    "app.ts 5:34 map",
  ]);
});

test("promises that nobody waits for are warned of, where it is certain that they are promises", async () => {
  const found = await warnings({
    "game/app.ts": [
      "async function save(n: number): Promise<void> {}",
      "export const load = async <T>(x: T) => x;",
      "const send = async function () {}, other = 1;",
      "declare const async: any; const one = async (1);",
      "async function* all() {}",
      "const handlers = {",
      "  join() { save(1); },",
      "  leave() { if (other) load(2); else load({ a: [3] }) },",
      "  async tick() {",
      "    send()",
      "    await save(4);",
      "    const waiting = save(5); void save(6); load(7).catch(() => {}); return save(8);",
      "  },",
      "  arrow: () => save(9),",
      "  load() { one(10); all(); this.save(11); },",
      "  close: async () => { await Promise.all([save(12), load(13)]);",
      "    save(14)",
      "    .catch(() => {}) },",
      "};",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source that has the template
      "const text = `${save(15)}`;",
      "save(16)",
    ].join("\n"),
    "game/lib/shadows.ts": [
      "async function given() {} const parameter = (given) => { given(); };",
      "async function again() {} function inner() { function again() {} again(); }",
      "const taken = async () => {}; function other({ taken }) { taken(); }",
      "async function replaced() {} replaced = () => {}; replaced();",
      "async function caught() {} try {} catch (caught) { caught(); }",
      "async function local() {} { const local = () => {}; local(); }",
    ].join("\n"),
  });
  expect(found).toEqual([
    "app.ts 7:12 save()",
    "app.ts 8:24 load()",
    "app.ts 8:38 load()",
    "app.ts 10:5 send()",
    "app.ts 21:1 save()",
  ]);
});
