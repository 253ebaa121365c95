/** Rooms that wait for their turn after a start. */
import { expect, test } from "bun:test";
import { OpeningQueue } from "../../../src/core/restore/opening_queue.ts";
import { buildOf, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

test("what somebody waits for goes first, and no more are read at one time than may be", async () => {
  const queue = new OpeningQueue(() => 0);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const tasks = Array.from({ length: 200 }, (_, n) => () => {
    begun.push(n);
    return new Promise<void>((resolve) => ends.push(resolve));
  });
  for (const task of tasks) queue.add(task);
  await Promise.resolve();
  expect(begun.length).toBe(32);
  queue.hurry(tasks[190] as () => Promise<void>);
  ends[0]?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun.slice(32)).toEqual([190]);
  expect(queue.size).toBe(167);
});

test("what takes long to begin leaves the loop its turns, though much of it was read at once", async () => {
  let now = 0;
  const queue = new OpeningQueue(() => now);
  const log: string[] = [];
  const open = (n: number) => async () => {
    await queue.inTurn(() => {
      now += 5;
      log.push(`room ${n}`);
    });
  };
  for (let n = 0; n < 4; n++) queue.add(open(n));
  while (log.filter((line) => line !== "turn").length < 4) {
    await new Promise((resolve) => setImmediate(resolve));
    log.push("turn");
  }
  // Whatever else the loop has to do, such as a ping, comes between any two.
  expect(log.join(" ")).toMatch(/room 0 (turn )+room 1 (turn )+room 2 (turn )+room 3/);
});

test("what can't be begun is told, and those behind it are begun", async () => {
  const queue = new OpeningQueue(() => 0);
  const failed = queue.inTurn(() => {
    throw new Error("broken");
  });
  await expect(failed).rejects.toThrow("broken");
  let isBegun = false;
  await queue.inTurn(() => {
    isBegun = true;
  });
  expect(isBegun).toBe(true);
});

test("a room is there before its script is, and what comes for it meanwhile is handled when that is up", async () => {
  const room = `import { defineRoom } from "hotroom";
export default defineRoom({
  durable: true,
  state: () => ({ n: 1 }),
  emits: { add: (room, n) => void (room.state.n += n), dump: (room) => console.log(JSON.stringify(room.state)) },
});`;
  const build = buildOf({ "rooms/r.js": room });
  const store = new RecordingStore();
  const core = new Core(store);
  await core.start(build);
  core.application.createRoom("r1", { type: "r", keep: true, meta: { x: 1 } });
  await core.quiet();
  await core.stop();

  const kept = await store.cut(store.transactions.length);
  const gate = Promise.withResolvers<void>();
  const { records } = kept;
  kept.records = async (at, log) => {
    if (at.room !== undefined) await gate.promise;
    return records.call(kept, at, log);
  };
  const again = new Core(kept);
  await again.data.open();
  await again.applications.update(build);
  const found = again.application.rooms.get("r1");
  expect(found?.listing).toContain('"meta":{"x":1}');
  expect(found?.extension.script).toEqual({ waiting: 0, isComingBack: true });
  again.application.emit("r1", "add", "5");
  expect(found?.extension.script).toEqual({ waiting: 1, isComingBack: true });
  gate.resolve();
  await again.quiet();
  expect(await again.state("r1")).toEqual({ n: 6 });
  await again.stop();
});

test("a long log of what users may have missed is read in pieces, between which the loop turns", async () => {
  const app = `import { defineApplication } from "hotroom";
export default defineApplication({ durable: true });`;
  const build = buildOf({ "app.js": app });
  const store = new RecordingStore();
  const core = new Core(store);
  await core.start(build);
  await core.quiet();
  await core.stop();

  const kept = await store.cut(store.transactions.length);
  const { records } = kept;
  const frame = JSON.stringify({ text: "x".repeat(64 * 1024) });
  kept.records = async (at, log) => {
    const all = await records.call(kept, at, log);
    if (log !== "frames") return all;
    const last = all.at(-1)?.number ?? 0;
    const more = Array.from({ length: 100 }, (_, n) => {
      const head = `{"of":[["room gone",0,0,[[${n + 1},${frame.length}]]]],"more":{"last":${n + 1},"answers":{}}}`;
      return { number: last + 1 + n, record: `${head}\n${frame}` };
    });
    return [...all, ...more];
  };
  const again = new Core(kept);
  let now = again.clock.monotonic();
  again.clock.monotonic = () => now++;
  await again.data.open();
  let [turns, isUp] = [0, false];
  void again.applications.update(build).then(() => {
    isUp = true;
  });
  while (!isUp) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  // Two records are a piece.
  expect(turns).toBeGreaterThan(50);
  expect(again.application.state).toBe("running");
  await again.stop();
});
