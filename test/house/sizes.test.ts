/** How large files and folders may be. */
import { expect, test } from "bun:test";
import { dirname } from "node:path";
import { files, sources } from "./sources.ts";

const MOST_LINES = 350;
const MOST_FILES = 10;

/** Folders that may have more files, with the reason; two at most. */
const larger: Record<string, string> = {
  "src/core/ports": "what the core names of others, each by itself",
  "src/script/host/prelude": "one flat set of modules that the sandbox resolves by name",
};

test("no file has more than 350 lines", () => {
  const long = [
    ...sources,
    ...files("test", /\.ts$/),
    ...files("extensions", /\.ts$/),
    ...files("src", /\.go$/),
  ]
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines: split it by noun`);
  expect(long).toEqual([]);
});

test("no folder of src has more than ten files of its own", () => {
  // Declarations are what other files need in order to be checked; what is generated is nobody's to read. Tests of Go
  // have to stand beside what they test.
  const counted = files("src", /(?<!\.d\.ts|_test\.go)$/).map(({ path }) => dirname(path));
  const full = [...new Set(counted)]
    .map((folder) => ({ folder, count: counted.filter((each) => each === folder).length }))
    .filter(({ folder, count }) => count > MOST_FILES && !(folder in larger))
    .map(({ folder, count }) => `${folder} has ${count} files: part it by question`);
  expect(full).toEqual([]);
});

test("few folders are excepted, and each has to be", () => {
  expect(Object.keys(larger).length).toBeLessThanOrEqual(2);
  const needless = Object.keys(larger).filter(
    (folder) => files(folder, /(?<!\.d\.ts)$/).length <= MOST_FILES,
  );
  expect(needless).toEqual([]);
});
