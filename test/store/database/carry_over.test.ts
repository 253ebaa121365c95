/** Commits that are put into rows in parts, of which some are begun and never ended, as where the writer is killed. */
import { afterAll, expect, test } from "bun:test";
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { KeptItem } from "../../../src/core/ports/journal_store.ts";
import { CarryOver } from "../../../src/store/database/carry_over.ts";
import { CommitLog } from "../../../src/store/commits/commit_log.ts";
import { KeptNumbers } from "../../../src/store/life/kept_numbers.ts";
import { Rows } from "../../../src/store/database/rows.ts";
import { upgrade } from "../../../src/store/database/schema.ts";
import { MemoryStore } from "../../../src/store/memory_store.ts";
import { writesText } from "../../../src/store/wire/writes_text.ts";
import { Random } from "../../torture/random.ts";
import { anyWrite, logs, places } from "../any_write.ts";

const folder = mkdtempSync(join(tmpdir(), "hotroom-commits-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Bytes of commits after which others go into the other file: a few of them. */
const FEW_BYTES = 30_000;

/** A database as its writer has it open. */
function opened(database: DatabaseSync, path: string): { rows: Rows; commits: CommitLog } {
  const { commit: carried } = new KeptNumbers(database);
  const commits = new CommitLog(path, database, { carried, mostBytes: FEW_BYTES });
  return { rows: new Rows(database), commits };
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
  const path = mkdtempSync(join(folder, "store-"));
  const database = new DatabaseSync(":memory:");
  upgrade(database);
  let { rows, commits } = opened(database, path);
  const twin = new MemoryStore();
  const numbers = new KeptNumbers(database);
  const begin = (upTo: number) => new CarryOver(commits, rows, upTo, numbers);
  let carrying: CarryOver | undefined;
  let carried = 0;
  let isBegun = false;
  for (let commit = 1; commit <= 150; commit++) {
    const writes = Array.from({ length: random.below(40) }, () => anyWrite(random));
    commits.add(commit, Buffer.from(writesText(writes)));
    await twin.commit(writes);
    const due = commits.due();
    if (due !== undefined && random.below(2) === 0) carrying ??= begin(due);
    // All at once, as where somebody reads.
    else if (random.below(40) === 0) carrying ??= begin(commit);
    if (carrying && advance(database, carrying, 1 + random.below(30_000))) {
      commits.carriedOver(carrying.upTo);
      carrying = undefined;
      carried++;
    } else if (carrying && !carrying.isReading) isBegun ||= new KeptNumbers(database).begun === carrying.upTo;
    // The rows are on the disk.
    if (random.below(4) === 0) commits.clear();
    if (random.below(20) > 0) continue;
    // It is killed: what is not in the database or in the files is gone.
    commits.close();
    ({ rows, commits } = opened(database, path));
    carrying = undefined;
  }
  expect(carried).toBeGreaterThan(3);
  expect(isBegun).toBe(true);
  while (carrying && !advance(database, carrying, 10_000));
  commits.close();
  ({ rows, commits } = opened(database, path));
  expect(commits.last).toBe(150);
  const rest = begin(150);
  while (!advance(database, rest, Number.POSITIVE_INFINITY));
  commits.carriedOver(150);
  commits.clear();
  expect(commits).toMatchObject({ bytes: 0, last: 150, isLeft: false });
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
