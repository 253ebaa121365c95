/** Who may read what is kept. */
import { expect, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DataFolder } from "../../src/store/data_folder.ts";
import { StoreFolder, writers } from "./store_folder.ts";

test.each(["bun", "deno"] as const)(
  "nobody but its owner reads a folder that was made, nor a file in it, nor a backup (%s)",
  async (runtime) => {
    await using folder = new StoreFolder(writers[runtime]);
    const store = await folder.open();
    await store.commit(
      [{ kind: "put", at: { application: "chat" }, item: "user", key: "u1", value: "1" }],
      "relaxed",
    );
    const backup = join(folder.path, "backup");
    new DataFolder(folder.path).backup(backup);
    const rights = (path: string) => statSync(path).mode & 0o777;
    expect(rights(folder.path)).toBe(0o700);
    const files = readdirSync(folder.path);
    expect(files).toContain("store.db-wal");
    for (const file of files) expect([file, rights(join(folder.path, file))]).toEqual([file, 0o600]);
  },
);
