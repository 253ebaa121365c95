/** A store that is changed by hand while somebody reads what was there before, as a backup does. */
import { Buffer } from "node:buffer";
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Write } from "../../../src/core/ports/journal_store.ts";
import { Database } from "../../../src/store/database/database.ts";
import { writesText } from "../../../src/store/wire/writes_text.ts";

const folder = mkdtempSync(join(tmpdir(), "hotroom-changed-"));
afterAll(() => rmSync(folder, { recursive: true }));

const put = (number: number): Write => ({
  kind: "put",
  at: { application: "chat" },
  item: "room",
  key: `${number}`,
  value: "{}",
});

function commit(database: Database, number: number): void {
  database.write(Buffer.from(writesText([put(number)])), number);
}

function keysIn(database: Database): number[] {
  const kept = database.read((rows) => [...rows.items("chat")]);
  return kept.map((write) => (write.kind === "put" ? Number(write.key) : -1)).sort((a, b) => a - b);
}

test("what is committed behind the change is there, also where the server is killed then", () => {
  const before = new Database(folder);
  for (const number of [1, 2, 3]) commit(before, number);
  const reader = new DatabaseSync(join(folder, "store.db"), { readOnly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT value FROM meta").get();
  before.close();
  const byHand = new Database(folder);
  byHand.change([put(4)]);
  byHand.close();
  const killed = new Database(folder);
  for (const number of [5, 6]) commit(killed, number);
  const after = new Database(folder);
  expect([after.commit, keysIn(after)]).toEqual([6, [1, 2, 3, 4, 5, 6]]);
  reader.close();
});
