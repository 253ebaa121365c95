/** Which rooms there are: asked for, followed, announced; and those that nobody is told of. */
import { beforeAll, expect, test } from "bun:test";
import type { Frame, TestClient } from "./client.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const room = (more = "") => `
  import { defineRoom } from "hotroom";
  export default defineRoom({
    maxUsers: 2,
    ${more}
    messages: {
      update(room, user, options) { room.update(options); },
      lift(room) { room.update({ maxUsers: Infinity }); },
      settings: ({ maxUsers, locked, hidden, meta }) => ({ maxUsers, locked, hidden, meta }),
      many(room) { for (let n = 1; n <= 100; n++) room.update({ meta: n }); },
      fail(room) { room.update({ hidden: true, password: "x" }); throw new Error("broken"); },
      close(room) { room.close("Over."); },
      version: (room) => room.version,
    },
  });`;

const app = `
  import { defineApplication } from "hotroom";
  export default defineApplication({
    events: {
      init(app) { app.createRoom("attic", { type: "match", keep: true, hidden: true, meta: { dusty: true } }); },
      create(app, request) { app.state.last = request; },
    },
    messages: {
      rooms: (app) => app.rooms.filter(({ name }) => name !== "attic"),
      hidden: (app) => app.rooms.filter(({ hidden }) => hidden).map(({ name }) => name),
      last: (app) => app.state.last,
    },
  });`;

const application = (name: string) => ({
  [`${name}/hotroom.json`]: `{ "rooms": "client", "emptyGrace": 60000 }`,
  [`${name}/app.ts`]: app,
  [`${name}/rooms/match.ts`]: room(),
  [`${name}/rooms/lobby.ts`]: room(
    `events: { init(room) { room.update({ locked: true, hidden: room.name.endsWith("secret") }); } },`,
  ),
});

const names = ["ask", "live", "quick", "gone", "dark", "set", "edit", "kill", "sdk"];

onEachRuntime("lists of rooms", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    const files = Object.assign({}, ...names.map(application));
    server = await startServer({ runtime, files, args: ["--inbound-rate", "0", "--hosts", "1"] });
  });

  const create = (client: TestClient, room: string, data: object = {}) =>
    client.ok({ event: "create", room, data: { type: "match", ...data } });
  const list = (client: TestClient, data?: object) => client.ok({ event: "rooms", data });
  const named = async (client: TestClient, data?: object) =>
    (await list(client, data)).rooms.map(({ room }: Frame) => room);
  const change = (client: TestClient, room: string, matches: (frame: Frame) => boolean = () => true) =>
    client.next((frame) => frame.event === "room_change" && frame.room === room && matches(frame));
  const changes = (client: TestClient) => client.frames(({ event }) => event === "room_change");

  test("[P59] a list tells of each room what there is to know, of a type, of open ones, as many as are asked for", async () => {
    const ann = await server.user("ask", "ann");
    expect(await list(ann)).toEqual({ rooms: [], more: false });
    await create(ann, "m1", { meta: { map: "moon", stars: [1, 2] }, password: "x" });
    await create(ann, "m2", { maxUsers: 1 });
    await create(ann, "l1", { type: "lobby" });
    await ann.ok({ event: "join", room: "m2" });
    const m1 = { room: "m1", type: "match", users: 0, maxUsers: 2, locked: false, password: true };
    const m2 = { room: "m2", type: "match", users: 1, maxUsers: 1, locked: false, password: false };
    const l1 = { room: "l1", type: "lobby", users: 0, maxUsers: 2, locked: true, password: false };
    const withMeta = { ...m1, meta: { map: "moon", stars: [1, 2] } };
    expect(await list(ann)).toEqual({ rooms: [withMeta, m2, l1], more: false });
    expect(await list(ann, { type: "match" })).toEqual({ rooms: [withMeta, m2], more: false });
    expect(await list(ann, { open: true })).toEqual({ rooms: [withMeta], more: false });
    expect(await list(ann, { type: "lobby", open: true })).toEqual({ rooms: [], more: false });
    expect(await list(ann, { limit: 2 })).toEqual({ rooms: [withMeta, m2], more: true });
    await ann.ok({ event: "leave", room: "m2" });
    expect(await named(ann, { open: true })).toEqual(["m1", "m2"]);
    await ann.ok({ event: "join", room: "m1", data: { password: "x" } });
    await ann.ask("m1", "lift");
    await until("no limit", async () => !("maxUsers" in (await list(ann)).rooms[0]));
    for (const data of [{ type: 7 }, { limit: 0 }, { limit: 1001 }, { open: "yes" }, { live: 1 }, 7]) {
      expect((await ann.fails({ event: "rooms", data })).code).toBe("invalid_data");
    }
    expect((await ann.fails({ event: "rooms", data: { type: "attic" } })).code).toBe("room_type_not_found");
    const stranger = await server.connect("ask");
    expect((await stranger.fails({ event: "rooms" })).code).toBe("not_logged_in");
    for (const client of [ann, stranger]) client.close();
  });

  test("[P77] who follows a list is told of rooms that come, change and go, until it wants no more", async () => {
    const [ann, bob] = [await server.user("live", "ann"), await server.user("live", "bob")];
    expect(await list(bob, { live: true })).toEqual({ rooms: [], more: false });
    await create(ann, "m1", { meta: "first" });
    expect(await change(bob, "m1")).toEqual({
      event: "room_change",
      room: "m1",
      type: "match",
      users: 0,
      maxUsers: 2,
      locked: false,
      password: false,
      meta: "first",
    });
    await ann.ok({ event: "join", room: "m1" });
    expect((await change(bob, "m1")).users).toBe(1);
    await ann.ask("m1", "update", { maxUsers: 9, locked: true, password: "sesame", meta: null });
    expect(await change(bob, "m1")).toEqual({
      event: "room_change",
      room: "m1",
      type: "match",
      users: 1,
      maxUsers: 9,
      locked: true,
      password: true,
    });
    ann.send({ event: "message", room: "m1", type: "close" });
    expect(await change(bob, "m1")).toEqual({ event: "room_change", room: "m1", type: "match", gone: true });
    await list(bob, { live: false });
    await create(ann, "m2");
    await bob.next((frame) => frame.event === "room_add" && frame.room === "m2");
    // Whoever follows now hears of it, and is not told before.
    await list(ann, { live: true });
    await ann.ok({ event: "join", room: "m2" });
    await change(ann, "m2");
    await bob.settle();
    expect(changes(bob).filter(({ room }) => room === "m2")).toEqual([]);
    for (const client of [ann, bob]) client.close();
  });

  test("[P77] a list of open rooms of a type hears when one of these is open no more, and of no other rooms", async () => {
    const [ann, bob] = [await server.user("gone", "ann"), await server.user("gone", "bob")];
    await create(ann, "m1");
    await create(ann, "m2");
    await list(bob, { live: true, open: true, type: "match" });
    await create(ann, "l1", { type: "lobby" });
    for (const room of ["m1", "m2"]) await ann.ok({ event: "join", room });
    expect((await change(bob, "m1")).users).toBe(1);
    const cat = await server.user("gone", "cat", "m1");
    expect((await change(bob, "m1", ({ users }) => users === 2)).maxUsers).toBe(2);
    await ann.ask("m2", "update", { locked: true });
    await change(bob, "m2", ({ locked }) => locked);
    const before = changes(bob).length;
    // It is not open, and stays so.
    await ann.ask("m2", "update", { meta: 1 });
    await cat.ok({ event: "leave", room: "m1" });
    await change(bob, "m1", ({ users }) => users === 1);
    expect(changes(bob).length).toBe(before + 1);
    expect(changes(bob).map(({ type }) => type)).not.toContain("lobby");
    await ann.ask("m2", "update", { locked: false });
    await change(bob, "m2", ({ locked }) => !locked);
    for (const client of [ann, bob, cat]) client.close();
  });

  test("[P77] a room that changes all the time is told of twice a second at most, and its last change is not lost", async () => {
    const [ann, bob] = [await server.user("quick", "ann"), await server.user("quick", "bob")];
    await create(ann, "m1");
    await ann.ok({ event: "join", room: "m1" });
    await list(bob, { live: true });
    const start = performance.now();
    for (let n = 0; n < 30; n++) await ann.ask("m1", "many");
    await ann.ask("m1", "update", { meta: "last" });
    await change(bob, "m1", ({ meta }) => meta === "last");
    const most = 2 + (performance.now() - start) / 500;
    expect(changes(bob).length).toBeLessThanOrEqual(most);
    expect(await ann.ask("m1", "settings")).toMatchObject({ meta: "last" });
    for (const client of [ann, bob]) client.close();
  });

  test("[P49, P75] a hidden room is joined by its name, and neither listed nor announced, come or gone", async () => {
    const [ann, bob] = [await server.user("dark", "ann"), await server.user("dark", "bob")];
    await list(bob, { live: true });
    await create(ann, "cave", { hidden: true });
    await create(ann, "the secret", { type: "lobby" });
    await ann.ok({ event: "join", room: "cave" });
    await bob.ok({ event: "join", room: "cave" });
    await bob.ok({ event: "leave", room: "cave" });
    await create(ann, "shown");
    await change(bob, "shown");
    expect(await named(bob)).toEqual(["shown"]);
    expect(await ann.ask(undefined, "hidden")).toEqual(["attic", "cave", "the secret"]);
    ann.send({ event: "message", room: "cave", type: "close" });
    expect((await ann.next(({ event }) => event === "room_remove")).room).toBe("cave");
    await until("the room to be gone", async () => !(await bob.ask(undefined, "hidden")).includes("cave"));
    const about = bob.frames(({ event }) => /^room_/.test(event)).map(({ room }) => room);
    expect([...new Set(about)]).toEqual(["shown"]);
    for (const client of [ann, bob]) client.close();
  });

  test("[P75, P77] a room that is hidden is gone for who is not in it, and there again when it is not", async () => {
    const [ann, bob] = [await server.user("set", "ann"), await server.user("set", "bob")];
    const cat = await server.user("set", "cat");
    await create(ann, "m1");
    await ann.ok({ event: "join", room: "m1" });
    await cat.ok({ event: "subscribe", room: "m1" });
    await list(bob, { live: true });
    await ann.ask("m1", "update", { hidden: true });
    expect(await change(bob, "m1")).toMatchObject({ gone: true });
    await bob.next(({ event, room }) => event === "room_remove" && room === "m1");
    expect(await named(bob)).toEqual([]);
    expect(ann.frames(({ event }) => event === "room_remove")).toEqual([]);
    await ann.ask("m1", "update", { hidden: false });
    await bob.next(({ event, room }) => event === "room_add" && room === "m1");
    expect(await change(bob, "m1")).toMatchObject({ users: 1, locked: false });
    expect(await named(bob)).toEqual(["m1"]);
    for (const client of [ann, cat]) {
      await client.settle();
      const told = client.frames(({ event }) => event === "room_add" || event === "room_remove");
      expect(told.map(({ event, room }) => [event, room])).toEqual([["room_add", "m1"]]);
      client.close();
    }
    bob.close();
  });

  test("[P45, P48] a script locks its room, limits it and gives it a password, and knows what it has set", async () => {
    const [ann, bob] = [await server.user("set", "ann l"), await server.user("set", "bob l")];
    await create(ann, "m2", { meta: { map: "sea" } });
    await ann.ok({ event: "join", room: "m2" });
    const settings = { maxUsers: 2, locked: false, hidden: false, meta: { map: "sea" } };
    expect(await ann.ask("m2", "settings")).toEqual(settings);
    await ann.ask("m2", "update", { locked: true });
    expect((await bob.fails({ event: "join", room: "m2" })).code).toBe("room_locked");
    expect(await ann.ask("m2", "settings")).toEqual({ ...settings, locked: true });
    await ann.ask("m2", "update", { locked: false, password: "sesame", maxUsers: 1 });
    expect((await bob.fails({ event: "join", room: "m2" })).code).toBe("wrong_password");
    const join = { event: "join", room: "m2", data: { password: "sesame" } };
    expect((await bob.fails(join)).code).toBe("room_full");
    await ann.ask("m2", "update", { maxUsers: 2, password: null });
    await bob.ok({ event: "join", room: "m2" });
    for (const options of [
      { maxUsers: 0 },
      { locked: 1 },
      { password: "" },
      { size: 1 },
      { meta: "x".repeat(1023) },
      7,
    ]) {
      expect((await ann.fails({ event: "message", room: "m2", type: "update", data: options })).code).toBe(
        "handler_failed",
      );
    }
    expect((await ann.fails({ event: "message", room: "m2", type: "fail" })).code).toBe("handler_failed");
    expect(await ann.ask("m2", "settings")).toEqual(settings);
    const [rooms] = [await ann.ask(undefined, "rooms")];
    expect(rooms.find(({ name }: Frame) => name === "m2")).toEqual({
      name: "m2",
      type: "match",
      users: 2,
      maxUsers: 2,
      keep: false,
      locked: false,
      hidden: false,
    });
    for (const client of [ann, bob]) client.close();
  });

  test("[P49] what a room is made with is checked, and the create handler is told of it", async () => {
    const ann = await server.user("set", "ann c");
    await create(ann, "m3", { hidden: true, meta: [1], data: 5 });
    expect(await ann.ask(undefined, "last")).toMatchObject({ name: "m3", hidden: true, meta: [1], data: 5 });
    for (const data of [{ hidden: 1 }, { meta: "x".repeat(1023) }, { meta: "é".repeat(600) }]) {
      const error = await ann.fails({ event: "create", room: "bad", data: { type: "match", ...data } });
      expect(error).toMatchObject({
        code: "invalid_data",
        message: expect.stringMatching(/data\.(hidden|meta): /),
      });
    }
    await create(ann, "m4", { meta: "x".repeat(1022) });
    ann.close();
  });

  test("[P77] who follows a list is told of what an edit changes", async () => {
    const [ann, bob] = [await server.user("live", "ann e"), await server.user("live", "bob e")];
    await create(ann, "edited");
    await list(bob, { live: true });
    server.write("live/rooms/match.ts", room().replace("maxUsers: 2", "maxUsers: 5"));
    expect(await change(bob, "edited", ({ maxUsers }) => maxUsers === 5)).toMatchObject({ users: 0 });
    for (const client of [ann, bob]) client.close();
  });

  test("how a room is set outlives an edit, and an edit that is taken back", async () => {
    const ann = await server.user("edit", "ann");
    await create(ann, "m1", { hidden: true, meta: 1 });
    await ann.ok({ event: "join", room: "m1" });
    await ann.ask("m1", "update", { locked: true, maxUsers: 7 });
    const settings = { maxUsers: 7, locked: true, hidden: true, meta: 1 };
    server.write("edit/rooms/match.ts", `${room()} // Edited.`);
    await until("the edit", async () => /^v2/.test(await ann.ask("m1", "version")));
    expect(await ann.ask("m1", "settings")).toEqual(settings);
    const start = server.output().length;
    server.write(
      "edit/rooms/match.ts",
      room().replace("settings: (", "settings: () => { throw new Error('no'); }, other: ("),
    );
    await server.logged(/edit.* v3·.*live/, start);
    expect(await ann.ask("m1", "settings")).toEqual(settings);
    ann.close();
  });

  test("how a room is set outlives a killed script host, and what is set meanwhile is set once", async () => {
    const ann = await server.user("kill", "ann");
    await create(ann, "m1", { meta: 1 });
    await ann.ok({ event: "join", room: "m1" });
    await ann.ask("m1", "update", { locked: true });
    for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
    await Promise.all([2, 3, 4].map((meta) => ann.ask("m1", "update", { meta })));
    expect(await ann.ask("m1", "settings")).toEqual({ maxUsers: 2, locked: true, hidden: false, meta: 4 });
    expect((await list(ann)).rooms).toMatchObject([{ room: "m1", locked: true, meta: 4 }]);
    ann.close();
  });
});
