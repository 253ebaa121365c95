/** What becomes with time of rooms and schedules that are there again. */
import { expect, test } from "bun:test";
import { buildOf, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const room = `import { defineRoom } from "hotroom";
export default defineRoom({
  durable: true,
  state: () => ({ log: [] }),
  emits: {
    set(room, ms) { room.schedule("t", ms); },
    dump: (room) => console.log(JSON.stringify(room.state.log)),
  },
  timers: { t: (room) => void room.state.log.push("t") },
});`;
const settings = { emptyGrace: 5000, session: { grace: 1000 } };
const build = buildOf({ "rooms/r.js": room }, settings);

async function started() {
  const store = new RecordingStore();
  const core = new Core(store);
  await core.start(build);
  for (const name of ["first", "second"]) {
    core.application.createRoom(name, { type: "r", keep: name === "second" });
    core.clock.advance(1);
  }
  await core.quiet();
  return { core, store };
}

async function after(core: Core, store: RecordingStore, ahead = 0): Promise<Core> {
  await core.stop();
  const again = new Core(await store.cut(store.transactions.length));
  again.clock.jump(core.clock.now() + ahead - again.clock.now());
  await again.start(build);
  return again;
}

test("rooms are there in the order in which they were made, and one that is empty closes after a grace that begins anew", async () => {
  const { core, store } = await started();
  core.clock.advance(4000);
  const again = await after(core, store);
  expect([...again.application.rooms.keys()]).toEqual(["first", "second"]);
  again.clock.advance(4900);
  await again.quiet();
  expect(again.application.rooms.size).toBe(2);
  again.clock.advance(200);
  await again.quiet();
  expect([...again.application.rooms.keys()]).toEqual(["second"]);
  await again.stop();
});

test.each([
  ["overdue by a day", 24 * 3_600_000, 0],
  ["due later", 4000, 6000],
  ["due farther away than its delay, since the clock was set back", -24 * 3_600_000, 10_000],
])("a schedule that is %s runs when it should", async (_, ahead, wait) => {
  const { core, store } = await started();
  core.application.emit("second", "set", "10000");
  await core.quiet();
  const again = await after(core, store, ahead);
  if (wait > 0) {
    again.clock.advance(wait - 100);
    await again.quiet();
    expect(await again.state("second")).toEqual([]);
  }
  again.clock.advance(200);
  await again.quiet();
  expect(await again.state("second")).toEqual(["t"]);
  await again.stop();
});

test("a clock that jumps while the server runs changes nothing for schedules", async () => {
  const { core } = await started();
  core.application.emit("second", "set", "10000");
  await core.quiet();
  core.clock.jump(3_600_000);
  core.clock.advance(9000);
  await core.quiet();
  expect(await core.state("second")).toEqual([]);
  core.clock.jump(-7_200_000);
  core.clock.advance(1100);
  await core.quiet();
  expect(await core.state("second")).toEqual(["t"]);
  await core.stop();
});
