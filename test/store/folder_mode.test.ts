import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DataFolder } from "../../src/store/data_folder.ts";
import { StoreFolder } from "./store_folder.ts";

const rightsOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("a data folder that is made is its owner's alone", async () => {
  await using folder = new StoreFolder();
  await folder.open();
  expect(rightsOf(folder.path)).toBe("700");
});

test("so is one that something is imported into", async () => {
  await using folder = new StoreFolder();
  const path = join(folder.path, "new");
  new DataFolder(path).change([]);
  expect(rightsOf(path)).toBe("700");
});
