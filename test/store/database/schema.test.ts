/** The way up from stores that were written before. */
import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sumOf } from "../../../src/store/database/stored_text.ts";
import { StoreFolder } from "../store_folder.ts";

const at = { application: "chat" };

/** Writes a store of format 1: one row for each record. */
function writeFirstFormat(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, "store.db"));
  database.exec(`CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;
    INSERT INTO meta VALUES ('commit', 7);
    CREATE TABLE log (number INTEGER PRIMARY KEY, changes BLOB NOT NULL, sum INTEGER NOT NULL) STRICT;
    CREATE TABLE places (id INTEGER PRIMARY KEY, application TEXT NOT NULL, room TEXT, sum INTEGER NOT NULL) STRICT;
    CREATE TABLE items (place INTEGER NOT NULL, item TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
      sum INTEGER NOT NULL, PRIMARY KEY (place, item, key)) WITHOUT ROWID, STRICT;
    CREATE TABLE records (place INTEGER NOT NULL, log TEXT NOT NULL, number INTEGER NOT NULL, record TEXT NOT NULL,
      sum INTEGER NOT NULL, PRIMARY KEY (place, log, number)) WITHOUT ROWID, STRICT;
    PRAGMA user_version = 1;`);
  database.prepare("INSERT INTO places VALUES (1, 'chat', NULL, ?)").run(sumOf(1, "chat", ""));
  const insert = database.prepare("INSERT INTO records VALUES (1, ?, ?, ?, ?)");
  for (const number of [3, 1, 2]) {
    const record = `{"number":${number},"text":"ä"}`;
    insert.run("events", number, record, sumOf(1, "events", String(number), record));
  }
  insert.run("frames", 9, "1", 0);
  database.close();
}

test("a store of the first format has its records still, in order, and what was damaged is told", async () => {
  await using folder = new StoreFolder();
  writeFirstFormat(folder.path);
  const store = await folder.open();
  const records = [1, 2, 3].map((number) => ({ number, record: `{"number":${number},"text":"ä"}` }));
  expect(await store.records(at, "events")).toEqual(records);
  await expect(store.records(at, "frames")).rejects.toThrow("store.db is damaged");
  await store.commit([{ kind: "trim", at, log: "events", upTo: 2 }], "strict");
  await store.close();
  const again = await folder.open();
  expect(await again.records(at, "events")).toEqual(records.slice(2));
});
