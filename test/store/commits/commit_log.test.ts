/** Two files of commits that take turns, with real files. */
import { afterAll, expect, test } from "bun:test";
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Write } from "../../../src/core/ports/journal_store.ts";
import { CommitLog } from "../../../src/store/commits/commit_log.ts";
import { upgrade } from "../../../src/store/database/schema.ts";
import { writesText } from "../../../src/store/wire/writes_text.ts";

const folder = mkdtempSync(join(tmpdir(), "hotroom-turns-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MOST_BYTES = 1_000;
const at = { application: "chat" };

/** Returns a folder with the commits that a killed writer left, of which none are in the rows. */
function opened(path: string, carried = 0): CommitLog {
  const database = new DatabaseSync(":memory:");
  upgrade(database);
  return new CommitLog(path, database, { carried, mostBytes: MOST_BYTES, tell: () => {} });
}

function add(log: CommitLog, from: number, to: number): void {
  for (let number = from; number <= to; number++) {
    const append: Write = { kind: "append", at, log: "events", number, record: "x".repeat(300) };
    log.add(number, Buffer.from(writesText([append])));
  }
}

/** Returns the numbers of the commits that are not in the rows. */
function numbers(log: CommitLog, upTo = log.last): number[] {
  const changes = log.changes(upTo);
  for (let next = changes.next(); ; next = changes.next())
    if (next.done) return next.value.map((write) => (write.kind === "append" ? write.number : -1));
}

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const path = () => mkdtempSync(join(folder, "data-"));

test("those of a file that has enough are due, others go into the second one, which has its turn when the first is empty", () => {
  const log = opened(path());
  add(log, 1, 2);
  expect(log.due()).toBeUndefined();
  add(log, 3, 4);
  expect(log.due()).toBe(4);
  add(log, 5, 9);
  expect(log.due()).toBe(4);
  expect(numbers(log, 4)).toEqual(upTo(4));
  expect(numbers(log)).toEqual(upTo(9));
  expect(log.isOverfull).toBe(false);
  log.carriedOver(4);
  // The rows are not on the disk yet.
  expect(log.due()).toBeUndefined();
  log.clear();
  expect(numbers(log)).toEqual(upTo(9, 5));
  expect(log.due()).toBe(9);
  add(log, 10, 18);
  expect(log.isOverfull).toBe(true);
  log.close();
});

test("whatever was in the rows when a writer was killed, the commits after that are found, in their order", () => {
  for (const carried of [0, 2, 4, 6, 9]) {
    const data = path();
    const log = opened(data);
    add(log, 1, 4);
    log.due();
    add(log, 5, 9);
    log.close();
    const again = opened(data, carried);
    expect([again.last, again.isLeft]).toEqual([9, carried < 9]);
    expect(numbers(again)).toEqual(upTo(9, carried + 1));
    add(again, 10, 11);
    expect(numbers(again)).toEqual(upTo(11, carried + 1));
    again.close();
  }
});

/** Writes commits 1 to 4 into one file of a folder and 5 to 9 into the other; returns the path of the first. */
function olderOfTwo(data: string): string {
  const log = opened(data);
  add(log, 1, 4);
  log.due();
  add(log, 5, 9);
  const [older = ""] = log.paths;
  log.close();
  return older;
}

test("where the end of one file is lost so is what is behind it in the other, and others follow", () => {
  const data = path();
  const older = olderOfTwo(data);
  truncateSync(older, statSync(older).size - 1);
  const again = opened(data);
  expect(again.last).toBe(3);
  add(again, 4, 6);
  again.close();
  expect(numbers(opened(data))).toEqual(upTo(6));
});

test("a file that is gone takes what is behind it along", () => {
  const data = path();
  const older = olderOfTwo(data);
  rmSync(older);
  expect(opened(data)).toMatchObject({ last: 0, bytes: 0 });
  writeFileSync(older, "no commit at all, but some text");
  expect(opened(data)).toMatchObject({ last: 0, bytes: 0 });
});
