/** Commits that are put into rows in parts, of which some are begun and never ended, as where the writer is killed. */
import { expect, test } from "bun:test";
import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import type { KeptItem } from "../../../src/core/ports/journal_store.ts";
import { CarryOver } from "../../../src/store/database/carry_over.ts";
import { CommitLog } from "../../../src/store/database/commit_log.ts";
import { Rows } from "../../../src/store/database/rows.ts";
import { upgrade } from "../../../src/store/database/schema.ts";
import { MemoryStore } from "../../../src/store/memory_store.ts";
import { writesText } from "../../../src/store/wire/writes_text.ts";
import { Random } from "../../torture/random.ts";
import { anyWrite, logs, places } from "../any_write.ts";

/** A database as its writer has it open. */
function opened(database: DatabaseSync): { rows: Rows; commits: CommitLog } {
  return { rows: new Rows(database), commits: new CommitLog(database) };
}

/** Does a part in a transaction; returns true if that was the last. */
function advance(database: DatabaseSync, carrying: CarryOver, units: number): boolean {
  database.exec("BEGIN IMMEDIATE");
  const isDone = carrying.advance(units);
  database.exec("COMMIT");
  return isDone;
}

test.each([1, 2, 3, 4])("whatever is begun anew comes to the same; seed %d", async (seed) => {
  const random = new Random(seed);
  const database = new DatabaseSync(":memory:");
  upgrade(database);
  let { rows, commits } = opened(database);
  const twin = new MemoryStore();
  const begin = (upTo: number) => new CarryOver(commits, rows, upTo, () => {});
  let carrying: CarryOver | undefined;
  for (let commit = 1; commit <= 150; commit++) {
    const writes = Array.from({ length: random.below(40) }, () => anyWrite(random));
    commits.add(commit, Buffer.from(writesText(writes)));
    await twin.commit(writes);
    if (random.below(8) === 0) carrying ??= begin(commit);
    if (carrying && advance(database, carrying, 1 + random.below(30_000))) {
      commits.deleted(carrying.upTo, carrying.bytes);
      carrying = undefined;
    }
    if (random.below(20) > 0) continue;
    // It is killed: what is not in the database is gone.
    ({ rows, commits } = opened(database));
    carrying = undefined;
  }
  while (carrying && !advance(database, carrying, 10_000));
  expect(commits.last).toBe(150);
  advance(database, new CarryOver(new CommitLog(database), rows, 150, () => {}), Number.POSITIVE_INFINITY);
  expect(new CommitLog(database)).toMatchObject({ bytes: 0, last: undefined });
  for (const at of places)
    for (const log of logs) {
      const records = [...rows.records(at, log)].map(({ number, record }) => ({ number, record }));
      expect(records).toEqual([...(await twin.records(at, log))]);
    }
  for (const application of ["a", "b"]) {
    const text = ({ at, item, key, value }: KeptItem) => `${at.room}/${item}/${key}=${value}`;
    const kept = (await twin.items(application)).map(text);
    expect([...rows.items(application)].map(text).sort()).toEqual(kept.sort());
  }
});
