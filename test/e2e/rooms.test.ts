/** Who may make rooms, how many get in, and who hears of it. */
import { beforeAll, describe, expect, test } from "bun:test";
import type { TestClient } from "./client.ts";
import { startServer, type TestServer } from "./harness.ts";
import { onEachRuntimeAndExecutable } from "./runtimes.ts";

const room = (body = "") => `
  import { defineRoom, refuse } from "hotroom";
  export default defineRoom({ ${body} });`;

const files = {
  "joined.ts": room(`
    maxUsers: 5,
    events: { join(room, user, data) { if (data?.refuse) refuse("No."); }, watch() {} },
    messages: { say(room, user, data) { room.broadcast("said", data); }, names: (room) => room.users.map((u) => u.name) },
  `),
  "client/hotroom.json": `{ "rooms": "client", "emptyGrace": 50, "maxRooms": 20 }`,
  "client/app.ts": `
    import { defineApplication, refuse } from "hotroom";
    export default defineApplication({
      events: { create(app, request, user) { if (request.data?.refuse) refuse("Not with that, " + user.name + "."); } },
      messages: {
        rooms: (app) => app.rooms.map(({ name, type, users, maxUsers, keep }) => ({ name, type, users, maxUsers, keep })),
        keep(app, user, name) { app.createRoom(name, { type: "match", keep: true }); },
        open(app, user, name) { app.createRoom(name, { type: "match", maxUsers: Infinity, locked: true }); app.join(user, name); },
      },
    });`,
  "client/rooms/match.ts": room(
    `maxUsers: 2, messages: { set: ({ maxUsers, locked }) => [String(maxUsers), locked] }`,
  ),
  "client/rooms/duel.ts": room(`maxUsers: 2`),
  "server/app.ts": `
    import { defineApplication } from "hotroom";
    export default defineApplication({
      events: { init(app) { app.createRoom("hall", { type: "hall", keep: true, maxUsers: 3 }); } },
      messages: { make(app, user, name) { app.createRoom(name, { type: "hall" }); return "made"; } },
    });`,
  "server/rooms/hall.ts": room(),
  "unwatched/hotroom.json": `{ "rooms": "join", "subscribe": false }`,
  "unwatched/rooms/hall.ts": room(),
};

