/** What a definition and hotroom.json say holds for live rooms once an edit has moved them. */
import { beforeAll, describe, expect, test } from "bun:test";
import type { TestClient } from "./client.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

interface Stage {
  readonly application: string;
  /** Whether the edit is live. */
  readonly isEdited: boolean;
  readonly server: TestServer;
  readonly ann: TestClient;
  readonly bob: TestClient;
}

/** A value that an edit changes, and what shows which one holds for the room `hall`, in which ann is. */
interface Value {
  readonly name: string;
  readonly settings?: readonly [object, object];
  readonly definition?: readonly [string, string];
  probe(stage: Stage): Promise<unknown>;
  readonly expected: readonly [unknown, unknown];
}

const join = (client: TestClient, room = "hall") => client.request({ event: "join", room });
const ask =
  (type: string, data?: unknown) =>
  async ({ ann }: Stage) => {
    const { ok, error } = await ann.request({ event: "message", room: "hall", type, data });
    return ok ? "ok" : error.code;
  };
const limit = (
  name: string,
  before: number,
  after: number,
  probe: Value["probe"],
  expected: Value["expected"],
): Value => ({
  name: `limits.${name}`,
  settings: [{ limits: { [name]: before } }, { limits: { [name]: after } }],
  probe,
  expected,
});

const values: Value[] = [
  {
    name: "maxUsers of a definition",
    definition: ["maxUsers: 1", "maxUsers: 2"],
    async probe({ ann, bob }) {
      const { error } = await join(bob);
      const seen = [await ann.ask("hall", "maxUsers"), await ann.ask(undefined, "maxUsers")];
      return [error?.message ?? "in", ...seen];
    },
    expected: [
      ['Cannot join room "hall": it is full (1 of 1).', 1, 1],
      ["in", 2, 2],
    ],
  },
  {
    name: "maxUsers that a definition has no more",
    definition: ["maxUsers: 1", ""],
    async probe({ ann, bob }) {
      const { error } = await join(bob);
      return [error?.code, await ann.ask("hall", "maxUsers"), await ann.ask(undefined, "maxUsers")];
    },
    expected: [
      ["room_full", 1, 1],
      [undefined, null, null],
    ],
  },
  {
    name: "maxUsers that a room was made with",
    definition: ["maxUsers: 3", "maxUsers: 4"],
    async probe({ ann }) {
      await ann.request({ event: "create", room: "made", data: { type: "r", maxUsers: 2 } });
      await join(ann, "made");
      return [await ann.ask("made", "maxUsers"), await ann.ask("hall", "maxUsers")];
    },
    expected: [
      [2, 3],
      [2, 4],
    ],
  },
  {
    name: "tickRate",
    definition: ["", "tick(room) { room.state.ticks++; }, tickRate: 60"],
    async probe({ ann, isEdited }) {
      if (!isEdited) return await ann.ask("hall", "ticks");
      return await until("a tick", async () => (await ann.ask("hall", "ticks")) > 0);
    },
    expected: [0, true],
  },
  {
    name: "emptyGrace, of a room that is empty",
    settings: [{ emptyGrace: 1_000_000 }, { emptyGrace: 1 }],
    async probe({ ann, isEdited }) {
      const rooms = () => ann.ask(undefined, "rooms");
      if (isEdited) return await until("the end of the room", async () => !(await rooms()).includes("empty"));
      await join(ann, "empty");
      await ann.ok({ event: "leave", room: "empty" });
      return (await rooms()).includes("empty");
    },
    expected: [true, true],
  },
  limit(
    "schedules",
    2,
    3,
    async (stage) => {
      await ask("schedule", 3)(stage);
      const { usage } = await (
        await fetch(`${stage.server.url}/api/applications/${stage.application}/rooms/hall`)
      ).json();
      return usage.failures.schedules;
    },
    [1, 1],
  ),
  limit(
    "queue",
    3,
    30,
    async (stage) => {
      await ask("emit", 9)(stage);
      const { usage } = await (
        await fetch(`${stage.server.url}/api/applications/${stage.application}/rooms/hall`)
      ).json();
      return usage.failures.emits;
    },
    [6, 6],
  ),
  limit("effects", 5, 9, ask("send", 9), ["handler_failed", "ok"]),
  limit("message", 500, 5000, ask("return", 1000), ["handler_failed", "ok"]),
  limit("output", 1000, 10_000, ask("text", 2000), ["handler_failed", "ok"]),
  limit("log", 500, 5000, ask("log", 1000), ["handler_failed", "ok"]),
  limit("cpuPerEvent", 5, 900, ask("spin"), ["handler_failed", "ok"]),
  {
    name: "rooms",
    settings: [{ rooms: "server" }, { rooms: "join" }],
    probe: async ({ ann }) => (await join(ann, "new")).error?.code,
    expected: ["room_not_found", undefined],
  },
  {
    name: "maxRooms",
    settings: [{ maxRooms: 1 }, { maxRooms: 2 }],
    probe: async ({ ann }) => (await join(ann, "new")).error?.code,
    expected: ["too_many_rooms", undefined],
  },
  {
    name: "roomsPerUser",
    settings: [{ roomsPerUser: 1 }, { roomsPerUser: 2 }],
    probe: async ({ ann }) => (await join(ann, "new")).error?.code,
    expected: ["too_many_rooms", undefined],
  },
  {
    name: "maxUsers of the application",
    settings: [{ maxUsers: 2 }, { maxUsers: 3 }],
    async probe({ server, application }) {
      const cat = await server.connect(application);
      const { error } = await cat.request({ event: "login", data: { name: "cat" } });
      return error?.code;
    },
    expected: ["too_many_users", undefined],
  },
  {
    name: "subscribe",
    settings: [{ subscribe: false }, { subscribe: true }],
    probe: async ({ bob }) => (await bob.request({ event: "subscribe", room: "hall" })).error?.code,
    expected: ["not_allowed", undefined],
  },
  {
    name: "watchesPerUser",
    settings: [
      { watchesPerUser: 1, subscribe: true },
      { watchesPerUser: 2, subscribe: true },
    ],
    async probe({ ann, bob }) {
      await join(ann, "other");
      await bob.request({ event: "subscribe", room: "other" });
      return (await bob.request({ event: "subscribe", room: "hall" })).error?.code;
    },
    expected: ["too_many_rooms", undefined],
  },
];

