/** Durable rooms are there again after `kill -9` of the server, as they were. */
import { expect, test } from "bun:test";
import { until } from "./harness.ts";
import { Restartable } from "./restartable.ts";
import { onEachRuntime } from "./runtimes.ts";

const hall = `
import { defineRoom } from "hotroom";
const note = (room: any, text: string) => void room.state.log.push(text);
export default defineRoom({
  durable: true,
  tickRate: 10,
  state: () => ({ log: [] as string[], ticks: 0 }),
  events: { init: (room) => note(room, "init"), close: (room) => note(room, "close") },
  tick(room, elapsed) { if (elapsed > 0) room.state.ticks++; },
  emits: { chain(room, n: number) {
    note(room, "chain " + n);
    if (n < 90) room.application.room(room.name === "a" ? "b" : "a").emit("chain", n + 1);
  } },
  timers: { soon: (room, data) => note(room, "soon " + data), late: (room, data) => note(room, "late " + data) },
  messages: {
    log: (room) => room.state.log,
    ticks: (room) => room.state.ticks,
    chain: (room) => room.application.room("a").emit("chain", 1),
    time(room) { room.schedule("soon", 1500, 1); room.schedule("late", 600_000, 2); },
    set: (room, user, options: any) => room.update(options),
    shut: (room) => room.close("enough"),
  },
});`;

const files = {
  "game/app.ts": `
import { defineApplication } from "hotroom";
export default defineApplication({
  durable: true,
  state: () => ({ created: [] as string[] }),
  events: {
    init(app) { for (const name of ["a", "b"]) app.createRoom(name, { type: "hall", keep: true }); },
    created: (app, room) => void app.state.created.push(room.name),
  },
  messages: { created: (app) => app.state.created.toSorted(), rooms: (app) => app.rooms.map((room) => room.name).toSorted() },
});`,
  "game/rooms/hall.ts": hall,
  "game/rooms/yard.ts": `
import { defineRoom } from "hotroom";
export default defineRoom({ messages: { hi: () => "hi" } });`,
  "game/hotroom.json": JSON.stringify({ rooms: "client", emptyGrace: 600_000 }),
};

onEachRuntime("durable rooms", (runtime) => {
  test("are as they were after a kill: options, members, schedules, ticks; others are gone", async () => {
    const game = await new Restartable(runtime, files).start();
    const ann = await game.connect("game");
    const { session } = await ann.ok({ event: "login", data: { name: "ann" } });
    const options = { type: "hall", maxUsers: 3, password: "p", meta: { x: 1 } };
    await ann.ok({ event: "create", room: "c-1.x", data: options });
    await ann.ok({ event: "create", room: "yard", data: { type: "yard" } });
    await ann.ok({ event: "join", room: "c-1.x", data: { password: "p" } });
    await ann.ask("c-1.x", "set", { locked: true, meta: { x: 2 } });
    await ann.ask("c-1.x", "time");
    await game.restart();

    const again = await game.connect("game");
    await again.ok({ event: "reconnect", data: { session, seen: 0 } });
    again.idPrefix = "b";
    const { rooms } = await again.ok({ event: "rooms", data: {} });
    expect(rooms.toSorted((x: { room: string }, y: { room: string }) => (x.room < y.room ? -1 : 1))).toEqual([
      { room: "a", type: "hall", users: 0, locked: false, password: false },
      { room: "b", type: "hall", users: 0, locked: false, password: false },
      { room: "c-1.x", type: "hall", users: 1, maxUsers: 3, locked: true, password: true, meta: { x: 2 } },
    ]);
    expect(await again.ask(undefined, "rooms")).toEqual(["a", "b", "c-1.x"]);
    expect(await again.ask(undefined, "created")).toEqual(["a", "b", "c-1.x", "yard"]);
    const ticks = await again.ask("c-1.x", "ticks");
    await until("the schedule that was overdue, or soon due, to have run", async () =>
      (await again.ask("c-1.x", "log")).includes("soon 1"),
    );
    expect(await again.ask("c-1.x", "log")).toEqual(["init", "soon 1"]);
    await until("ticks to go on", async () => (await again.ask("c-1.x", "ticks")) > ticks);
    await again.ask("c-1.x", "shut");
    await until("the room to be gone", async () => !(await again.ask(undefined, "rooms")).includes("c-1.x"));
    await game.restart();
    const bob = await game.connect("game");
    await bob.ok({ event: "login", data: { name: "bob" } });
    expect(await bob.ask(undefined, "rooms")).toEqual(["a", "b"]);
  });

  test("go on with what followed from one another when the server was killed: nothing is lost, and nothing happens twice", async () => {
    const game = await new Restartable(runtime, files).start();
    const ann = await game.connect("game");
    await ann.ok({ event: "login", data: { name: "ann" } });
    await ann.ok({ event: "join", room: "a" });
    await ann.ask("a", "chain");
    for (let kills = 0; kills < 2; kills++) await game.restart();
    const bob = await game.connect("game");
    await bob.ok({ event: "login", data: { name: "bob" } });
    const logs: string[] = [];
    for (const room of ["a", "b"]) {
      await bob.ok({ event: "join", room });
      await until("the chain to have ended", async () => {
        const log = await bob.ask(room, "log");
        return log.at(-1) === (room === "a" ? "chain 89" : "chain 90");
      });
      logs.push(...(await bob.ask(room, "log")));
    }
    const chain = Array.from({ length: 90 }, (_, n) => `chain ${n + 1}`);
    expect(logs.filter((line) => line !== "init").toSorted()).toEqual(chain.toSorted());
  });

  test("move at the start to what was edited while the server was down", async () => {
    const game = await new Restartable(runtime, files).start();
    const ann = await game.connect("game");
    await ann.ok({ event: "login", data: { name: "ann" } });
    await game.kill();
    game.server.write(
      "game/rooms/hall.ts",
      hall.replace(
        "state: ()",
        "migrate: (state) => ({ ...state, log: [...state.log, 'migrated'] }),\n  state: ()",
      ),
    );
    await game.start();
    const bob = await game.connect("game");
    await bob.ok({ event: "login", data: { name: "bob" } });
    await bob.ok({ event: "join", room: "a" });
    expect(await bob.ask("a", "log")).toEqual(["init", "migrated"]);
    expect(game.server.output()).toMatch(/game v1·[0-9a-f]+ Application is back: 2 rooms, 1 user, after/);
    expect(game.server.output()).toMatch(/game v2·[0-9a-f]+ +Version live: 2 rooms moved/);
  });
});
