/** Packages that applications import: found as Node finds them, read whole, refused where no sandbox can run them. */
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BuildError } from "../../../src/core/errors.ts";
import type { Build } from "../../../src/core/ports/build.ts";
import { Builder } from "../../../src/source/compile/builder.ts";
import { Stripper } from "../../../src/source/compile/stripper.ts";
import { discover } from "../../../src/source/find/discovery.ts";
import { readSources } from "../../../src/source/read/sources.ts";
import { type Files, TemporaryFolder } from "../folder.ts";

const stripper = new Stripper();
afterAll(() => stripper.close());

async function buildIn(folder: TemporaryFolder, name: string): Promise<Build> {
  const found = (await discover(folder.path)).find((each) => each.name === name);
  if (!found) throw new Error(`There is no application ${name}.`);
  return (await new Builder(stripper).build(found, await readSources(found))).build;
}

async function build(files: Files, name = "game"): Promise<Build> {
  using folder = new TemporaryFolder(files);
  return await buildIn(folder, name);
}

async function failure(files: Files): Promise<string> {
  const error = await build(files).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BuildError);
  return String(error);
}

/** `~` for `*`, which would begin a comment to the tests of the house. */
const json = (value: object) => JSON.stringify(value).replaceAll("~", "*");
const MODULE = { type: "module" };
const game = (specifier: string): Files => ({ "game/rooms/match.ts": `import * as it from "${specifier}";` });

test.each<[string, Files, string, string]>([
  ["by exports", { "package.json": json({ ...MODULE, exports: "./it.js" }), "it.js": "" }, "dice", "it.js"],
  ["by main", { "package.json": json({ ...MODULE, main: "lib/it" }), "lib/it.js": "" }, "dice", "lib/it.js"],
  ["by index.js", { "package.json": json(MODULE), "index.js": "" }, "dice", "index.js"],
  [
    "a subpath by exports",
    { "package.json": json({ ...MODULE, exports: { "./~": "./src/~.js" } }), "src/six.js": "" },
    "dice/six",
    "src/six.js",
  ],
  [
    "a file by its path, where nothing is said",
    { "package.json": json(MODULE), "six.js": "" },
    "dice/six.js",
    "six.js",
  ],
  [
    "a data file",
    { "package.json": json({ exports: { "./w": "./w.json" } }), "w.json": "[1]" },
    "dice/w",
    "w.json",
  ],
  [
    "types are stripped",
    {
      "package.json": json({ ...MODULE, exports: { hotroom: "./it.ts" } }),
      "it.ts": "export const a: number = 1;",
    },
    "dice",
    "it.ts",
  ],
  [
    "a module by its ending",
    { "package.json": json({ main: "it.mjs" }), "it.mjs": "export {};" },
    "dice",
    "it.mjs",
  ],
  [
    "a module by what it holds",
    { "package.json": "{}", "index.js": "export const a = 1;" },
    "dice",
    "index.js",
  ],
])("%s", async (_, files, specifier, path) => {
  const inPackage = Object.entries(files).map(([name, text]) => [`game/node_modules/dice/${name}`, text]);
  const built = await build({ ...game(specifier), ...Object.fromEntries(inPackage) });
  expect(built.imports).toEqual([["rooms/match.ts", specifier, `node_modules/dice/${path}`]]);
  expect(built.files.has(`node_modules/dice/${path}`)).toBe(true);
});

test("the application's packages come before those of the extensions folder, and packages see those around them", async () => {
  const version = (folder: string, imports = "") => ({
    [`${folder}/package.json`]: json(MODULE),
    [`${folder}/index.js`]: `${imports}export default "${folder}";`,
  });
  const built = await build({
    "game/app.ts": 'import a from "a"; import c from "@s/c";',
    ...version("game/node_modules/a", 'import b from "b"; import "./more.js"; import "hotroom";'),
    "game/node_modules/a/more.js": "",
    ...version("game/node_modules/a/node_modules/b"),
    ...version("node_modules/a"),
    ...version("node_modules/b"),
    ...version("node_modules/@s/c", 'import b from "b";'),
  });
  expect(new Set(built.imports?.map(([from, specifier, path]) => `${from}: ${specifier} → ${path}`))).toEqual(
    new Set([
      "app.ts: a → node_modules/a/index.js",
      "app.ts: @s/c → ../node_modules/@s/c/index.js",
      "node_modules/a/index.js: b → node_modules/a/node_modules/b/index.js",
      "node_modules/a/index.js: ./more.js → node_modules/a/more.js",
      "../node_modules/@s/c/index.js: b → ../node_modules/b/index.js",
    ]),
  );
});

