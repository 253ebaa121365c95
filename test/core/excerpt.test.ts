import { expect, test } from "bun:test";
import { BuildError } from "../../src/core/errors.ts";
import { excerpt, excerptAround } from "../../src/core/excerpt.ts";

test("a text is cut to its beginning, and never in the middle of a character", () => {
  expect(excerpt("abc", 3)).toBe("abc");
  expect(excerpt("abcd", 3)).toBe("ab…");
  expect(excerpt("a😀bc", 3)).toBe("a\ufffd…");
});

test.each([
  ["at its start", 1],
  ["in its middle", 5000],
  ["at its end", 10_000],
])("of a long line an error shows what is around the column, with the caret: %s", (_, column) => {
  const line = `${"x".repeat(column - 1)}!${"y".repeat(10_000 - column)}`;
  const error = new BuildError("no", { file: "a.ts", line: 3, column }, line);
  const [head, shown = "", caret = ""] = error.toString().split("\n");
  expect(head).toBe(`a.ts:3:${column}: no`);
  expect(shown.length).toBeLessThan(210);
  expect(shown[caret.length - 1]).toBe("!");
  expect(error.sourceLine?.[(error.sourceColumn ?? 0) - 1]).toBe("!");
});

test("a column behind a long line is one behind what is shown", () => {
  const { text, column } = excerptAround("x".repeat(10_000), 10_001);
  expect(column).toBe(text.length + 1);
});

test("a short line is shown whole, with tabs kept before the caret", () => {
  const error = new BuildError("no", { file: "a.ts", line: 3, column: 3 }, "\ta !");
  expect(error.toString()).toBe("a.ts:3:3: no\n3 | \ta !\n    \t ^");
  expect(error.sourceColumn).toBeUndefined();
  expect(excerptAround("abc", 2)).toEqual({ text: "abc", column: 2 });
});
