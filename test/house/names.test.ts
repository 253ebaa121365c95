/** What files, classes and constants are called. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { code, files, lineAt, root, sources } from "./sources.ts";

/** Files that are named by more than the class in them, with the reason. */
const named: Record<string, string> = {
  "src/process/frame.ts": "a frame: how it is made, and FrameReader, which cuts a stream into them",
};

/** Tests of what users, runtimes or the whole house see; all others stand in a folder of src. */
const acrossFolders = /^test\/(e2e|extensions|contract|torture|bench|house|docs)\//;

test("files are named by a noun of their own; there are no barrels", () => {
  const broken = sources.flatMap(({ path, text }) => {
    if (/^(utils?|helpers?|types|common|misc|shared|index)\.(ts|js)$/.test(basename(path)))
      return [`${path}: name it by the one thing that is in it`];
    // The sandbox's module "hotroom" is what scripts import from.
    if (path === "src/script/host/prelude/hotroom.js") return [];
    const rest = code(text).replace(/^\s*export\s+(type\s+)?(\*|\{[^}]*\})[^;]*?from\s*"[^"]+";?/gm, "");
    return rest.trim() === "" ? [`${path}: it only exports what others have`] : [];
  });
  expect(broken).toEqual([]);
});

test("a file with one class is named as the class", () => {
  const broken = sources.flatMap(({ path, text }) => {
    const [only, ...more] = classesOf(text);
    if (only === undefined || more.length > 0 || path in named) return [];
    const file = basename(path).replace(/\.(ts|js)$/, "");
    // A runtime's folder has the same file names as the others: BunSocket is in bun/socket.ts.
    const words = snakeCase(only);
    const isNamed = words === file || (path.startsWith("src/platform/") && words.endsWith(`_${file}`));
    return isNamed ? [] : [`${path}: it has ${only}, so name it ${words}`];
  });
  expect(broken).toEqual([]);
});

test("a file that is excepted from that is there and has another name than its class", () => {
  const needless = Object.keys(named).filter((path) => {
    const source = sources.find((each) => each.path === path);
    const [only = ""] = source ? classesOf(source.text) : [];
    return !source || snakeCase(only) === basename(path).replace(/\.(ts|js)$/, "");
  });
  expect(needless).toEqual([]);
});

test("a test stands in the folder of what it tests, under a file's name where it is of that file", () => {
  const stem = (path: string) => basename(path).replace(/(\.test)?\.(ts|js)$/, "");
  const broken = files("test", /\.test\.ts$/).flatMap(({ path }) => {
    if (acrossFolders.test(path)) return [];
    const folder = dirname(path).replace(/^test/, "src");
    if (!existsSync(join(root, folder))) return [`${path}: there is no ${folder}`];
    const homonyms = sources.filter((source) => stem(source.path) === stem(path));
    if (homonyms.length === 0 || homonyms.some((source) => source.path.startsWith(`${folder}/`))) return [];
    return [`${path}: ${homonyms.map((source) => source.path).join(", ")} is elsewhere`];
  });
  expect(broken).toEqual([]);
});

test("constants of a module that are numbers are UPPER_CASE", () => {
  const broken = sources.flatMap(({ path, text }) =>
    numbersOf(text)
      .filter(({ name }) => !/^[A-Z][A-Z0-9_]*$/.test(name))
      .map(({ name, line }) => `${path}:${line} ${name}: a number is written in upper case`),
  );
  expect(broken).toEqual([]);
});

/** Names of the classes that a file exports, but for errors: those belong to what throws them. */
function classesOf(text: string): string[] {
  const pattern = /^export (?:abstract )?class (\w+)(?:<[^{]*?>)?(?: extends (\w+))?/gm;
  return [...code(text).matchAll(pattern)]
    .filter(([, name, base = ""]) => !/Error$/.test(`${name}`) && !/Error$/.test(base))
    .map(([, name = ""]) => name);
}

/** Constants at a module's top whose value is a number, or is reckoned from numbers alone. */
function numbersOf(text: string): { name: string; line: number }[] {
  const pattern = /^(?:export )?const (\w+)(?:: number)? =\s+([^;]+);$/gm;
  return [...code(text).matchAll(pattern)]
    .filter(([, , value = ""]) =>
      /^[\d\s_.*+/()xa-fA-F-]*\d[\d\s_.*+/()xa-fA-F-]*$/.test(withoutNames(value)),
    )
    .map(({ 1: name = "", index }) => ({ name, line: lineAt(text, index) }));
}

/** A value with the names of other constants taken for the numbers that they are. */
function withoutNames(value: string): string {
  return value.replace(/\b(?:Number\.)?[A-Z][A-Z0-9_]+\b/g, "1");
}

function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
