/** Users whom scripts have join rooms and move between them, and what scripts know of who is where. */
import { beforeAll, expect, test } from "bun:test";
import type { Frame, TestClient } from "./client.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const hall = (more = "") => `
  import { defineRoom, refuse } from "hotroom";
  export default defineRoom({
    state: () => ({ heard: [] as string[] }),
    events: {
      init(room) {
        if (room.name.startsWith("full")) room.update({ maxUsers: 1 });
        if (room.name.startsWith("locked")) room.update({ locked: true, password: "x" });
      },
      join(room, user, data) {
        if (data?.no) refuse("Not here.");
        room.state.heard.push("+" + user.name);
        room.broadcast("came", { name: user.name, data });
        if (data?.on) room.move(user, data.on, data);
      },
      leave(room, user, reason) { room.state.heard.push("-" + user.name + (reason ?? "")); },
    },
    messages: {
      move(room, user, { to, data, who = user.id }) { room.move(who, to, data); },
      join(room, user, { to, who }) { room.application.join(who, to); },
      fail(room, user, to) { room.move(user, to); throw new Error("broken"); },
      make(room, user, name) { room.application.createRoom(name, { type: "hall" }); room.move(user, name); },
      heard: (room) => room.state.heard,
      mine: (room, user) => user.rooms,
      version: (room) => room.version,
    },
    ${more}
  });`;

const app = `
  import { defineApplication } from "hotroom";
  export default defineApplication({
    messages: {
      make(app, user, name) { app.createRoom(name, { type: "hall", keep: true }); },
      join(app, user, { to, data, who = user.id }) { app.join(who, to, data); },
      fail(app, user, to) { app.join(user, to); throw new Error("broken"); },
      users: (app, user, room) => app.room(room).users.map(({ name }) => name),
      rooms: (app, user, name) => app.user(name ?? user.id)?.rooms,
      mine: (app, user) => user.rooms,
      all: (app) => app.rooms.map(({ name, users }) => [name, users, app.room(name).users.length]),
      version: (app) => app.version,
      close(app, user, name) { app.room(name).close(); },
    },
  });`;

const names = ["move", "stay", "join", "know", "edit", "kill", "loop", "few", "go"];

onEachRuntime("moved users", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    const files = Object.fromEntries(
      names.flatMap((name) => [
        [`${name}/hotroom.json`, `{ "rooms": "join"${name === "few" ? ', "roomsPerUser": 2' : ""} }`],
        [`${name}/app.ts`, app],
        [`${name}/rooms/hall.ts`, hall()],
      ]),
    );
    server = await startServer({ runtime, files, args: ["--inbound-rate", "0", "--hosts", "1"] });
  });

  const joined = (client: TestClient, room: string) =>
    client.next((frame) => frame.event === "joined" && frame.room === room);
  const userIn = (client: TestClient, room: string, name: string) =>
    until(`${name} in ${room}`, async () => (await client.ask(undefined, "users", room)).includes(name));

  test("[P78, P79] a moved user leaves here and joins there, and is told of both in this order; so are the others", async () => {
    const ann = await server.user("move", "ann", "here");
    const [bob, cat] = [await server.user("move", "bob", "here"), await server.user("move", "cat", "there")];
    ann.send({ event: "message", room: "here", type: "move", data: { to: "there", data: { seat: 7 } } });
    const user = { id: expect.any(String), name: "ann" };
    expect(await joined(ann, "there")).toEqual({
      event: "joined",
      room: "there",
      type: "hall",
      users: [{ id: expect.any(String), name: "cat" }, user],
    });
    await ann.next(({ type, data }) => type === "came" && data.data?.seat === 7);
    const seen = ann.frames(
      ({ event, room, type }) => event === "leave" || room === "there" || type === "came",
    );
    expect(seen.map(({ event, room }) => [event, room]).slice(-3)).toEqual([
      ["leave", "here"],
      ["joined", "there"],
      ["message", "there"],
    ]);
    expect(seen.at(-3)).toEqual({ event: "leave", room: "here", user, to: "there" });
    expect(seen.at(-1).data).toEqual({ name: "ann", data: { seat: 7 } });
    expect(await bob.next(({ event }) => event === "leave")).toEqual({ event: "leave", room: "here", user });
    expect(await cat.next(({ event }) => event === "join")).toEqual({ event: "join", room: "there", user });
    expect((await ann.fails({ event: "message", room: "here", type: "heard" })).code).toBe("not_in_room");
    expect(await ann.ask("there", "heard")).toEqual(["+cat", "+ann"]);
    for (const client of [ann, bob, cat]) client.close();
  });

  test("a user stays where the other room is full, closed to it or not there, and the log says so", async () => {
    const ann = await server.user("stay", "ann", "here");
    const bob = await server.user("stay", "bob", "full 1");
    const cat = await server.user("stay", "cat", "other");
    const move = (data: object) => ann.ask("here", "move", data);
    for (const [data, why] of [
      [{ to: "full 1" }, "it is full \\(1 of 1\\)"],
      [{ to: "other", data: { no: true } }, "Not here"],
      [{ to: "nowhere" }, "there is no such room"],
      [{ to: "here" }, "you are in it already"],
    ] as const) {
      const start = server.output().length;
      await move(data);
      await server.logged(new RegExp(`Cannot move user "ann" to room "${data.to}": .*${why}`), start);
    }
    await move({ to: "other", who: "nobody" });
    expect(await ann.ask("here", "heard")).toEqual(["+ann"]);
    expect(ann.frames(({ event }) => event === "leave" || event === "joined")).toEqual([]);
    expect(await bob.ask("full 1", "heard")).toEqual(["+bob"]);
    expect(await cat.ask("other", "heard")).toEqual(["+cat"]);
    for (const client of [ann, bob, cat]) client.close();
  });

  test("[P78] scripts have users join rooms, also locked ones, with passwords, and such as they have just made", async () => {
    const ann = await server.user("join", "ann");
    const bob = await server.user("join", "bob", "here");
    await ann.ask(undefined, "make", "locked 1");
    const join = { event: "join", room: "locked 1", data: { password: "x" } };
    await until("the lock", async () => (await bob.fails(join)).code === "room_locked");
    await ann.ask(undefined, "join", { to: "locked 1" });
    expect((await joined(ann, "locked 1")).users).toMatchObject([{ name: "ann" }]);
    await bob.ask("here", "make", "new");
    await joined(bob, "new");
    await bob.ask("new", "join", { who: "ann", to: "new" });
    expect((await joined(ann, "new")).users).toMatchObject([{ name: "bob" }, { name: "ann" }]);
    // What a failed handler asked for doesn't happen.
    expect((await ann.fails({ event: "message", type: "fail", data: "here" })).code).toBe("handler_failed");
    expect((await bob.fails({ event: "message", room: "new", type: "fail", data: "here" })).code).toBe(
      "handler_failed",
    );
    await ann.settle();
    expect(await ann.ask(undefined, "rooms")).toEqual(["locked 1", "new"]);
    expect(await bob.ask(undefined, "rooms")).toEqual(["new"]);
    for (const client of [ann, bob]) client.close();
  });

  test("the application knows who is in which room, however they come and go", async () => {
    const ann = await server.user("know", "ann", "r1");
    const bob = await server.user("know", "bob", "r1");
    await bob.ok({ event: "join", room: "r2" });
    expect(await ann.ask(undefined, "users", "r1")).toEqual(["ann", "bob"]);
    expect(await ann.ask(undefined, "rooms", "bob")).toEqual(["r1", "r2"]);
    expect(await bob.ask(undefined, "mine")).toEqual(["r1", "r2"]);
    expect(await bob.ask("r2", "mine")).toEqual(["r2"]);
    expect(await ann.ask(undefined, "users", "nowhere")).toEqual([]);
    await bob.ok({ event: "leave", room: "r1" });
    expect(await ann.ask(undefined, "users", "r1")).toEqual(["ann"]);
    expect(await ann.ask(undefined, "rooms", "bob")).toEqual(["r2"]);
    // A room that closes and one of its name that is made again are two.
    await ann.ask(undefined, "close", "r2");
    await ann.next(({ event, room }) => event === "room_remove" && room === "r2");
    expect(await ann.ask(undefined, "rooms", "bob")).toEqual([]);
    await ann.ok({ event: "join", room: "r2" });
    expect(await ann.ask(undefined, "all")).toEqual([
      ["r1", 1, 1],
      ["r2", 1, 1],
    ]);
    expect(await ann.ask(undefined, "users", "r2")).toEqual(["ann"]);
    await bob.ok({ event: "join", room: "r1" });
    bob.close();
    const alone = async () => (await ann.ask(undefined, "users", "r1")).join() === "ann";
    await until("nobody else to be there", alone);
    expect(await ann.ask(undefined, "rooms", "bob")).toBeUndefined();
    ann.close();
  });

  test("an edit of the application knows who is where, and moves that are under way happen once", async () => {
    const users = await Promise.all([1, 2, 3, 4].map((n) => server.user("edit", `user ${n}`, "r1")));
    const [ann] = users as [TestClient];
    await ann.ask(undefined, "make", "r2");
    for (const user of users) user.send({ event: "message", room: "r1", type: "move", data: { to: "r2" } });
    server.write("edit/rooms/hall.ts", `${hall()} // Edited.`);
    server.write("edit/app.ts", `${app} // Edited.`);
    for (const user of users) await joined(user, "r2");
    await until("the edit", async () => /^v2/.test(await ann.ask(undefined, "version")));
    const all = ["user 1", "user 2", "user 3", "user 4"];
    expect((await ann.ask(undefined, "users", "r2")).toSorted()).toEqual(all);
    expect(await ann.ask(undefined, "users", "r1")).toEqual([]);
    expect(await ann.ask(undefined, "rooms", "user 3")).toEqual(["r2"]);
    expect((await ann.ask("r2", "heard")).toSorted()).toEqual(all.map((name) => `+${name}`));
    for (const user of users) user.close();
  });

  test("a killed script host loses no move and makes none twice, and the application knows who is where", async () => {
    const users = await Promise.all([1, 2, 3, 4].map((n) => server.user("kill", `user ${n}`, "r1")));
    const [ann] = users as [TestClient];
    await ann.ask(undefined, "make", "r2");
    for (const user of users) user.send({ event: "message", room: "r1", type: "move", data: { to: "r2" } });
    for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
    for (const user of users) await joined(user, "r2");
    const all = ["user 1", "user 2", "user 3", "user 4"];
    expect((await ann.ask(undefined, "users", "r2")).toSorted()).toEqual(all);
    expect(await ann.ask(undefined, "rooms", "user 3")).toEqual(["r2"]);
    expect((await ann.ask("r2", "heard")).toSorted()).toEqual(all.map((name) => `+${name}`));
    for (const user of users) {
      expect(user.frames(({ event }) => event === "joined")).toHaveLength(1);
      expect(user.frames(({ event, to }) => event === "leave" && to === "r2")).toHaveLength(1);
    }
    for (const user of users) user.close();
  });

  test("rooms that send a user back and forth stop after a hundred moves", async () => {
    const ann = await server.user("loop", "ann");
    for (const room of ["ping", "pong"]) await ann.ask(undefined, "make", room);
    const start = server.output().length;
    // Each room sends on to the other: what sends is asked again with what it sent.
    server.write(
      "loop/rooms/hall.ts",
      hall()
        .replace("if (data?.on)", "if (data)")
        .replace("data.on, data", 'room.name === "ping" ? "pong" : "ping", data'),
    );
    await server.logged(/loop.* v2·.*live/, start);
    await ann.ask(undefined, "join", { to: "ping", data: {} });
    await server.logged(/Cannot move user "u\d+": 100 moves followed from one another/, start);
    await ann.settle();
    expect(ann.frames(({ event }) => event === "joined")).toHaveLength(100);
    expect(await ann.ask(undefined, "rooms")).toHaveLength(1);
    ann.close();
  });

  test("nobody is put into more rooms than a user may be in; a move needs no other room", async () => {
    const ann = await server.user("few", "ann", "r1");
    for (const room of ["r2", "r3", "r4"]) await ann.ask(undefined, "make", room);
    const start = server.output().length;
    for (const to of ["r2", "r3"]) await ann.ask(undefined, "join", { to });
    await server.logged(/Cannot join user "ann" with room "r3": the user is in 2 other rooms/, start);
    await joined(ann, "r2");
    await ann.ask("r2", "move", { to: "r4" });
    await joined(ann, "r4");
    expect((await ann.ask(undefined, "rooms")).toSorted()).toEqual(["r1", "r4"]);
    ann.close();
  });

  test("a user who goes while it is moved is in neither room", async () => {
    const ann = await server.user("go", "ann", "r1");
    const bob = await server.user("go", "bob");
    await bob.ask(undefined, "make", "r2");
    for (let n = 0; n < 20; n++) {
      const cat = await server.user("go", `cat ${n}`, "r1");
      cat.send({ event: "message", room: "r1", type: "move", data: { to: "r2" } });
      if (n % 2) cat.close();
      else await cat.ok({ event: "logout" });
      await until("it to be gone", async () => (await bob.ask(undefined, "rooms", `cat ${n}`)) === undefined);
      cat.close();
    }
    expect(await bob.ask(undefined, "users", "r2")).toEqual([]);
    expect(await bob.ask(undefined, "users", "r1")).toEqual(["ann"]);
    await bob.ok({ event: "join", room: "r2" });
    const heard: string[] = await bob.ask("r2", "heard");
    for (let n = 0; n < 20; n++) {
      const of = heard.filter((line: Frame) => line.endsWith(`cat ${n}`));
      expect(of.length === 0 || of.join() === `+cat ${n},-cat ${n}`).toBe(true);
    }
    await userIn(ann, "r1", "ann");
    for (const client of [ann, bob]) client.close();
  });
});
