/** What is left of a store whose writer or server is killed: real processes, killed while they work. */
import { expect, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Write } from "../../src/core/ports/journal_store.ts";
import type { SqliteStore } from "../../src/store/sqlite_store.ts";
import { StoreFolder, writers } from "./store_folder.ts";

const at = { application: "chat", room: "lobby" };
const append = (number: number): Write => ({
  kind: "append",
  at,
  log: "events",
  number,
  record: `"${"x".repeat(300)}"`,
});
/** Writes to one record, which says how often it was written. */
const count = (number: number): Write => ({
  kind: "put",
  at,
  item: "delivered",
  key: "",
  value: String(number),
});

/** Returns the ids of the writers of a folder that run. */
function writersOf({ path }: StoreFolder): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const args = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      return args.includes("store-writer") && args.includes(path) ? [Number(name)] : [];
    } catch {
      return []; // It has ended meanwhile.
    }
  });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(5);
}

async function expectUpTo(store: SqliteStore, least: number, most: number): Promise<void> {
  const numbers = (await store.records(at, "events")).map(({ number }) => number);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect(numbers.length).toBeGreaterThanOrEqual(least);
  expect(numbers.length).toBeLessThanOrEqual(most);
  const [item] = await store.items("chat");
  if (item) expect(item.value).toBe(String(numbers.length));
}

for (const [runtime, command] of Object.entries(writers)) {
  test(`a writer that is killed while it works costs nothing: every commit is made, once (${runtime})`, async () => {
    await using folder = new StoreFolder(command);
    const store = await folder.open();
    const failures: Error[] = [];
    store.onFailed = (error) => failures.push(error);
    let last = 0;
    let isOver = false;
    const load = (async () => {
      while (!isOver) {
        const number = last + 1;
        await store.commit([append(number), count(number)], number % 10 === 0 ? "strict" : "relaxed");
        last = number;
      }
    })();
    for (let kill = 0; kill < 5; kill++) {
      const before = last;
      await until(() => last > before + 20 + 7 * kill);
      const [pid] = writersOf(folder);
      if (pid === undefined) throw new Error("There is no writer.");
      process.kill(pid, "SIGKILL");
      // Reads that were asked for meanwhile are answered by the next one.
      expect((await store.records(at, "events")).length).toBeGreaterThanOrEqual(last - 1);
    }
    isOver = true;
    await load;
    await expectUpTo(store, last, last);
    expect(folder.lines).toHaveLength(5);
    expect(folder.lines[0]).toMatch(
      /^error: The writer of \S+ is gone: SIGKILL ended it\. It starts again\.$/,
    );
    expect([failures, store.view.failures, store.view.commits]).toEqual([[], 0, last]);
    await store.close();
    await expectUpTo(await folder.open(), last, last);
  }, 60_000);

  test(`a writer outlives what asks its process group to stop (${runtime})`, async () => {
    await using folder = new StoreFolder(command);
    const store = await folder.open();
    await store.commit([append(1)], "relaxed");
    const pids = writersOf(folder);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)
      for (const pid of pids) process.kill(pid, signal);
    await store.commit([append(2)], "relaxed");
    await store.commit([append(3)], "strict");
    expect([writersOf(folder), folder.lines]).toEqual([pids, []]);
    await store.close();
    await until(() => writersOf(folder).length === 0);
    await expectUpTo(await folder.open(), 3, 3);
  });

  for (const durability of ["relaxed", "strict"]) {
    test(`a server that is killed has lost nothing that it was told is committed (${durability}, ${runtime})`, async () => {
      await using folder = new StoreFolder(command);
      const program = runtime === "bun" ? ["bun", "run"] : ["deno", "run", "-A", "--quiet", "--cached-only"];
      const [name = "", ...args] = [
        ...program,
        join(import.meta.dir, "fixtures/committer.ts"),
        folder.path,
        durability,
      ];
      for (let round = 0; round < 2; round++) {
        const server: ChildProcess = spawn(name, args, { stdio: ["ignore", "pipe", "inherit"] });
        let said = "";
        server.stdout?.on("data", (chunk: Uint8Array) => {
          said += String(chunk);
        });
        await until(() => said.split("\n").length > 50);
        server.kill("SIGKILL");
        await new Promise((resolve) => server.on("close", resolve));
        // The writer does what it has read, and goes; the next server waits for that.
        const store = await folder.open();
        const last = Number(said.trimEnd().split("\n").at(-1));
        await expectUpTo(store, last, last + 1);
        expect(writersOf(folder)).toHaveLength(1);
        await store.commit([{ kind: "forget", at }], "strict");
        await store.close();
      }
      expect(folder.lines).toEqual([]);
    });
  }
}

test("a writer that can't be started is told, and so is one that never works", async () => {
  await using folder = new StoreFolder();
  for (const command of [() => ["/nowhere/hotroom"], () => ["false"]]) {
    const error = await folder.open(command).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "no_writer", message: expect.stringContaining(folder.path) });
  }
});

test("a store whose writer is gone for good says so, and that everything has to come up again", async () => {
  await using folder = new StoreFolder();
  let isBroken = false;
  const store = await folder.open((path) => (isBroken ? ["false"] : writers.bun(path)));
  await store.commit([append(1)], "relaxed");
  isBroken = true;
  for (const pid of writersOf(folder)) process.kill(pid, "SIGKILL");
  const error = await store.commit([append(2)], "relaxed").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "no_writer", isFatal: true });
  await expectUpTo(await folder.open(writers.bun), 1, 2);
});
