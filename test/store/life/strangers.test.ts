/** Files of other times and other folders beside a database: real files, as backups, copies and killed servers leave them. */
import { afterAll, expect, test } from "bun:test";
import { Buffer } from "node:buffer";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { Write } from "../../../src/core/ports/journal_store.ts";
import { CommitFile } from "../../../src/store/commits/commit_file.ts";
import { DataFolder } from "../../../src/store/data_folder.ts";
import { Database } from "../../../src/store/database/database.ts";
import { syncNames } from "../../../src/store/life/set_aside.ts";
import { parseWrites, wantedWrites, writesText } from "../../../src/store/wire/writes_text.ts";
import { put } from "../numbered_item.ts";
import { StoreFolder } from "../store_folder.ts";

const folder = mkdtempSync(join(tmpdir(), "hotroom-strangers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = () => mkdtempSync(join(folder, "data-"));
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

function commit(database: Database, from: number, to: number): void {
  for (let number = from; number <= to; number++)
    database.write(Buffer.from(writesText([put(number)])), number);
}

function keysIn(database: Database): number[] {
  const kept = database.read((rows) => [...rows.items("chat")]);
  return kept.map((write) => (write.kind === "put" ? Number(write.key) : -1)).sort((a, b) => a - b);
}

/** Returns what is kept in a folder, and what was said when it was opened. */
function found(data: string): { keys: number[]; notices: string[] } {
  const notices: string[] = [];
  const database = new Database(data, undefined, (notice) => notices.push(notice));
  const keys = keysIn(database);
  database.close();
  return { keys, notices };
}

/** Makes commits in a folder and leaves it as a server does that is killed; `inRows` of them are in its write-ahead log, the others in a file. */
function killed(data: string, from: number, to: number, inRows = from - 1): void {
  const living = path();
  cpSync(data, living, { recursive: true });
  const database = new Database(living);
  commit(database, from, inRows);
  if (inRows >= from) keysIn(database);
  commit(database, inRows + 1, to);
  rmSync(data, { recursive: true });
  cpSync(living, data, { recursive: true });
}

/** Returns the files of a folder, by name; SQLite's own of what is where in a log is made anew. */
const filesOf = (data: string) =>
  readdirSync(data)
    .filter((name) => name !== "store.db-shm")
    .map((name) => [name, crc32(readFileSync(join(data, name)))]);

const asideIn = (data: string) =>
  readdirSync(join(data, "set-aside")).flatMap((name) => readdirSync(join(data, "set-aside", name)));

test("a backup that is put into a folder that was in use is that backup; what came after it is set aside, and told", () => {
  const data = path();
  killed(data, 1, 5);
  const backup = join(path(), "backup");
  new DataFolder(data).backup(backup);
  killed(data, 6, 9, 7);
  copyFileSync(backup, join(data, "store.db"));
  expect(() => new DataFolder(data).list()).toThrow(
    /store\.db was restored or is new, and store\.db-wal, commits-\d beside it came from another one: start a server there, which sets that aside\.$/,
  );
  const { keys, notices } = found(data);
  expect(keys).toEqual(upTo(5));
  expect(notices).toEqual([
    expect.stringMatching(
      /store\.db was restored or is new: store\.db-wal, commits-\d beside it came from another one, and nothing of that is taken over\. It is in \S+set-aside\S+\.$/,
    ),
  ]);
  expect(asideIn(data)).toEqual([expect.stringMatching(/^commits-/), "store.db-wal"]);
  // It is told once.
  expect(found(data)).toEqual({ keys: upTo(5), notices: [] });
});

test("the same backup once more is not what was made of it the first time", () => {
  const data = path();
  killed(data, 1, 3);
  const backup = join(path(), "backup");
  new DataFolder(data).backup(backup);
  const again = path();
  copyFileSync(backup, join(again, "store.db"));
  killed(again, 4, 6);
  copyFileSync(backup, join(again, "store.db"));
  expect(found(again)).toMatchObject({ keys: upTo(3), notices: [expect.stringContaining("set-aside")] });
});

test("a backup beside the commits of another folder has none of them", () => {
  const data = path();
  killed(data, 1, 3);
  const backup = join(path(), "backup");
  new DataFolder(data).backup(backup);
  const other = path();
  killed(other, 1, 9);
  copyFileSync(backup, join(other, "store.db"));
  expect(found(other)).toMatchObject({ keys: upTo(3), notices: [expect.stringContaining("commits-")] });
});

test("a folder whose database was deleted is new, and has none of the commits that were left", () => {
  const data = path();
  killed(data, 1, 3);
  for (const name of ["store.db", "store.db-wal"]) rmSync(join(data, name), { force: true });
  expect(found(data)).toMatchObject({ keys: [], notices: [expect.stringContaining("commits-")] });
});

/** A folder that was in use, was killed, and has got the database from before that, which somebody had copied. */
function withOldDatabase(inRows: number): string {
  const data = path();
  killed(data, 1, 3);
  expect(found(data).keys).toEqual(upTo(3));
  const copy = join(path(), "store.db");
  copyFileSync(join(data, "store.db"), copy);
  killed(data, 4, 9, inRows);
  copyFileSync(copy, join(data, "store.db"));
  return data;
}

test.each([
  ["commits", 3, /^commits-\d is not of this store\.db, or of another time of it: /],
  ["write-ahead log", 9, /^store\.db-wal is not of this store\.db, or of another time of it: /],
])(
  "the %s of another time are not mixed with a database: the folder is refused as it is",
  (_, inRows, message) => {
    const data = withOldDatabase(inRows);
    const before = filesOf(data);
    expect(() => found(data)).toThrow(message);
    const backup = join(path(), "backup");
    expect(() => new DataFolder(data).backup(backup)).toThrow("is not of this store.db");
    expect(existsSync(backup)).toBe(false);
    expect(filesOf(data)).toEqual(before);
    // As it says.
    for (const name of ["commits-1", "commits-2", "store.db-wal", "store.db-shm"])
      rmSync(join(data, name), { force: true });
    expect(found(data)).toEqual({ keys: upTo(3), notices: [] });
  },
);

test("nor is a log from before the database, or from after it, in one life: each time that it is carried over counts", () => {
  const data = path();
  const database = new Database(data);
  const copies = [1, 2, 3].map((round) => {
    commit(database, round, round);
    keysIn(database);
    const copy = path();
    cpSync(data, copy, { recursive: true });
    database.carryOverLog();
    return copy;
  });
  for (const [index, one] of copies.entries())
    for (const [at, other] of copies.entries()) {
      const mix = path();
      for (const name of readdirSync(one)) copyFileSync(join(one, name), join(mix, name));
      copyFileSync(join(other, "store.db-wal"), join(mix, "store.db-wal"));
      if (index === at) expect(found(mix).keys).toEqual(upTo(index + 1));
      else expect(() => found(mix)).toThrow("store.db-wal is not of this store.db");
    }
});

test("where some commits are in the rows in part, and are not there, the folder is refused and can't be copied", () => {
  const data = path();
  killed(data, 1, 9);
  const noteBegun = (upTo: number) => {
    using database = new DatabaseSync(join(data, "store.db"));
    database.prepare("INSERT OR REPLACE INTO meta VALUES ('begun', ?)").run(upTo);
  };
  noteBegun(12);
  expect(() => found(data)).toThrow(
    /^store\.db has parts of commits up to 12, and those behind 9 are not there: /,
  );
  const backup = join(path(), "backup");
  expect(() => new DataFolder(data).backup(backup)).toThrow("those behind 9 are not there");
  expect(existsSync(backup)).toBe(false);
  // As an export does, and says so.
  const [kept, told]: [Write[], string[]] = [[], []];
  new DataFolder(data).each(
    {},
    (write) => kept.push(write),
    ({ message }) => told.push(message),
  );
  expect([kept.length, told]).toEqual([9, [expect.stringContaining("those behind 9 are not there")]]);
  noteBegun(9);
  expect(found(data)).toEqual({ keys: upTo(9), notices: [] });
});

test("what is behind commits that are missing is set aside, and told", () => {
  const data = path();
  killed(data, 1, 3);
  const { life } = new Database(data);
  const file = new CommitFile(join(data, "commits-1"), false, life);
  for (const number of [7, 8]) file.add(number, Buffer.from(writesText([put(number)])));
  file.close();
  const { keys, notices } = found(data);
  expect(keys).toEqual(upTo(3));
  expect(notices).toEqual([
    expect.stringMatching(
      /commits-1 goes on with commit 7, and those from 4 on before it are not there: it is of no use\. It is in \S+\.$/,
    ),
  ]);
  expect(asideIn(data)).toEqual(["commits-1"]);
});

test("commits that an executable without lives has left belong to their database, and it reads those of this one", () => {
  const data = path();
  killed(data, 1, 3);
  new Database(data).close();
  mkdirSync(data, { recursive: true });
  const file = new CommitFile(join(data, "commits-2"));
  for (const number of [4, 5]) file.add(number, Buffer.from(writesText([put(number)])));
  file.close();
  expect(found(data)).toEqual({ keys: upTo(5), notices: [] });
  killed(data, 6, 6);
  const [bytes] = ["commits-1", "commits-2"]
    .map((name) => readFileSync(join(data, name)))
    .filter(({ length }) => length > 0);
  const changes = (bytes as Buffer).subarray(16);
  expect(changes.includes(0xff)).toBe(true);
  expect(parseWrites(changes.toString("utf8"))).toEqual([put(6)]);
  expect(wantedWrites(changes, () => true)).toEqual([put(6)]);
});

test("the server's log has what was set aside, and nothing of commits that are lost", async () => {
  await using store = new StoreFolder();
  const data = store.path;
  mkdirSync(data);
  killed(data, 1, 3);
  const backup = join(path(), "backup");
  new DataFolder(data).backup(backup);
  killed(data, 4, 9);
  copyFileSync(backup, join(data, "store.db"));
  const opened = await store.open();
  expect((await opened.items("chat")).length).toBe(3);
  await opened.close();
  expect(store.lines).toEqual([
    expect.stringMatching(/^warn: Store writer: \S+store\.db was restored or is new: commits-/),
  ]);
});

test("a folder that the system does not open to sync its names is no failure", () => {
  expect(() => syncNames(join(path(), "none"))).not.toThrow();
});
