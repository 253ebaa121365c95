/** A thread that syncs a file, with real files. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SyncThread } from "../../../src/store/writer/sync_thread.ts";

const folder = mkdtempSync(join(tmpdir(), "hotroom-sync-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Resolves when `is` returns true. */
async function until(is: () => boolean): Promise<void> {
  while (!is()) await Bun.sleep(1);
}

test("what is committed when a sync begins is synced when it ends", async () => {
  const path = join(folder, "log");
  writeFileSync(path, "text");
  const thread = new SyncThread([path]);
  expect(thread.synced).toBe(0);
  await until(() => thread.begin(5));
  // One at a time: the next is asked for when this one is over.
  await until(() => thread.synced === 5);
  expect(thread.begin(7)).toBe(true);
  await until(() => thread.synced === 7);
  thread.end();
});

test("a sync that fails is told, now and ever after", async () => {
  // A device that can be opened, and not be synced.
  const thread = new SyncThread(["/dev/null"]);
  await until(() => thread.begin(5));
  const failed = () => {
    try {
      return thread.synced === -1;
    } catch {
      return true;
    }
  };
  await until(failed);
  expect(() => thread.synced).toThrow("fsync has failed");
  expect(thread.begin(6)).toBe(false);
  expect(() => thread.synced).toThrow("fsync has failed");
});

test("where the file can't be opened it syncs nothing, and says so", async () => {
  const thread = new SyncThread([join(folder, "nothing")]);
  for (let i = 0; i < 20; i++) {
    expect(thread.begin(5)).toBe(false);
    await Bun.sleep(5);
  }
  expect(thread.synced).toBe(0);
});
