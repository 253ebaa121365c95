/** Logins, creates and joins that fail behind their handlers leave nothing; those that succeed are told of once. */
import { beforeAll, describe, expect, test } from "bun:test";
import type { TestClient } from "./client.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const app = (login: string, more = "") => `
  import { defineApplication } from "hotroom";
  export default defineApplication({
    state: () => ({ heard: [] as unknown[] }),
    events: {
      login(app, { data }) { ${login} return { name: data.name, data: data.data }; },
      loggedIn(app, user) {
        app.state.heard.push(["loggedIn", user.name, app.users.includes(user)]);
        app.send(user, "hello", user.data);
      },
      logout(app, user) { app.state.heard.push(["logout", user.name]); },
      create(app, request) {
        app.broadcast("asked", request.name);
        app.emit("asked", request.name);
        app.room(request.name).emit("asked");
      },
      created(app, room, user) { app.state.heard.push(["created", room.name, room.type, user?.name ?? null]); },
    },
    emits: { asked(app, name) { app.state.heard.push(["asked", name]); } },
    messages: {
      heard: (app) => app.state.heard,
      rooms: (app) => app.rooms.map(({ name }) => name),
      make(app, user, [name, type]) { app.createRoom(name, { type }); },
    },
    ${more}
  });`;

const files = {
  "door/hotroom.json": `{ "maxUsers": 6 }`,
  "door/app.ts": app(
    `console.log(JSON.stringify(data.name)); app.broadcast("came", data.name); app.send("ann", "secret", data.name);`,
  ),
  "door/rooms/hall.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({});`,
  "kicks/hotroom.json": `{ "maxUsers": 2 }`,
  "kicks/app.ts": app(`
    for (const each of data.kick ?? [data.name]) {
      app.send(each, "goodbye");
      app.kick(each, "You logged in somewhere else.");
    }
    app.send(data.name, "welcome");`),
  "kicks/rooms/hall.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({});`,
  "clubs/hotroom.json": `{ "rooms": "client", "maxRooms": 2, "emptyGrace": 60000 }`,
  "clubs/app.ts": app(""),
  "clubs/rooms/club.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({ state: () => ({ asked: 0 }), emits: { asked(room) { room.state.asked++; } }, messages: { asked: (room) => room.state.asked } });`,
  "clubs/rooms/broken.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({ events: { init() { throw new Error("no"); } } });`,
  "leaves/hotroom.json": `{ "rooms": "join", "emptyGrace": 0 }`,
  // It takes its time to close.
  "leaves/rooms/den.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({
      events: { close() { for (let i = 0; i < 100_000; i++); } },
      messages: { users: (room) => room.users.map(({ name }) => name) },
    });`,
  "joins/hotroom.json": `{ "rooms": "join", "emptyGrace": 60000 }`,
  "joins/app.ts": app(""),
  "joins/rooms/hall.ts": `
    import { defineRoom, refuse } from "hotroom";
    export default defineRoom({
      state: () => ({ tries: 0 }),
      events: {
        join(room, user, data) {
          room.state.tries++;
          if (data === "throw") throw new Error("no");
          if (data !== "please") refuse("Say please.");
          room.application.broadcast("welcomed", user.name);
        },
        close(room, reason) { room.application.emit("asked", reason + " " + room.state.tries); },
      },
    });`,
};

onEachRuntime("admissions", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files, args: ["--inbound-rate", "0"] });
  });
  const closed = async (...clients: TestClient[]) => {
    for (const client of clients) client.close();
    await Promise.all(clients.map((client) => client.closed));
  };
  const login = (name: unknown, more = {}) => ({ event: "login", data: { name, ...more } });

  describe("a login", () => {
    test("[P37] that fails behind its handler has sent nothing", async () => {
      const ann = await server.user("door", "ann");
      const bob = await server.connect("door");
      expect((await bob.fails(login("ann"))).code).toBe("name_taken");
      for (const name of ["🦄", "", 5]) expect((await bob.fails(login(name))).code).toBe("invalid_name");
      const others = await Promise.all(["c", "d", "e", "f", "g"].map((name) => server.user("door", name)));
      expect((await bob.fails(login("bob"))).code).toBe("too_many_users");
      await closed(...others);
      await until("the others to be gone", async () => (await ann.ask(undefined, "heard")).length === 11);
      await bob.ok(login("bob"));
      await ann.settle();
      const came = ann.messages("came").toSorted();
      expect(came).toEqual(["ann", "bob", "c", "d", "e", "f", "g"]);
      expect(ann.messages("secret").toSorted()).toEqual(came);
      // What the handler has logged stays.
      for (const name of ["🦄", "", 5])
        expect(server.lines("door")).toContain(`INFO ${JSON.stringify(name)}`);
      await closed(ann, bob);
    });

    test("[P85] is told to loggedIn once it has happened: behind its reply and what login sent, before anything else of the user", async () => {
      const client = await server.connect("door");
      client.send({ ...login("dora", { data: { rank: 1 } }), id: 1 });
      client.send({ event: "message", id: 2, type: "heard" });
      const { data } = await client.next((frame) => frame.id === 2);
      const frames = client.frames().map(({ id, type }) => id ?? type);
      expect(frames).toEqual([1, "came", "hello", 2]);
      expect(client.messages("hello")).toEqual([{ rank: 1 }]);
      expect(data.at(-1)).toEqual(["loggedIn", "dora", true]);
      await client.ok({ event: "logout" });
      await client.ok(login("dora"));
      const heard = await client.ask(undefined, "heard");
      expect(heard.slice(-3)).toEqual([
        ["loggedIn", "dora", true],
        ["logout", "dora"],
        ["loggedIn", "dora", true],
      ]);
      await closed(client);
    });

    test("[P37] whose handler kicks who has the name takes it at once; nobody who comes is kicked", async () => {
      const ghost = await server.user("kicks", "ann");
      const ann = await server.connect("kicks");
      await ann.ok(login("ann"));
      expect(await ghost.closed).toMatchObject({ code: 4501, reason: "You logged in somewhere else." });
      expect(ghost.messages("goodbye")).toHaveLength(1);
      await ann.message("welcome");
      expect((await ann.ask(undefined, "heard")).slice(-3)).toEqual([
        ["loggedIn", "ann", true],
        ["logout", "ann"],
        ["loggedIn", "ann", true],
      ]);
      // Where nobody has the name, the kick is of nobody.
      const bob = await server.user("kicks", "bob");
      // The place of who is kicked is free as well.
      const cat = await server.connect("kicks");
      expect((await cat.fails(login("cat", { kick: [] }))).code).toBe("too_many_users");
      await cat.ok(login("cat", { kick: ["bob"] }));
      expect((await bob.closed).code).toBe(4501);
      // Who can't be logged in has kicked nobody.
      const bad = await server.connect("kicks");
      expect((await bad.fails(login("🦄", { kick: ["ann", "cat"] }))).code).toBe("invalid_name");
      for (const client of [ann, cat]) await client.settle();
      await closed(ann, cat, bad);
    });

    test("[P37] of many that kick for one name at once is one", async () => {
      await server.user("kicks", "eve");
      const clients = await Promise.all(Array.from({ length: 8 }, () => server.connect("kicks")));
      const replies = await Promise.all(clients.map((client) => client.request(login("eve"))));
      const [failed, taken] = [replies.filter(({ ok }) => !ok), replies.filter(({ ok }) => ok)];
      for (const { error } of failed) expect(error.code).toBe("name_taken");
      const open = clients.filter(({ isOpen }) => isOpen);
      for (const client of open) await client.settle();
      // The others were let in one after the other, each for the next.
      const there = open.filter((client) => client.frames(({ ok, data }) => ok && data?.session).length > 0);
      expect(there).toHaveLength(1);
      expect(taken.length).toBeGreaterThan(0);
      await closed(...clients);
    });
  });

  describe("a create", () => {
    test("[P50] that fails behind its handler has sent nothing; one that succeeds is told to created", async () => {
      const ann = await server.user("clubs", "ann");
      const bob = await server.user("clubs", "bob");
      const create = (room: string, type: string) => ({ event: "create", id: room, room, data: { type } });
      const codes = [];
      for (const [room, type] of [
        ["one", "none"],
        ["two", "broken"],
        ["one", "club"],
        ["one", "club"],
        ["due", "club"],
        ["three", "club"],
      ] as const)
        codes.push((await ann.request(create(room, type))).error?.code);
      expect(codes).toEqual([
        "room_type_not_found",
        "handler_failed",
        undefined,
        "room_exists",
        undefined,
        "too_many_rooms",
      ]);
      await bob.settle();
      expect(bob.messages("asked")).toEqual(["one", "due"]);
      const told = bob.frames(({ event }) => event === "room_add" || event === "room_remove");
      expect(told.map(({ event, room }) => [event, room])).toEqual([
        ["room_add", "one"],
        ["room_add", "due"],
      ]);
      expect(await ann.ask(undefined, "rooms")).toEqual(["one", "due"]);
      expect((await ann.ask(undefined, "heard")).filter(([what]: string[]) => what !== "loggedIn")).toEqual([
        ["asked", "one"],
        ["created", "one", "club", "ann"],
        ["asked", "due"],
        ["created", "due", "club", "ann"],
      ]);
      // What the handler sends to the room finds it there.
      await ann.ok({ event: "join", room: "one" });
      expect(await ann.ask("one", "asked")).toBe(1);
      await closed(ann, bob);
    });

    test("created hears of what scripts make, and of nothing that could not be set up", async () => {
      const ann = await server.user("door", "ann m");
      await ann.ask(undefined, "make", ["made", "hall"]);
      for (const data of [
        ["made", "hall"],
        ["nothing", "none"],
      ])
        expect((await ann.fails({ event: "message", type: "make", data })).code).toBe("handler_failed");
      await ann.next((frame) => frame.event === "room_add" && frame.room === "made");
      const heard = await ann.ask(undefined, "heard");
      expect(heard.filter(([what]: string[]) => what === "created")).toEqual([
        ["created", "made", "hall", null],
      ]);
      await closed(ann);
    });
  });

  test("[P47, P48] a join that is refused leaves no room that it made, and nobody hears of one; one that succeeds is told of", async () => {
    const ann = await server.user("joins", "ann");
    const bob = await server.user("joins", "bob");
    const join = (data: unknown) => ({ event: "join", room: "den", data });
    expect((await ann.fails(join("now"))).code).toBe("join_refused");
    expect((await ann.fails(join("throw"))).code).toBe("handler_failed");
    expect((await bob.fails({ event: "subscribe", room: "den" })).code).toBe("room_not_found");
    expect(await ann.ask(undefined, "rooms")).toEqual([]);
    // Each has had a room of its own, which is gone.
    expect((await ann.ask(undefined, "heard")).slice(2)).toEqual([
      ["asked", "Nobody was let in. 1"],
      // A handler that throws leaves no trace in the room's state.
      ["asked", "Nobody was let in. 0"],
    ]);
    expect(bob.frames(({ room }) => room === "den")).toEqual([]);
    await ann.ok(join("please"));
    expect((await bob.fails(join("now"))).code).toBe("join_refused");
    await bob.ok(join("please"));
    await bob.settle();
    const told = bob.frames(({ event, type }) => event === "room_add" || type === "welcomed");
    expect(told.map(({ event, room, data }) => [event, room ?? data])).toEqual([
      ["room_add", "den"],
      ["message", "ann"],
      ["message", "bob"],
    ]);
    expect((await ann.ask(undefined, "heard")).slice(4)).toEqual([["created", "den", "hall", "ann"]]);
    await closed(ann, bob);
  });

  test("[P47] who joins a room that closes since all have left it comes into a new one", async () => {
    const ann = await server.user("leaves", "ann");
    for (let n = 0; n < 40; n++) {
      await ann.ok({ event: "join", room: "den" });
      expect(await ann.ask("den", "users")).toEqual(["ann"]);
      await ann.ok({ event: "leave", room: "den" });
      // So that it is not closing yet, or is, or has closed.
      for (let ping = 0; ping < n % 8; ping++) await ann.settle();
    }
  });

  test("[P47] of two who join a room at once the refused one does not close it for the other", async () => {
    const [ann, bob] = [await server.user("joins", "ann t"), await server.user("joins", "bob t")];
    for (let time = 0; time < 20; time++) {
      const join = (data: string) => ({ event: "join", room: `twice ${time}`, data });
      const replies = await Promise.all([ann.request(join("no")), bob.request(join("please"))]);
      // Where the first was refused before the second asked, the second makes a room of its own.
      expect(replies.map(({ ok }) => ok)).toEqual([false, true]);
    }
    await closed(ann, bob);
  });

  test("what has happened is heard once, whatever edits and killed script hosts come between", async () => {
    const source = (n: number) => `${app("")}\n// ${n}`;
    const shaken = await startServer({
      runtime,
      files: {
        "clubs/hotroom.json": `{ "rooms": "client", "emptyGrace": 600000 }`,
        "clubs/app.ts": source(0),
        "clubs/rooms/club.ts": files["door/rooms/hall.ts"],
      },
      args: ["--inbound-rate", "0", "--hosts", "1"],
    });
    const names: string[] = [];
    const visit = async (name: string) => {
      names.push(name);
      const client = await shaken.user("clubs", name);
      await client.ok({ event: "create", room: `${name}s` });
      await closed(client);
    };
    for (let round = 1; round <= 3; round++) {
      const visits = Promise.all(Array.from({ length: 8 }, (_, n) => visit(`u${round} ${n}`)));
      if (round % 2 === 0) shaken.write("clubs/app.ts", source(round));
      else for (const pid of shaken.hostPids()) process.kill(pid, "SIGKILL");
      await visits;
    }
    const ann = await shaken.user("clubs", "ann");
    const heard = await until("all to have gone", async () => {
      const list: [string, string, ...unknown[]][] = await ann.ask(undefined, "heard");
      return list.filter(([what]) => what === "logout").length === names.length ? list : undefined;
    });
    const of = (what: string) => heard.filter(([each]) => each === what).map(([, name]) => name);
    expect(of("loggedIn").toSorted()).toEqual([...names, "ann"].toSorted());
    expect(of("logout").toSorted()).toEqual(names.toSorted());
    expect(of("created").toSorted()).toEqual(names.map((name) => `${name}s`).toSorted());
    for (const name of names) {
      const [login, logout] = ["loggedIn", "logout"].map((what) =>
        heard.findIndex((each) => each[0] === what && each[1] === name),
      );
      expect(login).toBeLessThan(logout as number);
    }
    await shaken.kill();
  });
});