test("a package imports itself by name, and what it keeps for itself by #", async () => {
  const built = await build({
    ...game("dice"),
    "node_modules/dice/package.json": json({
      ...MODULE,
      name: "dice",
      exports: { ".": "./index.js", "./six": "./six.js" },
      imports: { "#inner": "./inner.js", "#other": "other" },
    }),
    "node_modules/dice/index.js": 'import "dice/six"; import "#inner"; import "#other";',
    "node_modules/dice/six.js": "",
    "node_modules/dice/inner.js": "",
    "node_modules/other/package.json": json(MODULE),
    "node_modules/other/index.js": "",
  });
  expect([...built.files.keys()].filter((path) => path.startsWith("../")).sort()).toEqual([
    "../node_modules/dice/index.js",
    "../node_modules/dice/inner.js",
    "../node_modules/dice/six.js",
    "../node_modules/other/index.js",
  ]);
});

test("an application in one file has the packages of the extensions folder", async () => {
  const files = {
    "chat.ts": 'import "dice";',
    "node_modules/dice/package.json": json(MODULE),
    "node_modules/dice/index.js": "",
  };
  const built = await build(files, "chat");
  expect(built.imports).toEqual([["chat.ts", "dice", "node_modules/dice/index.js"]]);
  expect([...built.rooms]).toEqual([["chat", "chat.ts"]]);
});

test("links are followed inside of the extensions folder, as installers make them, and not out of it", async () => {
  using folder = new TemporaryFolder({
    ...game("dice"),
    "node_modules/.store/dice@1/package.json": json(MODULE),
    "node_modules/.store/dice@1/index.js": "",
  });
  mkdirSync(folder.join("game/node_modules"), { recursive: true });
  symlinkSync("../../node_modules/.store/dice@1", folder.join("game/node_modules/dice"));
  const built = await buildIn(folder, "game");
  expect(built.imports).toEqual([["rooms/match.ts", "dice", "../node_modules/.store/dice@1/index.js"]]);

  using outside = new TemporaryFolder({
    "package.json": json(MODULE),
    "index.js": "export default 'secret';",
  });
  using other = new TemporaryFolder(game("dice"));
  mkdirSync(other.join("game/node_modules"), { recursive: true });
  symlinkSync(outside.path, other.join("game/node_modules/dice"));
  expect(buildIn(other, "game")).rejects.toThrow("is a link that leads out of the extensions folder");
  using third = new TemporaryFolder({ ...game("dice"), "game/node_modules/dice/package.json": json(MODULE) });
  symlinkSync(outside.join("index.js"), third.join("game/node_modules/dice/index.js"));
  expect(buildIn(third, "game")).rejects.toThrow("is a link that leads out of the extensions folder");
});

test.each<[string, Files, string, string]>([
  ["what is not installed", {}, "lodash", "there is no such package in node_modules"],
  ["parts of Node", {}, "node:fs", "it is a part of Node, and a script has no files"],
  ["parts of Node by their old names", {}, "fs/promises", "it is a part of Node"],
  ["addresses", {}, "https://x.example/y.js", "only packages that are installed"],
  ["absolute paths", {}, "/etc/passwd", "that is no name of a package"],
  ["hidden folders", {}, ".bin/x", "that is no name of a package"],
  [
    "CommonJS by its type",
    { "package.json": json({ type: "commonjs" }), "index.js": "export {};" },
    "dice",
    "is CommonJS",
  ],
  [
    "CommonJS by its ending",
    { "package.json": json({ main: "a.cjs" }), "a.cjs": "" },
    "dice",
    "it is CommonJS",
  ],
  [
    "CommonJS by what it holds",
    { "package.json": "{}", "index.js": "module.exports = 1;" },
    "dice",
    "is CommonJS",
  ],
  [
    "what is not exported",
    { "package.json": json({ exports: { "./a": "./a.js" } }) },
    "dice",
    "its package.json exports nothing for an import",
  ],
  [
    "a subpath that is not exported",
    { "package.json": json({ exports: "./a.js" }) },
    "dice/b",
    "its package.json does not export ./b",
  ],
  [
    "a target that is not there",
    { "package.json": json({ exports: "./a.js" }) },
    "dice",
    "there is no file game/node_modules/dice/a.js",
  ],
  [
    "a target out of the package",
    { "package.json": json({ exports: "./../../rooms/match.ts" }) },
    "dice",
    "which is outside of the package",
  ],
  [
    "a target in another package",
    { "package.json": json({ exports: "./node_modules/x/a.js" }) },
    "dice",
    "which is outside of the package",
  ],
  [
    "what is no script",
    { "package.json": json({ exports: "./a.wasm" }), "a.wasm": "" },
    "dice",
    'it is no script but a file of the kind ".wasm"',
  ],
  [
    "a subpath that climbs",
    { "package.json": json(MODULE) },
    "dice/../../app.ts",
    "which is outside of the package",
  ],
])("refused: %s", async (_, files, specifier, message) => {
  const inPackage = Object.entries(files).map(([name, text]) => [`game/node_modules/dice/${name}`, text]);
  const told = await failure({ ...game(specifier), ...Object.fromEntries(inPackage) });
  expect(told).toStartWith(`rooms/match.ts:1:21: Cannot import ${JSON.stringify(specifier)}: `);
  expect(told).toContain(message);
});

