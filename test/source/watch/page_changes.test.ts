import { expect, spyOn, test } from "bun:test";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listPages } from "../../../src/source/pages/page_folders.ts";
import { PageChanges } from "../../../src/source/watch/page_changes.ts";
import { temporaryFolder } from "../../temporary_folders.ts";

test("pages that were saved, added, taken away or moved are told by their paths, and those of a new application are no edit", async () => {
  const folder = temporaryFolder();
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const changes = new PageChanges(folder, () => 0);
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

test("of more pages than are looked at those that are known are: which ones a listing begins with is no edit, and none is made at each look", async () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, "one.public", name);
  mkdirSync(join(folder, "one.public"));
  writeFileSync(join(folder, "one.ts"), "");
  for (let n = 0; n < 5500; n++) writeFileSync(at(`${n}.html`), "");
  const changes = new PageChanges(folder);
  expect(await changes.look(["one"])).toEqual([]);
  const before = await listPages({ root: folder, pages: join(folder, "one.public") });
  expect([before.isCut, before.files.length]).toEqual([true, 5000]);
  const [edited = "", gone = ""] = before.files;
  // Some come that are listed before others.
  for (let n = 0; n < 300; n++) writeFileSync(at(`new${n}.html`), "");
  writeFileSync(at(edited), "22");
  rmSync(at(gone));
  changes.signal();
  expect(await changes.look(["one"])).toEqual([
    { application: "one", edit: { files: [`public/${edited}`], gone: [`public/${gone}`] } },
  ]);
  // As at a listing a minute later.
  const fresh = new PageChanges(folder);
  await fresh.look(["one"]);
  for (let n = 0; n < 300; n++) writeFileSync(at(`newer${n}.html`), "");
  const later = spyOn(performance, "now").mockReturnValue(performance.now() + 61_000);
  fresh.signal();
  expect(await fresh.look(["one"])).toEqual([]);
  later.mockRestore();
});

test("a look that takes long is put off without a signal, and made at once with one", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "one/public"), { recursive: true });
  let now = 0;
  // Each look takes 10 ms.
  const changes = new PageChanges(folder, () => (now += 10));
  await changes.look(["one"]);
  const found = async () => (await changes.look(["one"])).map(({ edit }) => edit.files);
  writeFileSync(join(folder, "one/public/a.css"), "");
  expect(await found()).toEqual([]);
  now += 1000;
  expect(await found()).toEqual([["public/a.css"]]);
  writeFileSync(join(folder, "one/public/b.css"), "");
  expect(await found()).toEqual([]);
  changes.signal();
  expect(await found()).toEqual([["public/b.css"]]);
});

test("a link to a folder that it lies in has no pages, and one to another folder has those of that", async () => {
  const folder = temporaryFolder();
  const pages = join(folder, "one/public");
  mkdirSync(join(pages, "deep"), { recursive: true });
  writeFileSync(join(pages, "deep/a.css"), "");
  symlinkSync(".", join(pages, "loop"));
  symlinkSync("..", join(pages, "deep/up"));
  symlinkSync("deep", join(pages, "other"));
  const { files } = await listPages({ root: folder, pages });
  expect(files.sort()).toEqual(["deep/a.css", "other/a.css"]);
});
