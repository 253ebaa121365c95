/** `cron` of rooms whose server is killed, and of many rooms at once. */
import { expect, test } from "bun:test";
import { buildOf, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const room = (
  isDurable: boolean,
  cron = '{ "0 4 * * *": "clean", "0 5 * * *": "count" }',
) => `import { defineRoom } from "hotroom";
export default defineRoom({
  durable: ${isDurable},
  state: () => ({ log: [] }),
  cron: ${cron},
  emits: {
    cancel(room) { room.cancel("clean"); room.schedule("clean", 3_600_000); },
    dump: (room) => console.log(JSON.stringify(room.state.log)),
  },
  timers: {
    clean: (room, data, key) => void room.state.log.push(["clean", data ?? key ?? null]),
    count: (room) => void room.state.log.push(["count"]),
  },
});`;
const build = (isDurable: boolean, cron?: string) =>
  buildOf({ "rooms/r.js": room(isDurable, cron) }, { emptyGrace: 600_000 });
const HOUR = 3_600_000;

async function started(isDurable: boolean, rooms = ["bay"]): Promise<Core> {
  const core = new Core(new RecordingStore());
  core.clock.jump(Date.parse("2026-11-29T03:30:00Z") - core.clock.now());
  await core.start(build(isDurable));
  for (const name of rooms) core.application.createRoom(name, { type: "r", keep: true });
  await core.quiet();
  return core;
}

async function after(core: Core, ms: number): Promise<void> {
  core.clock.advance(ms);
  await core.quiet();
}

/** Another server on what was kept, which is started some time later. */
async function restarted(core: Core, later: number, isDurable = true): Promise<Core> {
  const store = core.store as RecordingStore;
  const again = new Core(await store.cut(store.transactions.length));
  again.clock.jump(core.clock.now() + later - again.clock.now());
  await again.start(build(isDurable));
  await after(again, 15_000);
  return again;
}

test("a room's timers run by its cron, and by another one after an edit", async () => {
  const core = await started(false);
  await after(core, HOUR);
  expect(await core.state("bay")).toEqual([["clean", null]]);
  await core.applications.update(build(false, '{ "*/10 * * * *": "count" }'));
  await core.quiet();
  for (let n = 0; n < 6; n++) await after(core, HOUR / 6);
  await after(core, 10_000);
  expect(await core.state("bay")).toEqual([["clean", null], ...Array.from({ length: 6 }, () => ["count"])]);
  await core.stop();
});

test("a run that is due while the one before waits for the script is left out", async () => {
  const core = await started(false);
  await core.applications.update(build(false, '{ "* * * * *": "count" }'));
  await core.quiet();
  await after(core, HOUR);
  expect(await core.state("bay")).toEqual([["count"]]);
  await core.stop();
});

test("what a script schedules or cancels under the same name takes nothing back that runs by cron", async () => {
  const core = await started(true);
  core.clock.advance(30 * 60_000 - 1);
  core.clock.advance(10_001);
  core.application.emit("bay", "cancel", "null");
  await core.quiet();
  expect(await core.state("bay")).toEqual([["clean", null]]);
  await core.stop();
});

test("many rooms do not run at a stroke, and all within ten seconds", async () => {
  const names = Array.from({ length: 40 }, (_, i) => `room ${i}`);
  const core = await started(false, names);
  core.clock.advance(30 * 60_000 - 1);
  await core.quiet();
  const run = async () => {
    let count = 0;
    for (const name of names) count += ((await core.state(name)) as unknown[]).length;
    return count;
  };
  await after(core, 3_000);
  const some = await run();
  expect(some).toBeGreaterThan(0);
  expect(some).toBeLessThan(30);
  await after(core, 7_001);
  expect(await run()).toBe(40);
  await core.stop();
});

test("a durable room runs at the start what was due while the server was down, once, and nothing twice", async () => {
  const core = await started(true);
  await after(core, HOUR);
  expect(await core.state("bay")).toEqual([["clean", null]]);
  await core.stop();
  const again = await restarted(core, 72 * HOUR);
  const all = [["clean", null], ["clean", null], ["count"]];
  expect(await again.state("bay")).toEqual(all);
  await again.stop();
  const third = await restarted(again, HOUR / 4);
  expect(await third.state("bay")).toEqual(all);
  await third.stop();
});
