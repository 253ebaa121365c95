/** A store that is changed by hand while somebody reads what was there before, as a backup does. */
import { Buffer } from "node:buffer";
import { afterAll, expect, test } from "bun:test";
import { fstatSync, fsyncSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { addCommits } from "../../../src/store/commits/copied_commits.ts";
import { Database } from "../../../src/store/database/database.ts";
import { writesText } from "../../../src/store/wire/writes_text.ts";
import { put } from "../numbered_item.ts";

const folder = mkdtempSync(join(tmpdir(), "hotroom-changed-"));
afterAll(() => rmSync(folder, { recursive: true }));

function commit(database: Database, number: number): void {
  database.write(Buffer.from(writesText([put(number)])), number);
}

function keysIn(database: Database): number[] {
  const kept = database.read((rows) => [...rows.items("chat")]);
  return kept.map((write) => (write.kind === "put" ? Number(write.key) : -1)).sort((a, b) => a - b);
}

/** Returns a data folder with three commits, and somebody who reads it. */
function readFolder(): { path: string; reader: DatabaseSync } {
  const path = mkdtempSync(join(folder, "data-"));
  const before = new Database(path);
  for (const number of [1, 2, 3]) commit(before, number);
  const reader = new DatabaseSync(join(path, "store.db"), { readOnly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT value FROM meta").get();
  before.close();
  return { path, reader };
}

test("what is committed behind the change is there, also where the server is killed then", () => {
  const { path, reader } = readFolder();
  const byHand = new Database(path);
  byHand.change([put(4)]);
  byHand.close();
  const killed = new Database(path);
  for (const number of [5, 6]) commit(killed, number);
  const after = new Database(path);
  expect([after.commit, keysIn(after)]).toEqual([6, [1, 2, 3, 4, 5, 6]]);
  reader.close();
});

test("the change is synced before it is told to be made, though it can't be carried over", () => {
  const { path, reader } = readFolder();
  const synced = new Set<number>();
  const byHand = new Database(path, (file) => {
    synced.add(fstatSync(file).ino);
    fsyncSync(file);
  });
  byHand.change([put(4)]);
  const { ino, size } = statSync(join(path, "store.db-wal"));
  expect(size).toBeGreaterThan(0);
  synced.clear();
  byHand.close();
  expect(synced).toContain(ino);
  reader.close();
});

test("a copy of what was there before has nothing from behind the change, either", () => {
  const { path, reader } = readFolder();
  const copy = join(mkdtempSync(join(folder, "copy-")), "store.db");
  reader.exec("COMMIT");
  reader.exec(`VACUUM INTO '${copy}'`);
  reader.exec("BEGIN");
  reader.prepare("SELECT value FROM meta").get();
  const byHand = new Database(path);
  byHand.change([put(4)]);
  byHand.close();
  const server = new Database(path);
  for (const number of [5, 6]) commit(server, number);
  addCommits(copy, path);
  reader.close();
  server.close();
  const restored = new Database(dirname(copy));
  expect([restored.commit, keysIn(restored)]).toEqual([3, [1, 2, 3]]);
  restored.close();
});
