/** Each rule of docs/PROTOCOL.md is checked by a test that names it, as in `test("[P24] data nested 64 levels")`. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { code, files, lineAt, root } from "./sources.ts";

const page = readFileSync(join(root, "docs/PROTOCOL.md"), "utf8");
const rules = [...page.matchAll(/^- \*\*(P\d+)\*\*/gm)].map(([, id = ""]) => id);

/** Ids in the titles of tests: of `test(`, or of the first text in a row whose title is that text. */
const named = files("test", /\.test\.ts$|^(platform|closing|groups)\.ts$/).flatMap(({ path, text }) =>
  [...code(text).matchAll(/(?<=[([]\s*)["'`]\[(P\d+(?:, P\d+)*)\] /g)].flatMap(({ 1: ids = "", index }) =>
    ids.split(", ").map((id) => ({ id, place: `${path}:${lineAt(text, index)}` })),
  ),
);

test("each rule of the wire is named in a test's title", () => {
  const ids = new Set(named.map(({ id }) => id));
  expect(rules.length).toBeGreaterThan(50);
  expect(rules.filter((rule) => !ids.has(rule))).toEqual([]);
});

test("no test names a rule that is not there", () => {
  expect(named.filter(({ id }) => !rules.includes(id))).toEqual([]);
});
