/** A handler that fails has not happened, and what JSON would change is told: as clients and the log see it. */
import { beforeAll, expect, test } from "bun:test";
import { makeFolder, runCommand, startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "game/app.ts": `
    import { defineApplication } from "hotroom";
    export default defineApplication({
      state: () => ({ online: [] as string[] }),
      events: {
        login(app, { data }) {
          app.state.online.push(data.name);
          if (data.name === "bad") throw new Error("no such user");
          return { name: data.name };
        },
      },
      messages: { online: (app) => app.state.online },
    });`,
  "game/rooms/hall.ts": `
    import { defineRoom, refuse } from "hotroom";
    export default defineRoom({
      state: () => ({ seats: [] as string[], fastest: 0 }),
      events: {
        join(room, user, data) {
          room.state.seats.push(user.name);
          if (data === "throw") throw new Error("no seat");
          if (data === "loop") for (;;);
        },
        leave(room, user) { room.state.seats.splice(room.state.seats.indexOf(user.name), 1); },
      },
      messages: {
        seats: (room) => room.state.seats,
        swap(room, user, to) { room.state.seats.length = 0; room.state.seats.push(to.name); return to.seat.number; },
        lap(room) {
          room.state.fastest = Infinity;
          return "done";
        },
        tell(room) { room.broadcast("best", { of: [NaN] }); },
        late(room) {
          room.state.fastest = 1;
          refuse("Too late.");
        },
      },
    });`,
  "game/hotroom.json": '{ "rooms": "join" }',
  "values.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({
      messages: {
        set(room) { room.state.x = Infinity; room.state.y = new Map(); },
        fail() { throw new Error("no"); },
        more(room) {
          room.state.z = NaN;
          room.state.many = Array(300).fill(0);
          room.state.deep = { a: NaN, b: { d: NaN } };
        },
        nothing() {},
      },
    });`,
  "thrower/rooms/race.ts": `import { defineRoom } from "hotroom";
    export default defineRoom({ state(): { n: number } { throw new Error("no track"); } });`,
  "thrower/hotroom.json": '{ "rooms": "join" }',
  "away/rooms/hall.ts": `
    import { defineRoom } from "hotroom";
    const fail = (how: string) => {
      if (how === "throw") throw new Error("no");
      for (;;);
    };
    export default defineRoom({
      events: { disconnect: (_, user) => fail(user.name), reconnect: (_, user) => fail(user.name) },
      messages: { here: (room) => room.users.filter(({ connected }) => connected).map(({ name }) => name) },
    });`,
  "away/hotroom.json": '{ "rooms": "join" }',
  "broken/rooms/race.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({ state: () => ({ cars: [{ best: Infinity }] }) });`,
  "broken/hotroom.json": '{ "rooms": "join" }',
};

