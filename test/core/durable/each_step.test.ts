/** A server that ends after any of its commits goes on as if it had not: nothing is lost, and nothing happens twice. */
import { expect, test } from "bun:test";
import { buildOf, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const room = `
import { defineRoom } from "hotroom";
const note = (room, text) => void room.state.log.push(text);
export default defineRoom({
  durable: true,
  state: () => ({ log: [] }),
  events: {
    init: (room) => note(room, "init"),
    join: (room, user, data) => note(room, "join " + user.name + " " + JSON.stringify(data ?? null)),
    leave: (room, user, reason) => note(room, "leave " + user.name + " " + reason),
    close(room, reason) { note(room, "close " + reason); room.application.emit("closed", room.name); },
  },
  emits: {
    go(room) {
      note(room, "go");
      const { application } = room;
      application.room("b").emit("ping", 1);
      application.createRoom("c", { type: "r", keep: true, maxUsers: 7, meta: { x: 1 }, password: "p", locked: true });
      application.createRoom("d", { type: "r", keep: true, hidden: true });
      room.move("bob", "b", { why: "moved" });
      room.schedule("t", 50, { n: 1 });
      room.schedule("never", 1_000_000, "still there");
      room.schedule("gone", 60);
      room.cancel("gone");
      application.join("cat", "b", "joined");
      application.emit("count", 1);
    },
    ping(room, n) {
      note(room, "ping " + n);
      if (n < 4) return void room.application.room("a").emit("pong", n);
      room.kick("bob", "out");
      room.update({ maxUsers: 3, meta: { done: true } });
      room.application.room("c").close("enough");
    },
    pong(room, n) { note(room, "pong " + n); room.application.room("b").emit("ping", n + 1); },
    dump: (room) => console.log(JSON.stringify({ ...room.state, users: room.users.map((user) => user.name) })),
  },
  timers: {
    t(room, { n }) { note(room, "t " + n); if (n < 3) room.schedule("t", 50, { n: n + 1 }); },
    gone: (room) => note(room, "gone"),
    never: (room, data) => note(room, data),
  },
});`;

const app = `
import { defineApplication } from "hotroom";
const note = (app, text) => void app.state.log.push(text);
export default defineApplication({
  durable: true,
  state: () => ({ log: [], count: 0 }),
  events: {
    init(app) { note(app, "init"); for (const name of ["a", "b"]) app.createRoom(name, { type: "r", keep: true }); },
    loggedIn: (app, user) => note(app, "loggedIn " + user.name),
    logout: (app, user) => note(app, "logout " + user.name),
    created: (app, room) => note(app, "created " + room.name),
  },
  emits: {
    count(app, n) { app.state.count += n; app.schedule("s", 30); },
    closed: (app, name) => note(app, "closed " + name),
    dump: (app) => console.log(JSON.stringify({ ...app.state, rooms: app.rooms.map((room) => room.name), users: app.users.map((user) => user.name) })),
  },
  timers: { s(app) { note(app, "s"); app.kick("ann", "bye"); } },
});`;

const build = buildOf(
  { "app.js": app, "rooms/r.js": room },
  { session: { grace: 1_000_000 }, emptyGrace: 1_000_000 },
);

/** What there is in the end, whatever came between what. */
async function outcomeOf(core: Core): Promise<unknown> {
  const { application } = core;
  const outcome: Record<string, unknown> = {};
  for (const name of ["", ...[...application.rooms.keys()].sort()]) {
    const state = (await core.state(name)) as { log: string[]; rooms?: string[]; users: string[] };
    outcome[name] = {
      ...state,
      log: state.log.toSorted(),
      users: state.users.toSorted(),
      ...(state.rooms && { rooms: state.rooms.toSorted() }),
    };
  }
  const rooms = [...application.rooms.values()].map((each) => ({
    name: each.name,
    members: Array.from(each.members.values(), ({ name }) => name).sort(),
    listing: each.listing,
    hidden: each.settings.hidden,
    password: each.settings.password?.text,
    state: each.state,
    isAnnounced: each.isAnnounced,
  }));
  const users = [...application.users.values()].map(({ id, name }) => `${id} ${name}`);
  return { outcome, rooms: rooms.sort((a, b) => (a.name < b.name ? -1 : 1)), users: users.sort() };
}

test("after the end at any step a server goes on where it was", async () => {
  const store = new RecordingStore();
  const control = new Core(store);
  await control.start(build);
  await control.user("ann", "a", "b");
  await control.user("bob", "a");
  await control.user("cat", "a");
  await control.quiet();
  const before = store.transactions.length;
  control.application.emit("a", "go");
  await control.pass(240);
  const after = store.transactions.length;
  const expected = await outcomeOf(control);
  await control.stop();
  expect(after - before).toBeGreaterThan(20);
  for (let count = before + 1; count <= after; count++) {
    const again = new Core(await store.cut(count));
    await again.start(build);
    await again.pass(240);
    const outcome = await outcomeOf(again);
    expect({ count: count - before, outcome }).toEqual({ count: count - before, outcome: expected });
    await again.stop();
  }
}, 60_000);
