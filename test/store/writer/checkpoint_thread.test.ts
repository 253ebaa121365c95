/** A thread that carries a write-ahead log over, with a real database. */
import { afterAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CheckpointThread } from "../../../src/store/writer/checkpoint_thread.ts";

const folder = mkdtempSync(join(tmpdir(), "hotroom-checkpoint-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Resolves when `is` returns true. */
async function until(is: () => boolean): Promise<void> {
  while (!is()) await Bun.sleep(1);
}

/** Makes a database with something in its write-ahead log. */
function written(name: string): { path: string; database: DatabaseSync } {
  const path = join(folder, name);
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE texts (text TEXT)");
  for (let n = 0; n < 100; n++) database.prepare("INSERT INTO texts VALUES (?)").run("x".repeat(10_000));
  return { path, database };
}

test("what is in the log when it begins is in the file when it ends, and what comes meanwhile is left in the log", async () => {
  const { path, database } = written("busy.db");
  const thread = new CheckpointThread(path);
  await until(() => thread.isAtIt());
  database.prepare("INSERT INTO texts VALUES ('meanwhile')").run();
  await until(() => !thread.isAtIt());
  // Alone, without its log: what was carried over.
  const copy = join(folder, "copy.db");
  expect(spawnSync("cp", [path, copy]).status).toBe(0);
  const { count } = new DatabaseSync(copy).prepare("SELECT count(*) AS count FROM texts").get() as {
    count: number;
  };
  expect(count).toBeGreaterThanOrEqual(100);
  expect(database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()).toMatchObject({ busy: 0 });
  expect(database.prepare("SELECT count(*) AS count FROM texts").get()).toEqual({ count: 101 });
  thread.done();
  await until(() => thread.isAtIt());
  thread.wait();
  expect(thread.isAtIt()).toBe(false);
  thread.end();
  database.close();
});

test("a log that can't be carried over is told, now and ever after", async () => {
  const thread = new CheckpointThread(join(folder, "no folder", "store.db"));
  const isTold = () => {
    try {
      thread.isAtIt();
      return false;
    } catch {
      return true;
    }
  };
  await until(isTold);
  expect(() => thread.isAtIt()).toThrow("the write-ahead log could not be carried over");
});

test("somebody who reads has the rest left for later, and nothing fails", async () => {
  const { path, database } = written("read.db");
  const reader = new DatabaseSync(path);
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM texts").get();
  database.prepare("INSERT INTO texts VALUES ('later')").run();
  const thread = new CheckpointThread(path);
  await until(() => thread.isAtIt());
  await until(() => !thread.isAtIt());
  expect(database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()).toMatchObject({ busy: 1 });
  reader.close();
  thread.end();
  database.close();
});
