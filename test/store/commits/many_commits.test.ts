/** Many commits, more than one file of them is to have: read, copied and killed while they go into the rows. */
import { afterAll, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Place, Write } from "../../../src/core/ports/journal_store.ts";
import { Database } from "../../../src/store/database/database.ts";
import { DataFolder } from "../../../src/store/data_folder.ts";
import { StoreFolder, writers } from "../store_folder.ts";

const copies = mkdtempSync(join(tmpdir(), "hotroom-copies-"));
afterAll(() => rmSync(copies, { recursive: true }));

/** Records that are kept, of so many characters each, one with each commit. */
const KEPT = 20;
const UNITS = 256 * 1024;
const COMMITS = 300;
const room: Place = { application: "chat", room: "lobby" };
const filling = "x".repeat(UNITS);

/** The changes of a commit; every tenth is the last one of another room. */
function changes(number: number): Write[] {
  return [
    { kind: "append", at: room, log: "events", number, record: `${number} ${filling}` },
    { kind: "put", at: room, item: "delivered", key: "", value: String(number) },
    { kind: "trim", at: room, log: "events", upTo: number - KEPT },
    {
      kind: "put",
      at: { ...room, room: `room${Math.floor(number / 10)}` },
      item: "room",
      key: "",
      value: String(number),
    },
  ];
}

/** Looks that what is kept is what a commit has left; returns its number. */
function expectOne(kept: readonly Write[]): number {
  const numbers = kept.flatMap((write) => (write.kind === "append" ? [write.number] : []));
  const items = kept.flatMap((write) => (write.kind === "put" ? [write] : []));
  const last = Number(items.find(({ item }) => item === "delivered")?.value);
  expect(numbers).toEqual(
    Array.from({ length: Math.min(KEPT, last) }, (_, index) => Math.max(1, last - KEPT + 1) + index),
  );
  const rooms = items.filter(({ item }) => item === "room").map(({ at, value }) => [at.room, value]);
  const expected = Array.from({ length: Math.floor(last / 10) + 1 }, (_, n) => [
    `room${n}`,
    String(Math.min(last, 10 * n + 9)),
  ]);
  expect(rooms.sort()).toEqual(expected.sort());
  return last;
}

/** Returns what is kept in a copy, which is opened as one that was restored. */
function keptIn(copy: string, number: number): Write[] {
  const restored = join(copies, String(number));
  mkdirSync(restored);
  renameSync(copy, join(restored, "store.db"));
  const database = new Database(restored);
  const kept = database.read((rows) => [...rows.items("chat"), ...rows.records(room, "events")]);
  database.close();
  rmSync(restored, { recursive: true });
  return kept;
}

/** Returns the id of the writer of a folder. */
function writerOf({ path }: StoreFolder): number | undefined {
  return readdirSync("/proc")
    .map(Number)
    .find((pid) => {
      if (!pid || !existsSync(`/proc/${pid}/cmdline`)) return false;
      const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return args.includes("store-writer") && args.includes(path);
    });
}

test("a copy beside a writer that puts commits into rows has all of one moment, and so has what a killed writer leaves", async () => {
  await using folder = new StoreFolder(writers.bun);
  const store = await folder.open();
  const data = new DataFolder(folder.path);
  let most = 0;
  for (let number = 1; number <= COMMITS; number++) {
    const commit = store.commit(changes(number), "relaxed");
    const size = (name: string) => statSync(join(folder.path, name)).size;
    most = Math.max(most, size("commits-1") + size("commits-2"));
    if (number % 43 === 0) {
      const copy = join(copies, "copy");
      data.backup(copy);
      const last = expectOne(keptIn(copy, number));
      expect([number - 1, number]).toContain(last);
    }
    if (number % 90 === 89) process.kill(writerOf(folder) ?? 0, "SIGKILL");
    await commit;
  }
  // Files of commits take turns: what was written in all is more.
  expect(most).toBeLessThan((COMMITS * UNITS * 9) / 10);
  await store.close();
  expect(
    readdirSync(folder.path)
      .filter((name) => name.startsWith("commits"))
      .map((name) => statSync(join(folder.path, name)).size),
  ).toEqual([0, 0]);
  const again = await folder.open();
  const records = await again.records(room, "events");
  const kept: Write[] = (await again.items("chat")).map((item) => ({ kind: "put", ...item }));
  expect(
    expectOne([
      ...kept,
      ...records.map((record): Write => ({ kind: "append", at: room, log: "events", ...record })),
    ]),
  ).toBe(COMMITS);
}, 120_000);
