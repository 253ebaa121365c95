/** What becomes of durable rooms at edits, before and after the end of the server, and while it is down. */
import { expect, test } from "bun:test";
import { buildOf, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const settings = { session: { grace: 1_000_000 }, emptyGrace: 1_000_000 };

/** A room type that counts; `more` is more of its definition. */
function room(more: string, isDurable = true): string {
  return `import { defineRoom } from "hotroom";
export default defineRoom({
  ${isDurable ? "durable: true," : ""}
  state: () => ({ n: 0, by: "first" }),
  emits: {
    add(room, n) { room.state.n += n; },
    dump: (room) => console.log(JSON.stringify(room.state)),
    later(room) { room.schedule("t", 1000, 5); },
  },
  timers: { t(room, n) { room.state.n += n; } },
  ${more}
});`;
}

const first = buildOf({ "rooms/r.js": room("") }, settings, 1);
const migrating = buildOf(
  { "rooms/r.js": room("migrate: (state) => ({ ...state, by: 'second' }),") },
  settings,
  1,
);

/** A core in which room "r1" has got 3, and its store. */
async function started(build = first) {
  const store = new RecordingStore();
  const core = new Core(store);
  await core.start(build);
  core.application.createRoom("r1", { type: "r", keep: true });
  await core.quiet();
  core.application.emit("r1", "add", "3");
  await core.quiet();
  return { core, store };
}

/** The core that comes up after the end of another. */
async function after(core: Core, store: RecordingStore, build = first): Promise<Core> {
  await core.stop();
  const again = new Core(await store.cut(store.transactions.length));
  await again.start(build);
  return again;
}

test("the same files go on in the version that ran, under its name", async () => {
  const { core, store } = await started();
  await core.applications.update(migrating);
  await core.quiet();
  expect(core.application.version.build.version).toMatch(/^v1·/);
  const again = await after(core, store, { ...migrating, version: migrating.version.replace("v1", "v7") });
  expect(again.application.version.build.version).toBe(migrating.version);
  expect(await again.state("r1")).toEqual({ n: 3, by: "second" });
  await again.stop();
});

test("what was edited while the server was down is an edit at its start, with `migrate`, and gets the next number", async () => {
  const { core, store } = await started({ ...first, version: first.version.replace("v1", "v17") });
  const again = await after(core, store, migrating);
  expect(again.application.version.build.version).toMatch(/^v18·/);
  expect(again.application.rooms.get("r1")?.extension.standing).toBe("swapped");
  expect(await again.state("r1")).toEqual({ n: 3, by: "second" });
  // It is written by the new version from now on, and the old one is not needed any more.
  const third = await after(again, again.store as RecordingStore, migrating);
  expect(third.application.version.build.version).toMatch(/^v18·/);
  expect(await third.state("r1")).toEqual({ n: 3, by: "second" });
  const versions = (await third.store.items("app")).filter(({ item }) => item === "version");
  expect(versions.map(({ key }) => key)).toEqual([migrating.hash]);
  await third.stop();
});

test("what does not load after an edit while the server was down leaves the version that ran", async () => {
  const { core, store } = await started();
  const broken = buildOf({ "rooms/r.js": "export default 1 +;" }, settings, 1);
  const again = await after(core, store, broken);
  expect(again.application.version.build.version).toBe(first.version);
  expect(again.applications.entry("app")?.error?.message).toContain("Syntax");
  expect(await again.state("r1")).toEqual({ n: 3, by: "first" });
  await again.stop();
});

test("a pinned room goes on in its version after the end, and the live version is the other one", async () => {
  const { core, store } = await started();
  const pinned = buildOf({ "rooms/r.js": `${room("")}\n` }, { ...settings, reload: "pin" }, 2);
  await core.applications.update(pinned);
  await core.quiet();
  const again = await after(core, store, pinned);
  expect(again.application.version.build.hash).toBe(pinned.hash);
  const { extension } = again.application.rooms.get("r1") ?? {};
  expect([extension?.version, extension?.standing]).toEqual([first.version, "pinned"]);
  expect(await again.state("r1")).toEqual({ n: 3, by: "first" });
  await again.stop();
});

test("a content that was rolled back is not loaded after the end either", async () => {
  const { core, store } = await started();
  const bad = buildOf({ "rooms/r.js": room("migrate() { throw new Error('no'); },") }, settings, 2);
  await core.applications.update(bad);
  await core.quiet();
  expect(core.applications.entry("app")?.quarantined.size).toBe(1);
  const again = await after(core, store, bad);
  expect(again.application.version.build.version).toBe(first.version);
  expect(again.applications.entry("app")?.error?.message).toContain("quarantined");
  expect(await again.state("r1")).toEqual({ n: 3, by: "first" });
  await again.stop();
});

test("a room whose type becomes durable at an edit is kept from then on, with its schedules", async () => {
  const passing = buildOf({ "rooms/r.js": room("", false) }, settings, 1);
  const { core, store } = await started(passing);
  core.application.emit("r1", "later");
  await core.quiet();
  expect(store.transactions).toEqual([]);
  await core.applications.update({ ...first, version: first.version.replace("v1", "v2") });
  await core.quiet();
  core.application.emit("r1", "add", "4");
  await core.quiet();
  const again = await after(core, store, first);
  expect(await again.state("r1")).toEqual({ n: 7, by: "first" });
  await again.pass(1020);
  expect(await again.state("r1")).toEqual({ n: 12, by: "first" });
  await again.stop();
});

test("a room whose type is durable no more at an edit is forgotten, and the application with the last of them", async () => {
  const { core, store } = await started();
  const passing = buildOf({ "rooms/r.js": room("", false) }, settings, 2);
  await core.applications.update(passing);
  await core.quiet();
  expect(await core.state("r1")).toEqual({ n: 3, by: "first" });
  expect(await store.applications()).toEqual([]);
  await core.stop();
});

test("an application that is durable no more leaves nothing behind, whatever its clients are told meanwhile", async () => {
  const { core, store } = await started();
  const ann = await core.user("ann", "r1");
  await core.quiet();
  let isDone = false;
  const done = core.applications.update(buildOf({ "rooms/r.js": room("", false) }, settings, 2));
  void done.then(() => (isDone = true));
  while (!isDone) {
    ann.ask({ event: "rooms" });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await core.quiet();
  await core.stop();
  expect(await store.applications()).toEqual([]);
});

test("an application whose folder is gone is closed, and is back with its rooms when the folder is", async () => {
  const { core, store } = await started();
  await core.applications.remove("app");
  expect(core.applications.find("app")).toBeUndefined();
  expect(await store.applications()).toEqual(["app"]);
  await core.applications.update(first);
  await core.quiet();
  expect(await core.state("r1")).toEqual({ n: 3, by: "first" });
  await core.stop();
});

test("a room that closes is forgotten", async () => {
  const { core, store } = await started();
  await core.application.rooms.get("r1")?.close("enough");
  await core.quiet();
  expect((await store.items("app")).filter(({ at }) => at.room !== undefined)).toEqual([]);
  const again = await after(core, store);
  expect([...again.application.rooms.keys()]).toEqual([]);
  await again.stop();
});

test("a room whose type there is no more goes on in its version after the end", async () => {
  const { core, store } = await started();
  const other = buildOf({ "rooms/other.js": room("") }, settings, 2);
  await core.applications.update(other);
  await core.quiet();
  const again = await after(core, store, other);
  expect(again.application.version.build.hash).toBe(other.hash);
  expect(again.application.rooms.get("r1")?.extension.version).toBe(first.version);
  expect(await again.state("r1")).toEqual({ n: 3, by: "first" });
  await again.stop();
});

test("a server that ends anywhere in a move goes on with it at its start: each room is migrated once, and none is left behind", async () => {
  const rooms = ["r1", "r2", "r3"];
  const moved = buildOf(
    { "rooms/r.js": room("migrate: (state) => ({ ...state, by: state.by + ', again' }),") },
    settings,
    2,
  );
  const { core, store } = await started();
  for (const name of rooms.slice(1)) core.application.createRoom(name, { type: "r", keep: true });
  await core.quiet();
  const before = store.transactions.length;
  await core.applications.update(moved);
  await core.quiet();
  await core.stop();
  const ends = store.transactions.length;
  expect(ends - before).toBeGreaterThan(2);
  for (let end = before; end <= ends; end++) {
    const cut = await store.cut(end);
    const again = new Core(cut);
    await again.start(moved);
    const second = cut.transactions.length;
    // It may end again while it goes on.
    for (const last of [second, Math.ceil((end + second) / 2), end + 1]) {
      const third = new Core(await cut.cut(last));
      await third.start(moved);
      for (const name of rooms) {
        const { by } = (await third.state(name)) as { by: string };
        expect({ end, last, name, by }).toEqual({ end, last, name, by: "first, again" });
      }
      await third.stop();
    }
    await again.stop();
  }
});

test("a move that goes on after the end goes back as a whole where the rooms do not bear the version", async () => {
  const bad = buildOf({ "rooms/r.js": room("migrate() { throw new Error('no'); },") }, settings, 2);
  const { core, store } = await started();
  const before = store.transactions.length;
  await core.applications.update(bad);
  await core.quiet();
  await core.stop();
  const again = new Core(await store.cut(before + 1));
  await again.start(bad);
  expect(again.application.version.build.version).toBe(first.version);
  expect(again.applications.entry("app")?.quarantined.size).toBe(1);
  expect(await again.state("r1")).toEqual({ n: 3, by: "first" });
  await again.stop();
});
