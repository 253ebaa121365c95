/** A small disk that nothing fills but the store's own write-ahead log. */
import { afterAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoreError, Write } from "../../src/core/ports/journal_store.ts";
import { StoreFolder, writers } from "./store_folder.ts";

const at = { application: "chat", room: "lobby" };
const disk = mkdtempSync(join(tmpdir(), "hotroom-disk-"));
const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", disk]).status === 0;
if (!isMounted) console.error("SKIPPED: the test of a small disk needs the right to mount a tmpfs.");
afterAll(() => {
  if (isMounted) spawnSync("umount", ["-l", disk]);
  rmSync(disk, { recursive: true, force: true });
});

test.skipIf(!isMounted)(
  "a disk that the store itself has filled has space again, since most of that is written anew",
  async () => {
    await using folder = new StoreFolder(writers.bun, disk);
    const store = await folder.open();
    let refusals = 0;
    for (let number = 1; number <= 12_000; ) {
      const append: Write = { kind: "append", at, log: "events", number, record: `"${"x".repeat(500)}"` };
      const trim: Write = { kind: "trim", at, log: "events", upTo: number - 10 };
      const isSaved = await store.commit([append, trim], "relaxed").then(
        () => true,
        (error: StoreError) => error.code !== "no_space" && Promise.reject(error),
      );
      if (isSaved) number++;
      else if (++refusals > 100) break;
    }
    expect(refusals).toBeLessThan(100);
    const kept = await store.records(at, "events");
    expect(kept.map(({ number }) => number)).toEqual(
      Array.from({ length: 10 }, (_, index) => 11_991 + index),
    );
  },
);