const source = (definition: string) => `
  import { defineRoom } from "hotroom";
  export default defineRoom({
    state: () => ({ ticks: 0 }),
    messages: {
      maxUsers: (room) => room.maxUsers,
      ticks: (room) => room.state.ticks,
      schedule(room, user, count) { for (let n = 0; n < count; n++) room.schedule("t" + n, 1e6); },
      emit(room, user, count) { for (let n = 0; n < count; n++) room.emit("e"); },
      send(room, user, count) { for (let n = 0; n < count; n++) room.send(user, "s"); },
      return: (room, user, length) => "x".repeat(length),
      text(room, user, length) { room.send(user, "text", "x".repeat(length)); },
      log(room, user, length) { console.log("x".repeat(length)); },
      spin() { for (let n = 0; n < 1e6; n++); },
    },
    emits: { e() {} },
    timers: { t0() {}, t1() {}, t2() {} },
    ${definition}
  });`;
const app = `
  import { defineApplication } from "hotroom";
  export default defineApplication({
    events: { init(app) { app.createRoom("hall", { type: "r", keep: true }); } },
    messages: {
      maxUsers: (app) => app.rooms.find(({ name }) => name === "hall").maxUsers,
      rooms: (app) => app.rooms.map(({ name }) => name),
    },
  });`;

const rows = values.map((value, n) => [value.name, `g${n}`, value] as const);
const file = ({ settings = [{}, {}] }: Value, n: 0 | 1) => JSON.stringify({ rooms: "join", ...settings[n] });
const files = Object.fromEntries(
  rows.flatMap(([_, application, value]) => [
    [`${application}/hotroom.json`, file(value, 0)],
    [`${application}/app.ts`, app],
    [`${application}/rooms/r.ts`, source(value.definition?.[0] ?? "")],
  ]),
);

onEachRuntime("edited values", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files, args: ["--inbound-rate", "0"] });
  });

  describe("a live room goes by the new value of", () => {
    test.each(rows)("%s", async (_, application, value) => {
      const { settings, definition, probe, expected } = value;
      const [ann, bob] = [await server.user(application, "ann"), await server.user(application, "bob")];
      await ann.ok({ event: "join", room: "hall" });
      expect(await probe({ server, application, ann, bob, isEdited: false })).toEqual(expected[0]);
      if (settings) server.write(`${application}/hotroom.json`, file(value, 1));
      else server.write(`${application}/rooms/r.ts`, source(definition?.[1] ?? ""));
      await server.logged(new RegExp(` ${application} v2·\\w+ Version live`));
      expect(await probe({ server, application, ann, bob, isEdited: true })).toEqual(expected[1]);
    });
  });
});
