/** Several timers of one name, in a durable room and in another one. */
import { expect, test } from "bun:test";
import { buildOf, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const room = (isDurable: boolean) => `import { defineRoom } from "hotroom";
export default defineRoom({
  durable: ${isDurable},
  state: () => ({ log: [] }),
  emits: {
    set(room, all) { for (const [key, ms] of all) room.schedule("turn", ms, ms, key === null ? undefined : { key }); },
    cancel(room, key) { room.cancel("turn", key === null ? {} : { key }); },
    dump: (room) => console.log(JSON.stringify(room.state.log)),
  },
  timers: { turn: (room, data, key) => void room.state.log.push([key ?? null, data]) },
});`;
const settings = { emptyGrace: 600_000, limits: { schedules: 3 } };
const builds = {
  durable: buildOf({ "rooms/r.js": room(true) }, settings),
  other: buildOf({ "rooms/r.js": room(false) }, settings),
};

async function started(build: (typeof builds)["durable"]): Promise<Core> {
  const core = new Core(new RecordingStore());
  await core.start(build);
  core.application.createRoom("bay", { type: "r", keep: true });
  await core.quiet();
  return core;
}

for (const [kind, build] of Object.entries(builds)) {
  test(`a ${kind} room has one timer for each key, and one without`, async () => {
    const core = await started(build);
    core.application.emit("bay", "set", '[["ann",100],["ben",200],[null,300],["ann",400]]');
    await core.quiet();
    core.application.emit("bay", "cancel", '"ben"');
    await core.quiet();
    core.clock.advance(1000);
    await core.quiet();
    expect(await core.state("bay")).toEqual([
      [null, 300],
      ["ann", 400],
    ]);
    await core.stop();
  });

  test(`a ${kind} room that sets one anew while another is due hears that other one`, async () => {
    const core = await started(build);
    core.application.emit("bay", "set", '[["ann",100],["ben",100]]');
    await core.quiet();
    core.application.emit("bay", "set", '[["ann",500]]');
    core.clock.advance(100);
    await core.quiet();
    expect(await core.state("bay")).toEqual([["ben", 100]]);
    core.clock.advance(500);
    await core.quiet();
    expect(await core.state("bay")).toEqual([
      ["ben", 100],
      ["ann", 500],
    ]);
    await core.stop();
  });

  test(`in a ${kind} room timers with keys count as others do`, async () => {
    const core = await started(build);
    core.application.emit("bay", "set", '[["a",10],["b",20],["c",30],["d",40]]');
    await core.quiet();
    expect(core.lines.join("\n")).toContain(
      'Cannot schedule "turn": it has 3 schedules, the most that it may have (limits.schedules).',
    );
    core.clock.advance(100);
    await core.quiet();
    expect(await core.state("bay")).toHaveLength(3);
    await core.stop();
  });
}

test("timers with keys outlive the server, those that are due and those that are not", async () => {
  const core = await started(builds.durable);
  core.application.emit("bay", "set", '[["ann",100],["ben",200],["o\'neil #1",5000]]');
  await core.quiet();
  await core.stop();
  const store = core.store as RecordingStore;
  const again = new Core(await store.cut(store.transactions.length));
  again.clock.jump(core.clock.now() + 150 - again.clock.now());
  await again.start(builds.durable);
  again.clock.advance(0);
  await again.quiet();
  expect(await again.state("bay")).toEqual([["ann", 100]]);
  again.clock.advance(50);
  await again.quiet();
  again.clock.advance(5000);
  await again.quiet();
  expect(await again.state("bay")).toEqual([
    ["ann", 100],
    ["ben", 200],
    ["o'neil #1", 5000],
  ]);
  await again.stop();
});
