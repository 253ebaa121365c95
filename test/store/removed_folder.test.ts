/** A data folder that is removed, or replaced, while a store has it open: nothing more is acknowledged that nobody could find again. */
import { expect, test } from "bun:test";
import { cpSync, renameSync, rmSync } from "node:fs";
import type { Durability, StoreError, Write } from "../../src/core/ports/journal_store.ts";
import { StoreFolder, writers } from "./store_folder.ts";

const write: Write = { kind: "put", at: { application: "chat" }, item: "delivered", key: "", value: "1" };
const endings: [string, (path: string) => void][] = [
  ["removed", (path) => rmSync(path, { recursive: true })],
  [
    "replaced by a copy",
    (path) => {
      renameSync(path, `${path}-old`);
      cpSync(`${path}-old`, path, { recursive: true });
    },
  ],
];

for (const runtime of ["bun", "deno"] as const) {
  for (const [what, change] of endings) {
    test.each<Durability>(["relaxed", "strict"])(
      `a folder that is ${what} is told (%s, ${runtime})`,
      async (durability) => {
        await using folder = new StoreFolder(writers[runtime]);
        const store = await folder.open();
        const failed = Promise.withResolvers<Error>();
        store.onFailed = failed.resolve;
        // Behind a relaxed one the writer may look at its files while they are changed, and be gone before the next.
        await store.commit([write], "strict");
        change(folder.path);
        const commit = store.commit([write], durability);
        // A relaxed commit is answered, and what comes of it is told when it is synced.
        if (durability === "relaxed") await commit;
        const error = (await (durability === "strict"
          ? commit.catch((thrown) => thrown)
          : failed.promise)) as StoreError;
        expect(error.message).toBe(
          `Cannot use the data folder ${folder.path}: store.db was removed or replaced while the server had it open.`,
        );
        expect([error.code, error.isFatal]).toEqual(["io_failed", true]);
      },
    );
  }
}
