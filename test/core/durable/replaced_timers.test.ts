/** A timer that has fallen due and waits, while its script sets or cancels it in an event before. */
import { expect, test } from "bun:test";
import { buildOf, type Client, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const room = (isDurable: boolean) => `import { defineRoom, refuse } from "hotroom";
export default defineRoom({
  durable: ${isDurable},
  state: () => ({ log: [] }),
  emits: {
    set(room, ms) { room.schedule("turn", ms); },
    again(room, ms) { room.state.log.push("again"); room.schedule("turn", ms); },
    cancel(room) { room.state.log.push("cancel"); room.cancel("turn"); },
    fail(room) { room.schedule("turn", 5000); throw new Error("failed"); },
    dump: (room) => console.log(JSON.stringify(room.state.log)),
  },
  events: { disconnect(room) { room.state.log.push("disconnect"); room.schedule("turn", 5000); } },
  timers: { turn: (room) => void room.state.log.push("turn") },
});`;
const settings = { emptyGrace: 600_000, session: { grace: 60_000 } };
const kinds = [
  ["durable", buildOf({ "rooms/r.js": room(true) }, settings)],
  ["other", buildOf({ "rooms/r.js": room(false) }, settings)],
] as const;

for (const [kind, build] of kinds) {
  async function started(): Promise<Core> {
    const core = new Core(new RecordingStore());
    await core.start(build);
    core.application.createRoom("bay", { type: "r", keep: true });
    await core.quiet();
    core.application.emit("bay", "set", "1000");
    await core.quiet();
    return core;
  }

  test(`of a ${kind} room does not run where it is set anew, until it is due again`, async () => {
    const core = await started();
    core.application.emit("bay", "again", "5000");
    core.clock.advance(1000);
    await core.quiet();
    expect(await core.state("bay")).toEqual(["again"]);
    core.clock.advance(5000);
    await core.quiet();
    expect(await core.state("bay")).toEqual(["again", "turn"]);
    await core.stop();
  });

  test(`of a ${kind} room does not run where it is cancelled`, async () => {
    const core = await started();
    core.application.emit("bay", "cancel", "null");
    core.clock.advance(60_000);
    await core.quiet();
    expect(await core.state("bay")).toEqual(["cancel"]);
    await core.stop();
  });

  test(`of a ${kind} room runs where the handler fails that sets it anew`, async () => {
    const core = await started();
    core.application.emit("bay", "fail", "null");
    core.clock.advance(1000);
    await core.quiet();
    expect(await core.state("bay")).toEqual(["turn"]);
    await core.stop();
  });

  test(`of a ${kind} room runs where it falls due before it is set anew`, async () => {
    const core = await started();
    core.clock.advance(1000);
    core.application.emit("bay", "again", "5000");
    await core.quiet();
    expect(await core.state("bay")).toEqual(["turn", "again"]);
    await core.stop();
  });
}

test("a timer that fell due while the server was down is replaced by a disconnect at the start", async () => {
  const store = new RecordingStore();
  const core = new Core(store);
  const [[, build]] = kinds;
  await core.start(build);
  core.application.createRoom("bay", { type: "r", keep: true });
  await core.quiet();
  const ann: Client = core.connect();
  await core.ask(ann, { event: "login", data: { name: "ann" } });
  await core.ask(ann, { event: "join", room: "bay" });
  core.application.emit("bay", "set", "1000");
  await core.quiet();
  await core.stop();
  let kept = store;
  for (let start = 0; start < 2; start++) {
    kept = await kept.cut(kept.transactions.length);
    const again = new Core(kept);
    again.clock.jump(core.clock.now() + 3000 - again.clock.now());
    await again.start(build);
    await again.quiet();
    again.clock.advance(0);
    await again.quiet();
    expect(await again.state("bay")).toEqual(["disconnect"]);
    if (start === 1) {
      again.clock.advance(5000);
      await again.quiet();
      expect(await again.state("bay")).toEqual(["disconnect", "turn"]);
    }
    await again.stop();
  }
});
