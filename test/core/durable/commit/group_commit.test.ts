import { expect, test } from "bun:test";
import { GroupCommit } from "../../../../src/core/durable/commit/group_commit.ts";
import { type Durability, StoreError, type Write } from "../../../../src/core/ports/journal_store.ts";
import { MemoryStore } from "../../../../src/store/memory_store.ts";
import { FakeClock } from "../../fake_clock.ts";

const at = { application: "chat", room: "lobby" };
const put = (key: string, value: string): Write => ({ kind: "put", at, item: "schedule", key, value });
const append = (number: number, record = "0"): Write => ({
  kind: "append",
  at,
  log: "events",
  number,
  record,
});

/** A store whose commits wait until the test says what becomes of them. */
class HeldStore extends MemoryStore {
  readonly commits: { writes: readonly Write[]; durability: Durability; done: (error?: Error) => void }[] =
    [];

  override commit(writes: readonly Write[], durability: Durability = "relaxed"): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: Error) => (error ? reject(error) : resolve(super.commit(writes)));
      this.commits.push({ writes, durability, done });
    });
  }
}

/** Resolves when the turns of the loop that a commit and its end take are over. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function start() {
  const store = new HeldStore();
  const clock = new FakeClock();
  const lines: string[] = [];
  const failures: Error[] = [];
  const commit = new GroupCommit(
    store,
    clock,
    (level, text) => lines.push(`${level}: ${text}`),
    (error) => failures.push(error),
  );
  const outcomes: string[] = [];
  /** Enters an event's record, and notes what becomes of it. */
  const enter = (number: number, durability: Durability = "relaxed", record = "0") => {
    commit.enter(append(number, record), durability, {
      settled: (isSaved) => outcomes.push(`${number} ${isSaved}`),
    });
  };
  return { store, clock, lines, failures, commit, outcomes, enter };
}

const full = new StoreError("no_space", "the disk is full");
const lost = new StoreError("io_failed", "the disk failed to sync", true);

test("what is written in one turn of the loop is one transaction, in its order; what comes meanwhile is the next one", async () => {
  const { store, commit, enter, outcomes } = start();
  enter(1);
  commit.write(put("a", "1"));
  queueMicrotask(() => enter(2));
  await turns();
  expect(store.commits.map(({ writes }) => writes)).toEqual([[append(1), put("a", "1"), append(2)]]);
  enter(3);
  await turns();
  enter(4, "strict");
  await turns();
  expect([store.commits.length, outcomes]).toEqual([1, []]);
  store.commits[0]?.done();
  await turns();
  expect(outcomes).toEqual(["1 true", "2 true"]);
  expect(store.commits[1]?.writes).toEqual([append(3), append(4)]);
  expect(store.commits.map(({ durability }) => durability)).toEqual(["relaxed", "strict"]);
  store.commits[1]?.done();
  await turns();
  expect([outcomes.slice(2), store.commits.length, commit.units]).toEqual([["3 true", "4 true"], 2, 0]);
});

test("what is asked for last is made out when it is committed, once", async () => {
  const { store, commit } = start();
  let value = 0;
  const make = () => put("n", String(value));
  commit.writeLast(make, make);
  commit.writeLast(make, make);
  value = 7;
  await turns();
  expect(store.commits.map(({ writes }) => writes)).toEqual([[put("n", "7")]]);
});

test("after a failed commit events have not happened, what follows from others waits, and one look a second tells when it can be saved", async () => {
  const { store, clock, commit, enter, outcomes, lines } = start();
  enter(1);
  commit.write(put("a", "1"));
  await turns();
  store.commits[0]?.done(full);
  await turns();
  expect([outcomes, commit.problem]).toEqual([["1 false"], "the disk is full"]);
  // Nothing is tried before it is looked again.
  commit.write(put("b", "2"));
  enter(2);
  await turns();
  clock.advance(999);
  await turns();
  expect([store.commits.length, outcomes.length]).toEqual([1, 1]);
  clock.advance(1);
  await turns();
  expect(store.commits[1]?.writes).toEqual([put("a", "1"), put("b", "2"), append(2)]);
  store.commits[1]?.done(full);
  await turns();
  clock.advance(1000);
  await turns();
  expect(store.commits[2]?.writes).toEqual([put("a", "1"), put("b", "2")]);
  store.commits[2]?.done();
  await turns();
  expect([outcomes, commit.problem, commit.units]).toEqual([["1 false", "2 false"], undefined, 0]);
  expect(lines).toEqual([
    "error: Cannot save durable rooms: the disk is full",
    "info: Durable rooms are saved again.",
  ]);
  expect(await store.items("chat")).toHaveLength(2);
});

