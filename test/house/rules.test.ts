/** Each numbered rule of the documents is checked by a test that names it, as in `test("[P24] data nested 64 levels")`. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { code, files, lineAt, root } from "./sources.ts";

/** Ids in the titles of tests: of `test(`, or of the first text in a row whose title is that text. */
const tests = files("test", /\.ts$/).filter(({ path }) => /\.test\.ts$|^test\/contract\//.test(path));
const named = tests.flatMap(({ path, text }) =>
  [...code(text).matchAll(/(?<=[([]\s*)["'`]\[([A-Z]\d+(?:, [A-Z]\d+)*)\] /g)].flatMap(
    ({ 1: ids = "", index }) =>
      ids.split(", ").map((id) => ({ id, place: `${path}:${lineAt(text, index)}` })),
  ),
);

/** Where the rules with a letter are. */
const documents = {
  P: "docs/PROTOCOL.md",
  R: "docs/ARCHITECTURE.md",
  B: "docs/ARCHITECTURE.md",
  F: "docs/ARCHITECTURE.md",
  D: "docs/ARCHITECTURE.md",
};

describe.each(Object.entries(documents))("the rules %s of %s", (letter, document) => {
  const page = readFileSync(join(root, document), "utf8");
  const rules = [...page.matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)]
    .map(([, id = ""]) => id)
    .filter((id) => id.startsWith(letter));

  test("are numbered in order, each once", () => {
    const numbers = rules.map((id) => Number(id.slice(1)));
    expect(numbers.length).toBeGreaterThan(5);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  test("are each named in a test's title", () => {
    const ids = new Set(named.map(({ id }) => id));
    expect(rules.filter((rule) => !ids.has(rule))).toEqual([]);
  });

  test("are there, where a test names one", () => {
    expect(named.filter(({ id }) => id.startsWith(letter) && !rules.includes(id))).toEqual([]);
  });
});

test("no test names a rule of a letter that there is not", () => {
  expect(named.filter(({ id }) => !(id.charAt(0) in documents))).toEqual([]);
});