onEachRuntime("no trace", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files, args: ["--inbound-rate", "0"] });
  });

  test("who fails to join, or to log in, is not left in the state", async () => {
    const ann = await server.user("game", "ann", "hall");
    const eve = await server.user("game", "eve");
    for (const data of ["throw", "loop", "throw", "throw"]) {
      expect((await eve.fails({ event: "join", room: "hall", data })).code).toBe("handler_failed");
      expect(await ann.ask("hall", "seats")).toEqual(["ann"]);
    }
    const bad = await server.connect("game");
    for (let n = 0; n < 3; n++)
      expect((await bad.fails({ event: "login", data: { name: "bad" } })).code).toBe("handler_failed");
    expect(await ann.ask(undefined, "online")).toEqual(["ann", "eve"]);
  });

  test("a client that makes a handler throw again and again changes nothing, and the room answers all others", async () => {
    const ann = await server.user("game", "ben", "busy");
    const eve = await server.user("game", "mallory", "busy");
    const failed = Array.from({ length: 100 }, () =>
      eve.fails({ event: "message", room: "busy", type: "swap", data: { name: "mallory" } }),
    );
    for (let n = 0; n < 20; n++) expect(await ann.ask("busy", "seats")).toEqual(["ben", "mallory"]);
    for (const { code } of await Promise.all(failed)) expect(code).toBe("handler_failed");
    expect(await ann.ask("busy", "seats")).toEqual(["ben", "mallory"]);
  });

  test("who is away is away for the script, and who is back is back, where the handlers of that fail", async () => {
    const ann = await server.user("away", "ann", "hall");
    for (const name of ["throw", "loop"]) {
      const lost = await server.user("away", name, "hall");
      const { session } = lost.frames(({ ok }) => ok)[0].data;
      lost.drop();
      await until("the script to know that it is away", async () => {
        const here = await ann.ask("hall", "here");
        return here.length === 1;
      });
      const back = await server.connect("away");
      back.idPrefix = "b";
      await back.ok({ event: "reconnect", data: { session } });
      expect(await back.ask("hall", "here")).toEqual(["ann", name]);
      await back.ok({ event: "logout" });
    }
  });

  test("what JSON would change is told with its path, of a first state, of a state and of what is sent", async () => {
    const ann = await server.user("game", "carl", "track");
    expect(await ann.ask("track", "lap")).toBe("done");
    await ann.ask("track", "tell");
    await server.logged(
      /game\/track .*room\.state\.fastest is Infinity, which JSON makes null \(seen after message "lap", rooms\/hall\.ts:\d+:\d+\)/,
    );
    await server.logged(
      /game\/track .*room\.broadcast: data\.of\[0\] is NaN, which JSON makes null \(rooms\/hall\.ts:\d+:\d+\)/,
    );
    const racer = await server.user("broken", "dan");
    expect(await racer.fails({ event: "join", room: "race" })).toMatchObject({
      code: "handler_failed",
      message: 'Cannot open room "race": its state() failed.',
    });
    await server.logged(/state\(\)\.cars\[0\]\.best is Infinity, which JSON makes null/);
  });

  test("a state() that throws is told once, and who asks for the room is told that it failed", async () => {
    const ann = await server.user("thrower", "ann");
    const { code, message } = await ann.fails({ event: "join", room: "pit" });
    expect([code, message]).toEqual(["handler_failed", 'Cannot open room "pit": its state() failed.']);
    await server.logged(/thrower\/pit .*state\(\) failed/);
    const lines = server.lines("thrower/pit").filter((line) => line.startsWith("ERROR"));
    expect(lines).toEqual([
      'ERROR Cannot set up room "pit": state() failed: Error: no track (rooms/race.ts:2:68)',
    ]);
    ann.close();
  });

  test("each path is warned of once, whatever sandboxes the room comes into, and what a move loses", async () => {
    const ann = await server.user("values", "ann", "values");
    const path = "values.ts";
    for (const type of ["set", "fail", "set", "more", "fail", "nothing"])
      await ann.request({ event: "message", room: "values", type });
    const told = () =>
      server.lines("values/values").flatMap((line) => /room\.state\.[\w.]+.*/.exec(line)?.[0] ?? []);
    const seen = ["x", "y", "z"].map((of) =>
      expect.stringMatching(new RegExp(`^room\\.state\\.${of} is .* \\(seen after message`)),
    );
    expect(told()).toEqual(seen);
    expect(told()[1]).toEndWith(
      'room.state.y is a Map, which JSON makes {} (seen after message "set", values.ts:5:9).',
    );
    server.write(path, `${files[path]}\n// edited\n`);
    await server.logged(/values.*room\.state\.deep\.b\.d is/);
    expect(told()).toEqual([
      ...seen,
      ...["a", "b.d"].map((of) => expect.stringContaining(`room.state.deep.${of} is NaN`)),
    ]);
    ann.close();
  });

  test("check makes first states, and tells why one can't be made", () => {
    const { "broken/rooms/race.ts": race, "game/app.ts": app } = files;
    const folder = makeFolder({ "game/app.ts": app, "game/rooms/race.ts": race });
    const { output, status } = runCommand(runtime, ["check", "--extensions", folder]);
    expect(output).toMatch(
      /game: .*state\(\)\.cars\[0\]\.best is Infinity, which JSON makes null \(rooms\/race\.ts:3:\d+\)/,
    );
    expect(status).toBe(1);
  });

  test("check warns of a refuse behind a change", () => {
    const folder = makeFolder({ "hall.ts": files["game/rooms/hall.ts"] });
    const { output, status } = runCommand(runtime, ["check", "--extensions", folder]);
    expect(output).toMatch(/hall\.ts:23:\d+: .*This refuse comes behind a change of the state/);
    expect(status).toBe(0);
  });
});
