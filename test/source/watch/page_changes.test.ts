import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { PageChanges } from "../../../src/source/watch/page_changes.ts";
import { temporaryFolder } from "../../temporary_folders.ts";

test("pages that were saved, added, taken away or moved are told by their paths, and those of a new application are no edit", async () => {
  const folder = temporaryFolder();
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const changes = new PageChanges(folder);
  write("one.ts", "");
  write("one.public/index.html", "1");
  write("two/rooms/two.ts", "");
  expect(await changes.look(["one", "two"])).toEqual([]);
  expect(await changes.look(["one", "two"])).toEqual([]);
  write("one.public/index.html", "22");
  write("one.public/.hidden", "");
  write("two/public/deep/page.ts", "");
  expect(await changes.look(["one", "two"])).toEqual([
    { application: "one", edit: { files: ["public/index.html"], gone: [] } },
    { application: "two", edit: { files: ["public/deep/page.ts"], gone: [] } },
  ]);
  write("two/public/deep/b.ts", "");
  rmSync(join(folder, "two/public/deep/page.ts"));
  expect(await changes.look(["one", "two"])).toEqual([
    { application: "two", edit: { files: ["public/deep/b.ts"], gone: ["public/deep/page.ts"] } },
  ]);
  rmSync(join(folder, "two/public"), { recursive: true });
  mkdirSync(join(folder, "one"));
  renameSync(join(folder, "one.public"), join(folder, "one/public"));
  expect(await changes.look(["one", "two"])).toEqual([
    { application: "one", edit: { files: ["public/index.html"], gone: [] } },
    { application: "two", edit: { files: [], gone: ["public/deep/b.ts"] } },
  ]);
});
