/** A store that goes on while somebody reads what was there before, as a backup does that takes long. */
import { Buffer } from "node:buffer";
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Write } from "../../../src/core/ports/journal_store.ts";
import { Database } from "../../../src/store/database/database.ts";
import { writesText } from "../../../src/store/wire/writes_text.ts";
import { StoreFolder } from "../store_folder.ts";

const backuper = join(import.meta.dir, "../fixtures/backuper.ts");
const folder = mkdtempSync(join(tmpdir(), "hotroom-read-long-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** More than a write-ahead log is to have. */
const LOG_UNITS = 33 * 1024 * 1024;

test("commits do not make a write-ahead log longer that can't be carried over, and it is when nobody reads any more", () => {
  const path = mkdtempSync(join(folder, "data-"));
  const database = new Database(path);
  const log = () => sizeOf(join(path, "store.db-wal"));
  const commit = (value: string): boolean => {
    const at = { application: "chat" };
    const number = database.commit + 1;
    database.write(Buffer.from(writesText([{ kind: "put", at, item: "room", key: "", value }])), number);
    return database.tidy(number) && database.carryOverLog();
  };
  const reader = new DatabaseSync(join(path, "store.db"), { readOnly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT value FROM meta").get();
  expect(commit("x".repeat(LOG_UNITS))).toBe(false);
  database.read(() => {});
  const before = log();
  expect(before).toBeGreaterThan(LOG_UNITS);
  for (let count = 0; count < 100; count++) expect(commit("small")).toBe(false);
  expect(log() - before).toBeLessThan(100_000);
  reader.close();
  for (let count = 0; log() > 0 && count < 20; count++) commit("y".repeat(100_000));
  expect(log()).toBe(0);
  database.close();
});

test.skipIf(process.platform !== "linux")(
  "whoever makes a backup has a lock on the database, as SQLite believes",
  async () => {
    await using store = new StoreFolder();
    const opened = await store.open();
    const puts = Array.from(
      { length: 300 },
      (_, key): Write => ({
        kind: "put",
        at: { application: "chat" },
        item: "room",
        key: `${key}`,
        value: "x".repeat(100_000),
      }),
    );
    await opened.commit(puts, "relaxed");
    await opened.items("chat");
    const file = join(mkdtempSync(join(folder, "copy-")), "store.db");
    const copier = Bun.spawn(["bun", "run", backuper, store.path, file], { stderr: "inherit" });
    while (sizeOf(`${file}.part`) < 3_000_000) await Bun.sleep(1);
    copier.kill("SIGSTOP");
    const { ino } = statSync(join(store.path, "store.db"));
    const locks = readFileSync("/proc/locks", "utf8").split("\n");
    copier.kill("SIGCONT");
    expect(await copier.exited).toBe(0);
    expect(
      locks.filter((line) => line.includes(` ${copier.pid} `) && line.includes(`:${ino} `)),
    ).toHaveLength(1);
  },
);

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
