/** What docs/TESTING.md shows passes, and it names all that there is. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeTypes } from "../../src/source/editor/editor_types.ts";
import { makeFolder, runCommand } from "../e2e/harness.ts";
import { extensionsOf, snippetsOf } from "./snippets.ts";

setDefaultTimeout(60_000);
const root = join(import.meta.dir, "../..");
const document = "docs/TESTING.md";

const snippets = snippetsOf(document);
const tests = snippets.filter(({ language, text }) => language === "ts" && text.startsWith("test("));
const { "vote.test.ts": first = "", ...scripts } = extensionsOf(snippets);
const files = { ...scripts, "vote.test.ts": [first, ...tests.map(({ text }) => text)].join("\n") };

test("every test that it shows passes", () => {
  const { status, output } = runCommand("bun", ["test", "vote", "--extensions", makeFolder(files)]);
  expect(output).toContain(`${tests.length + 1} passed, 0 failed`);
  expect(status).toBe(0);
});

test("a test that fails is shown as the document says", () => {
  const wrong = first.replace('"cake")).toBe(1)', '"cake")).toBe(2)');
  const folder = makeFolder({ ...scripts, "vote.test.ts": wrong.replace(/^\/\/.*\n/, "") });
  const { output } = runCommand("bun", ["test", "--extensions", folder]);
  const shown = snippetsOf(document).find(({ text }) => text.includes("✗"))?.text ?? "";
  expect(shown).not.toBe("");
  const seen = output.replace(/ \(\d.*? s\)/g, "");
  expect(seen).toContain(shown);
});

test("what it shows type-checks in an editor's eyes", async () => {
  const folder = makeFolder(files);
  await writeTypes(folder);
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const result = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
  expect(result.stdout).toBe("");
});

test("it names all that hotroom/test has", () => {
  const page = readFileSync(join(root, document), "utf8");
  const types = readFileSync(join(root, "src/source/editor/types/test.d.ts"), "utf8");
  const named = (name: string) => new RegExp(`\\b${name}\\b`).test(page);
  for (const owner of ["Stage", "User", "Member", "Expectation"]) {
    const body = types.match(new RegExp(`interface ${owner} \\{\\n([\\s\\S]*?)^\\}`, "m"))?.[1] ?? "";
    const names = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[(?:]/gm)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => !named(name))).toEqual([]);
  }
});
