/** What a script's schemas keep away from it and from its clients, and settings that a script exports. */
import { beforeAll, expect, test } from "bun:test";
import { startServer, type TestServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const room = (body: string, settings = "{}") => `
  import { defineRoom, type Settings } from "hotroom";
  import * as v from "valibot";
  export const settings = ${settings} satisfies Settings;
  export default defineRoom({ ${body} });`;

const files = {
  "hall.ts": room(
    `state: () => ({ asked: [] as string[] }),
    sends: { said: v.object({ text: v.string() }) },
    events: {
      join: { schema: v.object({ seat: v.number() }), handle: (room, user, { seat }) => { room.state.asked.push("join " + seat); } },
      watch: { schema: v.object({ key: v.literal(7) }), handle: (room) => { room.state.asked.push("watch"); return "watching"; } },
    },
    messages: {
      asked: (room) => room.state.asked,
      say(room, user, text) { room.state.asked.push("say"); room.broadcast("said", { text, secret: 1 }); },
      later(room, user, data) { room.schedule("round", 0, data); },
    },
    timers: { round: { schema: v.object({ n: v.number() }), handle: (room, { n }) => room.broadcast("said", { text: "round " + n }) } }`,
  ),
  "games/hotroom.json": `{ "rooms": "client" }`,
  "games/app.ts": `
    import { defineApplication } from "hotroom";
    import * as v from "valibot";
    export default defineApplication({
      state: () => ({ asked: 0 }),
      events: {
        login: { schema: v.object({ token: v.pipe(v.string(), v.startsWith("t-")) }), handle: (app, { data }) => { app.state.asked++; return { name: data.token.slice(2) }; } },
        create: { schema: v.object({ size: v.picklist([3, 4]) }), handle: (app) => { app.state.asked++; } },
      },
      messages: { asked: (app) => app.state.asked },
    });`,
  "games/rooms/board.ts": `import { defineRoom } from "hotroom"; export default defineRoom({});`,
  "small.ts": room(
    `messages: { say(room, user, text) { room.broadcast("said", text); } }`,
    "{ limits: { message: 100 } }",
  ),
  "slow.ts": `export const settings = { limits: { load: 5 } };\nfor (let i = 0; i < 1e9; i++);\n${room("").replace(/export const settings.*/, "")}`,
};

onEachRuntime("schemas", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files, args: ["--inbound-rate", "0", "--hosts", "1"] });
  });

  test("[P62] joins, watches, logins and requests for rooms whose data does not fit are invalid_data, and no handler is asked", async () => {
    const ann = await server.user("hall", "ann");
    expect(await ann.fails({ event: "join", room: "x", data: { seat: "3" } })).toMatchObject({
      code: "invalid_data",
      message: 'Cannot handle "join": seat: Invalid type: Expected number but received "3".',
    });
    // The room that this join would have made was not made.
    expect((await ann.fails({ event: "leave", room: "x" })).code).toBe("room_not_found");
    await ann.ok({ event: "join", room: "x", data: { seat: 3 } });
    const ben = await server.user("hall", "ben");
    const watch = (data: object) => ({ event: "subscribe", room: "x", data });
    expect((await ben.fails(watch({ key: 8 }))).message).toContain("key: Invalid type");
    expect((await ben.ok(watch({ key: 7 }))).data).toBe("watching");
    expect(await ann.ask("x", "asked")).toEqual(["join 3", "watch"]);

    const cat = await server.connect("games");
    expect(await cat.fails({ event: "login", data: { token: "cat" } })).toMatchObject({
      code: "invalid_data",
    });
    await cat.ok({ event: "login", data: { token: "t-cat" } });
    const create = (size: number) => ({
      event: "create",
      room: "b",
      data: { type: "board", data: { size } },
    });
    expect((await cat.fails(create(5))).message).toStartWith('Cannot handle "create": size: Invalid type');
    await cat.ok(create(4));
    expect(await cat.ask(undefined, "asked")).toBe(2);
    for (const client of [ann, ben, cat]) client.close();
  });

  test("what a room sends is what its schema makes of it, and what does not fit is sent to nobody", async () => {
    const ann = await server.user("hall", "ann");
    await ann.ok({ event: "join", room: "y", data: { seat: 1 } });
    expect((await ann.fails({ event: "message", room: "y", type: "say", data: 5 })).code).toBe(
      "handler_failed",
    );
    await ann.ask("y", "say", "hi");
    await ann.next(({ type }) => type === "said");
    expect(ann.messages("said")).toEqual([{ text: "hi" }]);
    // The event that failed has left no trace.
    expect(await ann.ask("y", "asked")).toEqual(["join 1", "say"]);
    await server.logged(/the data of "said" does not fit its schema in sends: text: Invalid type/);
    ann.close();
  });

  test("a timer whose data does not fit fails its event, which the log tells with path and place", async () => {
    const ann = await server.user("hall", "ann");
    await ann.ok({ event: "join", room: "z", data: { seat: 1 } });
    await ann.ask("z", "later", { n: "one" });
    await server.logged(/The data does not fit the schema of timers\.round: n: Invalid type/);
    await ann.ask("z", "later", { n: 2 });
    expect((await ann.next(({ type }) => type === "said")).data).toEqual({ text: "round 2" });
    ann.close();
  });

  test("settings that a script exports hold, before it first runs, and follow an edit", async () => {
    await server.logged(/slow.*Loading took longer than 5 ms of CPU time \(limits\.load\)/);
    const ann = await server.user("small", "ann", "x");
    const say = { event: "message", room: "x", type: "say", data: "x".repeat(200) };
    expect((await ann.fails(say)).code).toBe("handler_failed");
    server.write("small.ts", files["small.ts"].replace("message: 100", "message: 1000"));
    await server.logged(/small v2·\w+ Version live/);
    await ann.ok(say);
    server.write("small.ts", files["small.ts"].replace("message: 100", "mesage: 1000"));
    await server.logged(
      /small\.ts:4:39: limits\.mesage: there is no such setting\. Did you mean "message"\?/,
    );
    await ann.ok(say);
    ann.close();
  });
});