test("what a package imports in vain is told in the package, and its mistakes are", async () => {
  const dice = (source: string) => ({
    ...game("dice"),
    "node_modules/dice/package.json": json(MODULE),
    "node_modules/dice/index.js": source,
  });
  expect(await failure(dice('export {};\nimport { readFile } from "node:fs";'))).toStartWith(
    '../node_modules/dice/index.js:2:26: Cannot import "node:fs": it is a part of Node, and a script has no files, no network and no processes.',
  );
  expect(await failure(dice('import "../other/index.js";'))).toContain("it is outside of its package.");
  expect(await failure({ ...dice(""), "node_modules/dice/package.json": "{" })).toContain(
    "node_modules/dice/package.json:1:2: Invalid JSON",
  );
  const deep = `{"a":${"[".repeat(600)}${"]".repeat(600)}}`;
  expect(await failure({ ...dice(""), "node_modules/dice/package.json": deep })).toContain(
    "more than 500 brackets",
  );
});

test("packages have limits of their own, and count for no other", async () => {
  const module = (size: number) => ({
    ...game("dice"),
    "game/hotroom.json": json({ limits: { source: 1000 } }),
    "node_modules/dice/package.json": json(MODULE),
    "node_modules/dice/index.js": `import "./more.js"; // ${"x".repeat(size)}`,
    "node_modules/dice/more.js": `// ${"x".repeat(size)}`,
  });
  await build(module(1_000_000));
  expect(await failure(module(2_200_000))).toContain("their source files may have 4194304 bytes together");
  const large = {
    ...module(10),
    "node_modules/dice/package.json": json({ ...MODULE, x: "x".repeat(300_000) }),
  };
  expect(await failure(large)).toContain("package.json is too large: 300");
});

test("what packages have beside their source is bounded", async () => {
  const packages = (count: number, text: string): Files =>
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => [
        [`node_modules/p${n}/package.json`, text],
        [`node_modules/p${n}/index.js`, "export {};"],
      ]).flat(),
    );
  const all = (count: number) => Array.from({ length: count }, (_, n) => `import "p${n}";`).join("\n");
  const large = { "game/app.ts": all(12), ...packages(12, json({ ...MODULE, x: "x".repeat(200_000) })) };
  expect(await failure(large)).toContain("their package.json may have 2097152 bytes together");
  const long = `dice/${"a".repeat(2000)}`;
  expect(await failure({ "game/app.ts": `import "${long}";` })).toContain("that is too long");
  // Each file is looked for in each of the folders above.
  const deep = `node_modules/p0/${"d/".repeat(200)}index.js`;
  const far = {
    ...packages(200, json(MODULE)),
    [deep]: all(200),
    "game/app.ts": `import "p0/${"d/".repeat(200)}index.js";`,
  };
  expect(await failure(far)).toContain("lie in too many places");
});

test("what a package holds is part of the version, and nothing else in node_modules is", async () => {
  using folder = new TemporaryFolder({
    ...game("dice"),
    "node_modules/dice/package.json": json(MODULE),
    "node_modules/dice/index.js": "export default 6;",
  });
  const first = await buildIn(folder, "game");
  const write = (path: string, text: string) => {
    mkdirSync(dirname(folder.join(path)), { recursive: true });
    writeFileSync(folder.join(path), text);
  };
  write(join("node_modules/unused/index.js"), "export default 1;");
  expect((await buildIn(folder, "game")).hash).toBe(first.hash);
  write("node_modules/dice/index.js", "export default 8;");
  expect((await buildIn(folder, "game")).hash).not.toBe(first.hash);
});
