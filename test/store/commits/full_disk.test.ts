/** Commits in the files of a disk that others fill: most of them are trimmed already, and take space that the next ones need. */
import { afterAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SqliteStore } from "../../../src/store/sqlite_store.ts";
import { StoreFolder, writers } from "../store_folder.ts";

const at = { application: "chat", room: "lobby" };
/** Records that are kept, of so many characters. */
const KEPT = 20;
const UNITS = 20_000;
const COMMITS = 200;

const disk = mkdtempSync(join(tmpdir(), "hotroom-disk-"));
const ballast = join(disk, "ballast");
const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=32m", "tmpfs", disk]).status === 0;
if (!isMounted) console.error("SKIPPED: the tests of a full disk need the right to mount a tmpfs.");
afterAll(() => {
  if (isMounted) spawnSync("umount", ["-l", disk]);
  rmSync(disk, { recursive: true, force: true });
});

function commit(store: SqliteStore, number: number): Promise<void> {
  return store.commit(
    [
      { kind: "append", at, log: "events", number, record: "x".repeat(UNITS) },
      { kind: "trim", at, log: "events", upTo: number - KEPT },
    ],
    "relaxed",
  );
}

/** Takes what is left of the disk. */
function takeRest(): void {
  for (const bytes of [64 * 1024, 512])
    expect(() => {
      for (;;) appendFileSync(ballast, Buffer.alloc(bytes));
    }).toThrow("ENOSPC");
}

test.skipIf(!isMounted)("gives what they take to the next ones, and has its reserve again", async () => {
  await using folder = new StoreFolder(writers.bun, disk);
  const store = await folder.open();
  for (let number = 1; number <= COMMITS; number++) await commit(store, number);
  takeRest();
  expect(await commit(store, COMMITS + 1).catch(({ code }) => code)).toBe("no_space");
  for (let more = 1; more <= KEPT; more++) await commit(store, COMMITS + more);
  const numbers = (await store.records(at, "events")).map(({ number }) => number);
  expect(numbers).toEqual(Array.from({ length: KEPT }, (_, index) => COMMITS + 1 + index));
  expect(statSync(join(folder.path, "reserve")).size).toBeGreaterThan(0);
  await store.close();
  rmSync(ballast);
});
