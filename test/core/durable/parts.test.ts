/** Applications of which only a part is durable. */
import { expect, test } from "bun:test";
import { buildOf, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const settings = { session: { grace: 1_000_000 }, emptyGrace: 1_000_000, rooms: "client" } as const;

function build(hasDurableExtension: boolean, hasDurableRooms: boolean) {
  const head = (isDurable: boolean) => (isDurable ? "durable: true," : "");
  return buildOf(
    {
      "app.js": `import { defineApplication } from "hotroom";
export default defineApplication({ ${head(hasDurableExtension)}
  state: () => ({ count: 0 }),
  events: { loggedIn: (app) => void app.state.count++ },
  emits: { dump: (app) => console.log(JSON.stringify({
    ...app.state,
    rooms: app.rooms.map((room) => [room.name, room.users]),
    in: app.users.map((user) => user.rooms),
  })) },
});`,
      "rooms/r.js": `import { defineRoom } from "hotroom";
export default defineRoom({ ${head(hasDurableRooms)}
  state: () => ({ n: 7 }),
  emits: { dump: (room) => console.log(JSON.stringify({ ...room.state, users: room.users.map((user) => user.name) })) },
});`,
    },
    settings,
  );
}

async function afterEnd(source: ReturnType<typeof build>): Promise<Core> {
  const store = new RecordingStore();
  const core = new Core(store);
  await core.start(source);
  const ann = await core.user("ann");
  await core.ask(ann, { event: "create", room: "r1", data: { type: "r" } });
  await core.ask(ann, { event: "join", room: "r1" });
  await core.quiet();
  await core.stop();
  const again = new Core(await store.cut(store.transactions.length));
  await again.start(source);
  return again;
}

test("a durable extension keeps its state and users, and hears that rooms that are not durable are gone", async () => {
  const core = await afterEnd(build(true, false));
  expect([...core.application.rooms.keys()]).toEqual([]);
  expect(await core.state("")).toEqual({ count: 1, rooms: [], in: [[]] });
  await core.stop();
});

test("an extension that is not durable begins anew, and knows the durable rooms and who is in them", async () => {
  const core = await afterEnd(build(false, true));
  expect(await core.state("r1")).toEqual({ n: 7, users: ["ann"] });
  expect(await core.state("")).toEqual({ count: 0, rooms: [["r1", 1]], in: [["r1"]] });
  await core.stop();
});

test("where nothing is durable nothing is written", async () => {
  const store = new RecordingStore();
  const core = new Core(store);
  await core.start(build(false, false));
  const ann = await core.user("ann");
  await core.ask(ann, { event: "create", room: "r1", data: { type: "r" } });
  expect(store.transactions).toEqual([]);
  expect(core.data.view).toBeUndefined();
  await core.stop();
});
