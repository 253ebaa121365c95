/** Logins and resumes of a durable application: the client has no secret that a server which is started again does not know. */
import { expect, test } from "bun:test";
import type { Write } from "../../../src/core/ports/journal_store.ts";
import { buildOf, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const room = `
import { defineRoom } from "hotroom";
export default defineRoom({ durable: true, state: () => ({}), emits: { dump: (room) => console.log(JSON.stringify(room.users.map((user) => user.name))) } });`;
const build = buildOf(
  { "rooms/r.js": room },
  { rooms: "join", session: { grace: 1_000_000 }, emptyGrace: 1_000_000 },
);

// biome-ignore lint/suspicious/noExplicitAny: a frame is whatever came.
type Frame = any;

/** A disk that may be full. */
class FullStore extends RecordingStore {
  isFull = false;

  override commit(writes: readonly Write[]): Promise<void> {
    return this.isFull ? Promise.reject(new Error("the disk is full")) : super.commit(writes);
  }
}

test("[P147] a login, or a resume, whose reply was lost with the server keeps its name from nobody who has not come back", async () => {
  const store = new RecordingStore();
  const control = new Core(store);
  await control.start(build);
  await control.user("bob", "a");
  await control.quiet();
  const before = store.transactions.length;
  const ann = control.connect();
  const login = (await control.ask(ann, { event: "login", data: { name: "ann" } })) as Frame;
  await control.quiet();
  const unproven = store.transactions.length;
  await control.ask(ann, { event: "ping" });
  await control.quiet();
  const proven = store.transactions.length;
  await control.stop();
  expect([unproven - before, proven - unproven]).toEqual([expect.any(Number), expect.any(Number)]);
  for (let count = before; count <= proven; count++) {
    const again = new Core(await store.cut(count));
    await again.start(build);
    const { code } =
      ((await again.ask(again.connect(), { event: "login", data: { name: "ann" } })) as Frame).error ?? {};
    expect({ count, code }).toEqual({ count, code: count === proven ? "name_taken" : undefined });
    await again.stop();
    if (count < unproven) continue;
    const back = new Core(await store.cut(count));
    await back.start(build);
    const { session } = login.data;
    const reply = (await back.ask(back.connect(), {
      event: "reconnect",
      data: { session, seen: 0 },
    })) as Frame;
    expect(reply).toMatchObject({ ok: true, data: { outcome: "resumed", user: { name: "ann" } } });
    await back.stop();
  }
});

test("[P147] while nothing can be saved a login and a resume fail with not_saved, and leave all as it was", async () => {
  const store = new FullStore();
  const core = new Core(store);
  await core.start(build);
  const ann = core.connect();
  const login = (await core.ask(ann, { event: "login", data: { name: "ann" } })) as Frame;
  await core.quiet();
  store.isFull = true;
  expect(await core.ask(core.connect(), { event: "login", data: { name: "bob" } })).toMatchObject({
    ok: false,
    error: { code: "not_saved", message: "Cannot log in: it can't be saved." },
  });
  const resume = { event: "reconnect", data: { session: login.data.session, seen: 0 } };
  const refused = core.connect().ask(resume);
  // It is tried again a second after the last time.
  await core.pass(2000, 500);
  expect(refused()).toMatchObject({ ok: false, error: { code: "not_saved" } });
  expect(Array.from(core.application.users.values(), ({ name }) => name)).toEqual(["ann"]);
  store.isFull = false;
  await core.pass(3000, 500);
  expect(await core.ask(core.connect(), resume)).toMatchObject({ ok: true, data: { outcome: "resumed" } });
  expect(await core.ask(core.connect(), { event: "login", data: { name: "bob" } })).toMatchObject({
    ok: true,
  });
  await core.stop();
});
