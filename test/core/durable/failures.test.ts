/** What becomes of durable rooms where they can't be saved, and where nobody knows what is. */
import { expect, test } from "bun:test";
import { StoreError } from "../../../src/core/ports/journal_store.ts";
import type { Write } from "../../../src/core/ports/journal_store.ts";
import { buildOf, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const settings = { session: { grace: 1_000_000 }, emptyGrace: 1_000_000, rooms: "client" } as const;
const room = `import { defineRoom } from "hotroom";
export default defineRoom({
  durable: true,
  state: () => ({ n: 0 }),
  emits: { add(room, n) { room.state.n += n; }, dump: (room) => console.log(JSON.stringify(room.state)) },
  messages: { add(room, user, n) { room.state.n += n; room.broadcast("n", room.state.n); return room.state.n; } },
  timers: { t(room, n) { room.state.n += n; } },
  events: { join(room) { room.schedule("t", 5000, 100); } },
});`;
const build = buildOf({ "rooms/r.js": room }, settings);

/** A store that fails when a test says so. */
class FailingStore extends RecordingStore {
  failure: StoreError | undefined;

  override commit(writes: readonly Write[]): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    return super.commit(writes);
  }
}

async function started() {
  const store = new FailingStore();
  const core = new Core(store);
  await core.start(build);
  const ann = await core.user("ann");
  await core.ask(ann, { event: "create", room: "r1", data: { type: "r" } });
  await core.ask(ann, { event: "join", room: "r1" });
  return { store, core, ann };
}

test("on a full disk nothing pretends: requests get `not_saved`, rooms are not made, timers wait, and all goes on when there is room", async () => {
  const { store, core, ann } = await started();
  const say = { event: "message", room: "r1", type: "add", data: 1 };
  expect(await core.ask(ann, say)).toMatchObject({ ok: true, data: 1 });
  store.failure = new StoreError("no_space", "the disk is full");
  const answer = ann.ask(say);
  await core.settle();
  core.clock.advance(1000);
  await core.settle();
  expect(answer()).toMatchObject({ ok: false, error: { code: "not_saved" } });
  const made = await core.ask(ann, { event: "create", room: "r2", data: { type: "r" } });
  expect(made).toMatchObject({ ok: false, error: { code: "not_saved" } });
  core.clock.advance(5000);
  await core.settle();
  store.failure = undefined;
  core.clock.advance(1000);
  await core.quiet();
  expect(await core.ask(ann, say)).toMatchObject({ ok: true, data: 102 });
  await core.stop();
});

test("where nobody knows what is kept, users are told to come back, and the rooms come up again from there", async () => {
  const { store, core, ann } = await started();
  const say = { event: "message", room: "r1", type: "add", data: 1 };
  await core.ask(ann, say);
  store.failure = new StoreError("io_failed", "a sync has failed", true);
  ann.ask(say);
  await core.settle();
  store.failure = undefined;
  for (let turns = 0; turns < 100 && !core.applications.find("app"); turns++) await core.settle();
  await core.quiet();
  expect(ann.closeCode).toBe(4000);
  expect(core.application.users.get("u1")?.isConnected).toBe(false);
  expect(await core.state("r1")).toEqual({ n: 1 });
  await core.stop();
});
