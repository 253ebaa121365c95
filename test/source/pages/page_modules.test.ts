import { afterAll, describe, expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { ModuleReport } from "../../../src/source/compile/module_report.ts";
import type { StripTurn } from "../../../src/source/compile/strip_queue.ts";
import { Stripper } from "../../../src/source/compile/stripper.ts";
import type { SourceUse } from "../../../src/source/compile/strip_wire.ts";
import { PageFile } from "../../../src/source/pages/page_file.ts";
import { pageFolders, type PageFolders } from "../../../src/source/pages/page_folders.ts";
import { PageModules } from "../../../src/source/pages/page_modules.ts";
import { TemporaryFolder } from "../folder.ts";

/** The strip process, which counts what it is asked for. */
class CountingStripper extends Stripper {
  readonly asked: string[] = [];
  override strip(turn: StripTurn, file: string, source: string, use?: SourceUse): Promise<ModuleReport> {
    this.asked.push(file);
    return super.strip(turn, file, source, use);
  }
}

const stripper = new CountingStripper({ deadline: 1500 });
const told: string[] = [];
const modules = new PageModules(stripper, (application, error) =>
  told.push(`${application}: ${error.message}`),
);
afterAll(() => stripper.close());

/** What a file of `public/` is served as. */
async function served(folder: TemporaryFolder, name: string) {
  const folders = (await pageFolders(folder.path, "game")) as PageFolders;
  const file = await PageFile.find(folders.root, join(folders.pages, name), name);
  if (!(file instanceof PageFile)) throw new Error(`There is no ${name}.`);
  return await modules.of({ application: "game", folders, path: `public/${name}` }, file);
}

describe("a module", () => {
  test("is stripped once for each content, also where many ask at once", async () => {
    using folder = new TemporaryFolder({ "game/public/a.ts": "let a: number = 1;" });
    const many = await Promise.all(Array.from({ length: 20 }, () => served(folder, "a.ts")));
    expect(new Set(many.map(({ code }) => code))).toEqual(new Set(["let a         = 1;"]));
    await served(folder, "a.ts");
    expect(stripper.asked.splice(0)).toEqual(["public/a.ts"]);
    appendFileSync(folder.join("game/public/a.ts"), "let b: 2;");
    expect((await served(folder, "a.ts")).code).toBe("let a         = 1;let b   ;");
    expect(stripper.asked.splice(0)).toEqual(["public/a.ts"]);
  });

  test("that takes too long, is too large, or no text, says so, and holds up no other", async () => {
    using folder = new TemporaryFolder({
      "game/public/slow.ts": `let a = ${"a ? (b) : c => ".repeat(28)}1;`,
      "game/public/large.ts": `// ${"x".repeat(1024 * 1024)}`,
      "game/public/b.ts": "let b: number;",
    });
    await Bun.write(folder.join("game/public/bytes.ts"), new Uint8Array([0x80]));
    const slow = served(folder, "slow.ts");
    expect((await served(folder, "large.ts")).error?.message).toStartWith("public/large.ts is too large: ");
    expect((await served(folder, "bytes.ts")).error?.message).toContain("it is not UTF-8 text");
    expect((await slow).error?.message).toContain("longer than 1500 ms of CPU time");
    await served(folder, "slow.ts");
    expect(told.filter((each) => each.startsWith("game: Cannot parse public/slow.ts"))).toHaveLength(1);
    expect((await served(folder, "b.ts")).code).toBe("let b        ;");
  });

  test("in JavaScript is as its file where it is large, or imports nothing from outside", async () => {
    stripper.asked.length = 0;
    using folder = new TemporaryFolder({
      "game/public/large.js": `import "../lib/a.js"; // ${"x".repeat(1024 * 1024)}`,
      "game/public/own.js": `import "./large.js";`,
      "game/public/shares.mjs": `import "../lib/a.js";`,
      "game/public/new.js": `import "../lib/a.js"; let a = 1 |> 2;`,
    });
    expect(await served(folder, "large.js")).toEqual({ shared: [] });
    expect(await served(folder, "own.js")).toEqual({ shared: [] });
    expect(stripper.asked).toEqual([]);
    expect(await served(folder, "shares.mjs")).toEqual({
      code: `import "/apps/game/lib/a.js";`,
      shared: ["lib/a.js"],
    });
    // What the parser does not know the browser may.
    expect((await served(folder, "new.js")).code).toBe(`import "../lib/a.js"; let a = 1 |> 2;`);
  });
});

test("a file that changes while it is read is never served in parts of both", async () => {
  using folder = new TemporaryFolder({ "a.bin": "a".repeat(200_000) });
  const file = await PageFile.find(await realpath(folder.path), folder.join("a.bin"), "a.bin");
  if (!(file instanceof PageFile)) throw new Error("There is no file.");
  const reader = ((await file.read(0, file.size)) as ReadableStream<Uint8Array>).getReader();
  expect((await reader.read()).value?.length).toBe(65_536);
  folder.write({ "a.bin": "b".repeat(200_000) });
  expect(reader.read()).rejects.toThrow("Cannot read a.bin to its end: it has changed.");
  expect(file.read(0, 10)).rejects.toThrow("it has changed");
});
