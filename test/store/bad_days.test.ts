/** What a store does when the disk, the folder or another server is against it: real files, file systems and processes. */
import { afterAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StoreError, Write } from "../../src/core/ports/journal_store.ts";
import { FORMAT } from "../../src/store/database/schema.ts";
import type { SqliteStore } from "../../src/store/sqlite_store.ts";
import { StoreFolder, writers } from "./store_folder.ts";

const at = { application: "chat", room: "lobby" };
const append = (number: number, record = `"${"x".repeat(500)}"`): Write => ({
  kind: "append",
  at,
  log: "events",
  number,
  record,
});

/** Mounts a small file system; undefined where this machine or user can't. */
function mountSmall(bytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "hotroom-disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder]);
  if (mounted.status === 0) return folder;
  rmSync(folder, { recursive: true });
  return undefined;
}

const disk = mountSmall(2 * 1024 * 1024);
const readOnly = mountSmall(2 * 1024 * 1024);
if (!disk || !readOnly)
  console.error("SKIPPED: tests of a full and of a read-only disk need the right to mount a tmpfs.");

afterAll(() => {
  for (const folder of [disk, readOnly]) {
    if (folder === undefined) continue;
    spawnSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Resolves with what a promise rejects with. */
async function errorOf(promise: Promise<unknown>): Promise<StoreError> {
  try {
    await promise;
  } catch (error) {
    return error as StoreError;
  }
  throw new Error("It was expected to fail.");
}

/** Commits one record after the other; each is a commit. */
async function fill(store: SqliteStore, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number++) await store.commit([append(number)], "relaxed");
}

const numbers = async (store: SqliteStore) => (await store.records(at, "events")).map(({ number }) => number);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** Returns a folder with the files that a store has while it is in use: as if everything had been killed. */
async function leftBehind(commits: number, command = writers.bun): Promise<StoreFolder> {
  const left = new StoreFolder(command);
  await using folder = new StoreFolder(command);
  const store = await folder.open();
  await fill(store, 1, commits);
  await Bun.$`cp -r ${folder.path} ${left.path}`;
  return left;
}

/** Turns a byte of a file over at an offset, or one in a text wherever that is: it may also be in what was deleted. */
function flip(file: string, place: number | string): void {
  const bytes = readFileSync(file);
  const places: number[] = [];
  if (typeof place === "number") places.push(place);
  else for (let at = bytes.indexOf(place); at >= 0; at = bytes.indexOf(place, at + 1)) places.push(at);
  if (places.length === 0) throw new Error(`There is no ${place} in ${file}.`);
  for (const at of places) bytes[at] = (bytes[at] ?? 0) ^ 0x04;
  writeFileSync(file, bytes);
}

test.skipIf(!disk)(
  "a commit that the disk has no space for is refused whole; with space again the next one is made",
  async () => {
    await using folder = new StoreFolder(writers.bun, disk);
    // Before the store is opened, which tries what space there is.
    const ballast = join(disk ?? "", "ballast");
    writeFileSync(ballast, Buffer.alloc(1_000_000));
    const store = await folder.open();
    let last = 0;
    const refused = await errorOf(
      (async () => {
        for (;;) {
          await store.commit(
            [append(last + 1, "1"), append(1_000_000 + last, `"${"x".repeat(50_000)}"`)],
            "relaxed",
          );
          last++;
        }
      })(),
    );
    expect([refused.code, refused.isFatal]).toEqual(["no_space", false]);
    expect(refused.message).toBe(`Cannot use the data folder ${folder.path}: the disk is full.`);
    expect(last).toBeGreaterThan(0);
    const strict = await errorOf(store.commit([append(500, `"${"x".repeat(200_000)}"`)], "strict"));
    expect(strict.code).toBe("no_space");
    expect((await numbers(store)).filter((number) => number < 1_000_000)).toEqual(upTo(last));
    expect(store.view.failures).toBe(2);
    rmSync(ballast);
    await store.commit([append(last + 1, "1"), append(2_000_000, `"${"x".repeat(200_000)}"`)], "strict");
    await store.close();
    const again = await folder.open();
    expect((await numbers(again)).filter((number) => number < 1_000_000)).toEqual(upTo(last + 1));
    expect(folder.lines).toEqual([]);
  },
);

test.skipIf(!readOnly)(
  "a folder that can't be written to is told, whether something is in it or not",
  async () => {
    await using folder = new StoreFolder(writers.bun, readOnly);
    const store = await folder.open();
    await fill(store, 1, 3);
    await store.close();
    await using other = new StoreFolder(writers.bun, readOnly);
    spawnSync("mount", ["-o", "remount,ro", readOnly ?? ""]);
    try {
      for (const { path, open } of [
        { path: folder.path, open: () => folder.open() },
        { path: folder.path, open: () => folder.open(writers.deno) },
        { path: other.path, open: () => other.open() },
      ]) {
        const error = await errorOf(open());
        expect(error.code).toBe("read_only");
        expect(error.message).toStartWith(`Cannot open the data folder ${path}: `);
      }
    } finally {
      spawnSync("mount", ["-o", "remount,rw", readOnly ?? ""]);
    }
    expect(await numbers(await folder.open())).toEqual([1, 2, 3]);
  },
);

test("a second server on the folder is told who has it; when that one has gone it gets it", async () => {
  await using folder = new StoreFolder();
  const store = await folder.open();
  await fill(store, 1, 2);
  for (const command of [writers.bun, writers.deno]) {
    const error = await errorOf(folder.open(command));
    expect(error.code).toBe("folder_taken");
    const who = new RegExp(
      `^Cannot open the data folder \\S+: the server with process id ${process.pid} has it since 20\\S+Z\\.$`,
    );
    expect(error.message).toMatch(who);
  }
  await fill(store, 3, 4);
  await store.close();
  expect(await numbers(await folder.open())).toEqual([1, 2, 3, 4]);
});

test("a store of a newer format is left alone", async () => {
  await using folder = new StoreFolder();
  const store = await folder.open();
  await fill(store, 1, 2);
  await store.close();
  const file = join(folder.path, "store.db");
  const setFormat = (format: number) => {
    using database = new DatabaseSync(file);
    database.exec(`PRAGMA user_version = ${format}`);
  };
  setFormat(99);
  const before = readFileSync(file);
  const error = await errorOf(folder.open());
  expect(error.code).toBe("newer_format");
  expect(error.message).toContain(
    `its format is 99, and this program knows those up to ${FORMAT}: a newer hotroom has written it.`,
  );
  expect(readFileSync(file).equals(before)).toBe(true);
  setFormat(FORMAT);
  expect(await numbers(await folder.open())).toEqual([1, 2]);
});

describe.each(Object.entries(writers))("what was left behind, under %s", (_, command) => {
  test("is all there", async () => {
    await using folder = await leftBehind(20, command);
    expect(await numbers(await folder.open())).toEqual(upTo(20));
    expect(folder.lines).toEqual([]);
  });

  test("a torn tail is cut off, and how much it was is told", async () => {
    await using folder = await leftBehind(20, command);
    const log = join(folder.path, "commits-1");
    truncateSync(log, statSync(log).size - 100);
    const store = await folder.open();
    expect(await numbers(store)).toEqual(upTo(19));
    expect(folder.lines).toHaveLength(1);
    expect(folder.lines[0]).toMatch(
      /^(warn|error): The end of the commits in \S+ can't be read: commits 20 to 20 are lost, /,
    );
    await fill(store, 20, 21);
    await store.close();
    expect(await numbers(await folder.open())).toEqual(upTo(21));
    expect(folder.lines).toHaveLength(1);
  });

  test.each([
    ["in its midst", (size: number) => size >> 1],
    ["in its head", () => 20],
  ])("a byte of the log that has flipped %s ends it there, and that is told", async (__, offset) => {
    await using folder = await leftBehind(20, command);
    const log = join(folder.path, "commits-1");
    flip(log, offset(statSync(log).size));
    const store = await folder.open();
    const kept = await numbers(store);
    expect(kept.length).toBeLessThan(20);
    expect(kept).toEqual(upTo(kept.length));
    expect(folder.lines).toHaveLength(1);
    expect(folder.lines[0]).toContain(`commits ${kept.length + 1} to 20 are lost`);
  });

  test("a log that is missing is told", async () => {
    await using folder = await leftBehind(20, command);
    rmSync(join(folder.path, "commits-1"));
    await folder.open();
    expect(folder.lines).toEqual([expect.stringContaining("commits 1 to 20 are lost")]);
  });

  test("a byte of what is kept that has flipped is found when that is read; the rest is there", async () => {
    await using folder = new StoreFolder(command);
    const store = await folder.open();
    await store.commit([append(1, '"something said"'), append(2)], "strict");
    await store.commit(
      [{ ...append(1, '"unharmed"'), at: { application: "chat", room: "hall" } } as Write],
      "strict",
    );
    await store.commit(
      [{ kind: "put", at: { application: "quiz" }, item: "user", key: "u1", value: '"somebody"' }],
      "strict",
    );
    await store.close();
    flip(join(folder.path, "store.db"), "something said");
    flip(join(folder.path, "store.db"), "somebody");
    const again = await folder.open();
    const error = await errorOf(again.records(at, "events"));
    expect([error.code, error.isFatal]).toEqual(["damaged", false]);
    expect(error.message).toBe(
      `Cannot use the data folder ${folder.path}: store.db is damaged: what it has of room "lobby" of "chat" (events) is not what was written.`,
    );
    expect((await errorOf(again.items("quiz"))).message).toContain('application "quiz" (user)');
    expect(await again.records({ application: "chat", room: "hall" }, "events")).toHaveLength(1);
    await again.commit([append(3)], "strict");
  });

  test("a database whose structure is broken is not opened", async () => {
    for (const offset of [3, 105]) {
      await using folder = new StoreFolder(command);
      const store = await folder.open();
      await fill(store, 1, 100);
      await store.close();
      flip(join(folder.path, "store.db"), offset);
      const error = await errorOf(folder.open());
      expect(error.code).toBe("damaged");
      expect(error.message).toStartWith(`Cannot open the data folder ${folder.path}: store.db is damaged: `);
    }
  });
});

describe("a disk that fails to sync", () => {
  const failing = (after: number) => (folder: string) => [
    process.execPath,
    "run",
    join(import.meta.dir, "fixtures/failing_sync.ts"),
    folder,
    String(process.pid),
    String(after),
  ];

  test("ends a strict commit and all after it; what was acknowledged before is on the disk", async () => {
    await using folder = new StoreFolder(failing(3));
    const store = await folder.open();
    await store.commit([append(1)], "strict");
    await store.commit([append(2)], "strict");
    const failures: Error[] = [];
    store.onFailed = (error) => failures.push(error);
    const error = await errorOf(store.commit([append(3)], "strict"));
    expect([error.code, error.isFatal]).toEqual(["io_failed", true]);
    expect(error.message).toBe(
      `Cannot use the data folder ${folder.path}: the disk failed to sync: EIO: i/o error, fsync.`,
    );
    // It is not tried again.
    expect(await errorOf(store.commit([append(4)], "relaxed"))).toBe(error);
    expect(await errorOf(store.items("chat"))).toBe(error);
    expect([failures, store.view.problem]).toEqual([[], error.message]);
    await store.close();
    const again = await folder.open(writers.bun);
    expect((await numbers(again)).slice(0, 2)).toEqual([1, 2]);
    expect(await numbers(again)).not.toContain(4);
  });

  test("is told of what was committed without waiting for it", async () => {
    await using folder = new StoreFolder(failing(1));
    const store = await folder.open();
    const { promise, resolve } = Promise.withResolvers<Error>();
    store.onFailed = resolve;
    await store.commit([append(1)], "relaxed");
    expect(await promise).toMatchObject({ code: "io_failed", isFatal: true });
    expect(await errorOf(store.commit([append(2)], "relaxed"))).toMatchObject({ isFatal: true });
  });

  test("is told when the folder is given back, if not before", async () => {
    await using folder = new StoreFolder(failing(1));
    const store = await folder.open();
    const told: Error[] = [];
    store.onFailed = (error) => told.push(error);
    await store.commit([append(1)], "relaxed");
    await store.close().catch((error: Error) => told.push(error));
    expect(told).toMatchObject([{ code: "io_failed", isFatal: true }]);
  });
});
