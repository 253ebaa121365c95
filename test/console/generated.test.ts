/** The console as it is served: made from src/console, and committed, so that nobody has to make it. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { apiTables } from "../../.ci/api_table.ts";
import { consoleTexts } from "../../.ci/console.ts";
import { sources } from "../house/sources.ts";

const folder = join(import.meta.dir, "../../src/http/page");

test("what is committed is what `bun run build:console` makes", async () => {
  for (const [name, text] of await consoleTexts())
    expect([name, (await Bun.file(join(folder, name)).text()) === text]).toEqual([name, true]);
});

test("nothing of it is written as HTML", () => {
  const broken = sources.filter(
    ({ path, text }) =>
      path.startsWith("src/console/") && /innerHTML|outerHTML|insertAdjacentHTML|document\.write/i.test(text),
  );
  expect(broken.map(({ path }) => path)).toEqual([]);
});

test("it has nothing that a strict policy refuses, and imports nothing but what the server has", async () => {
  // The docs of the script API, as the editor shows them, have addresses in them.
  const shown = JSON.stringify(apiTables());
  for (const name of (await consoleTexts()).keys()) {
    const text = await Bun.file(join(folder, name)).text();
    const refused = text.match(/\beval\(|new Function\(|https?:\/\/(?!www\.w3\.org\/)[\w.]+/g) ?? [];
    expect([name, refused.filter((found) => !shown.includes(found))]).toEqual([name, []]);
    const imported = [...text.matchAll(/\bimport\("([^"]+)"\)|\bfrom"([./][^"]*)"/g)].map(
      ([, one = "", other = ""]) => one || other,
    );
    const others = imported.filter((path) => !/^\/(client|page\/editor)\.js$/.test(path));
    expect([name, others.filter((path) => !shown.includes(path))]).toEqual([name, []]);
  }
});