test("where nothing waits, too, it is looked whether something can be saved again", async () => {
  const { store, clock, commit, enter } = start();
  enter(1);
  await turns();
  store.commits[0]?.done(full);
  await turns();
  clock.advance(1000);
  await turns();
  expect([store.commits.length, store.commits[1]?.writes]).toEqual([2, []]);
  store.commits[1]?.done();
  await turns();
  expect([commit.problem, clock.pending]).toEqual([undefined, 0]);
});

test("what waits on a full disk is no more than what is kept, however often it changes", async () => {
  const { store, clock, commit } = start();
  const long = "x".repeat(1000);
  for (let round = 0; round < 50; round++) {
    commit.write(put("a", long));
    commit.write(append(round, long));
    commit.write({ kind: "trim", at, log: "events", upTo: round - 1 });
    commit.write({
      kind: "append",
      at: { application: "chat", room: "gone" },
      log: "frames",
      number: round,
      record: long,
    });
    commit.write({ kind: "forget", at: { application: "chat", room: "gone" } });
    await turns();
    store.commits.at(-1)?.done(full);
    await turns();
    clock.advance(1000);
    await turns();
    store.commits.at(-1)?.done(full);
    await turns();
    expect(commit.units).toBeLessThan(4000);
  }
  clock.advance(1000);
  await turns();
  store.commits.at(-1)?.done();
  await turns();
  expect(store.commits.at(-1)?.writes.map(({ kind }) => kind)).toEqual(["put", "append", "trim", "forget"]);
  expect(await store.records(at, "events")).toEqual([{ number: 49, record: long }]);
  expect(await store.applications()).toEqual(["chat"]);
  expect(commit.units).toBe(0);
});

test("where more waits than a disk that is slow takes, nothing new can be saved until it is less", async () => {
  const { store, commit, enter, outcomes } = start();
  enter(1);
  await turns();
  const long = "x".repeat(1024 * 1024);
  for (let number = 2; number < 35; number++) enter(number, "relaxed", long);
  expect(commit.problem).toBe("the disk does not keep up");
  store.commits[0]?.done();
  await turns();
  store.commits[1]?.done();
  await turns();
  expect([commit.problem, outcomes.length, outcomes.every((each) => each.endsWith("true"))]).toEqual([
    undefined,
    34,
    true,
  ]);
});

test("where nobody knows what is on the disk, all is told that it is not saved, once, and nothing is written any more", async () => {
  const { store, clock, commit, enter, outcomes, failures } = start();
  enter(1);
  commit.write(put("a", "1"));
  await turns();
  enter(2);
  store.commits[0]?.done(lost);
  await turns();
  expect([outcomes, failures, commit.problem]).toEqual([
    ["1 false", "2 false"],
    [lost],
    "the disk failed to sync",
  ]);
  enter(3);
  expect(await commit.saved("strict")).toBe(false);
  clock.advance(10_000);
  await turns();
  await commit.idle();
  expect([store.commits.length, failures.length, outcomes.length, clock.pending]).toEqual([1, 1, 3, 0]);
});

test("who waits for a sync waits for one, though nothing is left to be written", async () => {
  const { store, commit } = start();
  expect(await commit.saved("relaxed")).toBe(true);
  expect(store.commits).toEqual([]);
  const saved = commit.saved("strict");
  await turns();
  expect(store.commits.map(({ writes, durability }) => [writes, durability])).toEqual([[[], "strict"]]);
  store.commits[0]?.done();
  expect(await saved).toBe(true);
});

test("it is idle when nothing is on its way, or can be", async () => {
  const { store, clock, commit, enter } = start();
  let isIdle = false;
  await commit.idle();
  enter(1);
  void commit.idle().then(() => {
    isIdle = true;
  });
  await turns();
  enter(2);
  store.commits[0]?.done();
  await turns();
  expect(isIdle).toBe(false);
  store.commits[1]?.done();
  await turns();
  expect(isIdle).toBe(true);
  commit.write(put("a", "1"));
  await turns();
  store.commits[2]?.done(full);
  await commit.idle();
  clock.advance(1000);
  await turns();
  expect(store.commits).toHaveLength(4);
});