onEachRuntimeAndExecutable("rooms", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files });
  });

  describe("the limit", () => {
    test("[P48] of fifty who join at once exactly as many get in as there is room for", async () => {
      const clients = await Promise.all(
        Array.from({ length: 50 }, (_, index) => server.user("joined", `racer${index}`)),
      );
      const replies = await Promise.all(
        clients.map((client) => client.request({ event: "join", room: "race" })),
      );
      expect(replies.filter((reply) => reply.ok)).toHaveLength(5);
      const errors = replies.filter((reply) => !reply.ok).map((reply) => reply.error);
      expect(errors).toHaveLength(45);
      for (const error of errors) {
        expect(error).toEqual({
          code: "room_full",
          message: 'Cannot join room "race": it is full (5 of 5).',
        });
      }
      const [member] = clients.filter((_, index) => replies[index].ok);
      expect(await member?.ask("race", "names")).toHaveLength(5);
      for (const client of clients) client.close();
    });

    test("[P48] a refused join gives its place back", async () => {
      const clients = await Promise.all(
        [0, 1, 2, 3, 4].map((n) => server.user("joined", `seat${n}`, n < 4 ? "seats" : undefined)),
      );
      const last = clients[4];
      expect((await last?.fails({ event: "join", room: "seats", data: { refuse: true } }))?.code).toBe(
        "join_refused",
      );
      await last?.ok({ event: "join", room: "seats" });
      for (const client of clients) client.close();
    });
  });

  describe("making rooms", () => {
    test("a script makes a room without a limit where its definition has one, and one that is locked", async () => {
      const ann = await server.user("client", "opener");
      await ann.ok({ event: "message", type: "open", data: "wide" });
      await ann.next(({ event, room }) => event === "joined" && room === "wide");
      expect(await ann.ask("wide", "set")).toEqual(["Infinity", true]);
      const ben = await server.user("client", "outsider");
      expect((await ben.fails({ event: "join", room: "wide" })).code).toBe("room_locked");
      const { rooms } = await ben.ok({ event: "rooms" });
      const wide = rooms.find(({ room }: { room: string }) => room === "wide");
      expect(wide).toEqual({ room: "wide", type: "match", users: 1, locked: true, password: false });
      ann.close();
      ben.close();
    });

    test("[P46, P47] by joining: a name that does not exist is made", async () => {
      const ann = await server.user("joined", "maker");
      expect(await ann.ok({ event: "join", room: "fresh" })).toMatchObject({ room: "fresh", type: "joined" });
      expect((await ann.fails({ event: "join", room: "fresh" })).code).toBe("already_in_room");
      // An ordinary name, though objects have one of it.
      expect((await ann.ok({ event: "join", room: "constructor" })).users).toHaveLength(1);
      for (const name of ["__proto__", "", " x", "x".repeat(65), "a\u0000b"]) {
        expect((await ann.fails({ event: "join", room: name })).code).toMatch(/invalid_name|bad_frame/);
      }
      ann.close();
    });

    test("[P46, P52] who joins or watches is told all who are in the room, whoever has come and gone since another was told", async () => {
      const names: string[] = [];
      const told = async (client: TestClient, event: string) => {
        const { users } = await client.ok({ event, room: "told" });
        return users.map(({ name }: { name: string }) => name);
      };
      const clients: TestClient[] = [];
      for (const name of ["told ann", "told ben", "told cem", "told dee"]) {
        const client = await server.user("joined", name);
        clients.push(client);
        names.push(name);
        expect(await told(client, "join")).toEqual(names);
        if (name !== "told cem") continue;
        await clients[1]?.ok({ event: "leave", room: "told" });
        names.splice(1, 1);
      }
      expect(await told(clients[1] as TestClient, "subscribe")).toEqual(names);
      expect(await told(clients[1] as TestClient, "join")).toEqual([...names, "told ben"]);
      for (const client of clients) client.close();
    });

    test("[P30] names as people write them, for users and rooms; of what is none the character is shown", async () => {
      const ann = await server.user("joined", "O’Brien");
      for (const room of ["Col·legi", "キム・ヨナ", "Meyer–Landrut", "می\u200cخواهم"])
        expect(await ann.ok({ event: "join", room })).toMatchObject({ room, users: [{ name: "O’Brien" }] });
      const { code, message } = await ann.fails({ event: "join", room: "a\u202eb" });
      expect([code, message]).toEqual(["invalid_name", expect.stringContaining(": it has U+202E inside. ")]);
      const ben = await server.open("/ws/joined");
      const refused = await ben.fails({ event: "login", data: { name: "ben’" } });
      expect(refused.message).toStartWith(
        'Cannot log in: "ben’" is not a valid name: it ends with ’ (U+2019). ',
      );
      expect((await ben.fails({ event: "login" })).message).toStartWith(
        "Cannot log in: the name is missing. ",
      );
      ann.close();
      ben.close();
    });

    test("[P49, P50] by clients: create makes it, join does not, and the create handler may refuse", async () => {
      const ann = await server.user("client", "ann");
      expect((await ann.fails({ event: "join", room: "m1" })).code).toBe("room_not_found");
      await ann.ok({ event: "create", room: "m1", data: { type: "match" } });
      expect((await ann.fails({ event: "create", room: "m1", data: { type: "match" } })).code).toBe(
        "room_exists",
      );
      expect((await ann.fails({ event: "create", room: "m2", data: { type: "nope" } })).code).toBe(
        "room_type_not_found",
      );
      const refused = await ann.fails({
        event: "create",
        room: "m2",
        data: { type: "match", data: { refuse: 1 } },
      });
      expect(refused).toMatchObject({
        code: "create_refused",
        message: expect.stringContaining("Not with that, ann."),
      });
      expect((await ann.fails({ event: "join", room: "m2" })).code).toBe("room_not_found");
      expect((await ann.ok({ event: "join", room: "m1" })).type).toBe("match");
      ann.close();
    });

    test("[P45, P49] by clients: with a password and a limit of their own", async () => {
      const ann = await server.user("client", "ann p");
      await ann.ok({
        event: "create",
        room: "locked",
        data: { type: "match", password: "sesame", maxUsers: 1 },
      });
      expect((await ann.fails({ event: "join", room: "locked" })).code).toBe("wrong_password");
      const wrong = { event: "join", room: "locked", data: { password: "x" } };
      expect((await ann.fails(wrong)).code).toBe("wrong_password");
      await ann.ok({ event: "join", room: "locked", data: { password: "sesame" } });
      const bob = await server.user("client", "bob p");
      const right = { event: "join", room: "locked", data: { password: "sesame" } };
      expect((await bob.fails(right)).code).toBe("room_full");
      ann.close();
      bob.close();
    });

    test("[P47, P49] by the server only: neither create nor join makes one, its scripts do", async () => {
      const ann = await server.user("server", "ann");
      expect((await ann.fails({ event: "create", room: "mine", data: { type: "hall" } })).code).toBe(
        "not_allowed",
      );
      expect((await ann.fails({ event: "join", room: "mine" })).code).toBe("room_not_found");
      expect(await ann.ok({ event: "join", room: "hall" })).toMatchObject({ type: "hall" });
      expect(await ann.ask(undefined, "make", "made by a script")).toBe("made");
      await ann.ok({ event: "join", room: "made by a script" });
      ann.close();
    });

    test("[P54] an empty room closes after its grace period, one made with keep stays", async () => {
      const ann = await server.user("client", "keeper");
      await ann.ok({ event: "create", room: "brief", data: { type: "match" } });
      await ann.ask(undefined, "keep", "kept");
      await ann.next((frame) => frame.event === "room_remove" && frame.room === "brief");
      const rooms = await ann.ask(undefined, "rooms");
      expect(rooms).toContainEqual({ name: "kept", type: "match", users: 0, maxUsers: 2, keep: true });
      await ann.ok({ event: "join", room: "kept" });
      ann.close();
    });
  });

  describe("who hears of it", () => {
    test("[P75] room_add and room_remove reach the application's users, and nobody else", async () => {
      const [ann, bob] = [await server.user("client", "ann r"), await server.user("client", "bob r")];
      const guest = await server.connect("client");
      const stranger = await server.user("server", "stranger");
      await ann.ok({ event: "create", room: "news", data: { type: "duel" } });
      const added = { event: "room_add", room: "news", type: "duel" };
      expect(await bob.next((frame) => frame.event === "room_add" && frame.room === "news")).toEqual(added);
      expect(await ann.next((frame) => frame.event === "room_add" && frame.room === "news")).toEqual(added);
      await bob.next((frame) => frame.event === "room_remove" && frame.room === "news");
      await guest.settle();
      await stranger.settle();
      const news = [...guest.frames(), ...stranger.frames()].filter((frame) => frame.room === "news");
      expect(news).toEqual([]);
      for (const client of [ann, bob, guest, stranger]) client.close();
    });

    test("[P72, P73] members hear joins, leaves and broken connections", async () => {
      const ann = await server.user("joined", "ann h", "heard");
      const bob = await server.user("joined", "bob h", "heard");
      const joined = await ann.next((frame) => frame.event === "join");
      expect(joined).toMatchObject({ event: "join", room: "heard", user: { name: "bob h" } });
      await bob.ok({ event: "leave", room: "heard" });
      expect(await ann.next((frame) => frame.event === "leave")).toMatchObject({
        room: "heard",
        user: { name: "bob h" },
      });
      await bob.settle();
      expect(bob.frames((frame) => frame.event === "join" || frame.event === "leave")).toEqual([]);
      await bob.ok({ event: "join", room: "heard" });
      bob.close();
      await ann.next((frame) => frame.event === "leave" && frame.user.name === "bob h");
      ann.close();
    });

    test("[P52, P53] subscribe watches a room without being in it, until unsubscribe", async () => {
      const ann = await server.user("joined", "ann s", "watched");
      const bob = await server.user("joined", "bob s");
      expect((await bob.fails({ event: "subscribe", room: "nowhere" })).code).toBe("room_not_found");
      await bob.ok({ event: "subscribe", room: "watched" });
      await ann.ask("watched", "say", 1);
      expect(await bob.message("said")).toMatchObject({ room: "watched", data: 1 });
      expect(await ann.ask("watched", "names")).toEqual(["ann s"]);
      expect((await bob.fails({ event: "message", room: "watched", type: "say" })).code).toBe("not_in_room");
      const cat = await server.user("joined", "cat s", "watched");
      await bob.next((frame) => frame.event === "join" && frame.user.name === "cat s");
      cat.close();
      await bob.next((frame) => frame.event === "leave" && frame.user.name === "cat s");
      await bob.ok({ event: "unsubscribe", room: "watched" });
      await ann.ask("watched", "say", 2);
      await bob.settle();
      expect(bob.messages("said")).toEqual([1]);
      expect((await bob.fails({ event: "unsubscribe", room: "watched" })).code).toBe("not_subscribed");
      ann.close();
      bob.close();
    });

    test("[P53] a member that also watches gets each message once", async () => {
      const ann = await server.user("joined", "ann t", "twice");
      await ann.ok({ event: "subscribe", room: "twice" });
      await ann.ask("twice", "say", 1);
      await ann.settle();
      expect(ann.messages("said")).toEqual([1]);
      ann.close();
    });

    test("[P52] an application may forbid watching", async () => {
      const ann = await server.user("unwatched", "ann", "hall");
      expect((await ann.fails({ event: "subscribe", room: "hall" })).code).toBe("not_allowed");
      ann.close();
    });
  });

  test("[P51] leaving a room that one is not in says so", async () => {
    const ann = await server.user("joined", "lost");
    expect((await ann.fails({ event: "leave", room: "nowhere" })).code).toMatch(
      /^(not_in_room|room_not_found)$/,
    );
    ann.close();
  });
});
