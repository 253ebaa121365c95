/** A folder that becomes a link after it was looked at: nothing outside of the extensions folder is read. */
import { expect, test } from "bun:test";
import { linkSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { PackageDisk } from "../../../src/source/packages/package_disk.ts";
import { PageFile } from "../../../src/source/pages/page_file.ts";
import { discover } from "../../../src/source/find/discovery.ts";
import { readSources, Unsettled } from "../../../src/source/read/sources.ts";
import { TemporaryFolder } from "../folder.ts";

/** Makes a link of the folder `inner` to one outside, with the same file in it. */
function swap(folder: TemporaryFolder, inner: string, name: string): void {
  renameSync(folder.join(`ext/${inner}`), folder.join("was"));
  symlinkSync(folder.join("out"), folder.join(`ext/${inner}`));
  expect(Bun.file(folder.join(`ext/${inner}/${name}`)).size).toBeGreaterThan(0);
}

/** A folder with a file that lies in the extensions folder, and as the same file, with the same stamp, outside of it. */
function folderWith(inner: string, name: string): TemporaryFolder {
  const folder = new TemporaryFolder({ [`ext/${inner}/${name}`]: "export default 1;" });
  mkdirSync(folder.join("out"));
  linkSync(folder.join(`ext/${inner}/${name}`), folder.join(`out/${name}`));
  return folder;
}

test("a page", async () => {
  using folder = folderWith("game/public/inner", "a.txt");
  const root = folder.join("ext");
  const page = await PageFile.find(root, folder.join("ext/game/public/inner/a.txt"), "a.txt");
  if (!(page instanceof PageFile)) throw new Error("There is no page.");
  expect((await page.bytes()).length).toBe(17);
  swap(folder, "game/public/inner", "a.txt");
  await expect(page.bytes()).rejects.toThrow();
});

test("a script", async () => {
  using folder = folderWith("game/rooms", "match.ts");
  const [found] = await discover(folder.join("ext"));
  if (!found) throw new Error("There is no application.");
  expect((await readSources(found)).files.size).toBe(1);
  swap(folder, "game/rooms", "match.ts");
  const reading = readSources(found);
  await expect(reading).rejects.toBeInstanceOf(Unsettled);
  await expect(reading).rejects.toThrow("game/rooms/match.ts keeps changing while it is read");
});

test("a package's file", async () => {
  using folder = folderWith("node_modules/dice", "index.js");
  const disk = new PackageDisk(folder.join("ext"));
  const file = await disk.find(folder.join("ext/node_modules/dice/index.js"), "file");
  if (file === undefined) throw new Error("There is no file.");
  expect(await disk.source(file)).toBe("export default 1;");
  swap(folder, "node_modules/dice", "index.js");
  await expect(disk.source(file)).rejects.toThrow("leads elsewhere");
});
