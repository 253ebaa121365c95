/** Everything a script can ask for reaches whom it should, and nobody else. */
import { beforeAll, describe, expect, test } from "bun:test";
import type { TestClient } from "./client.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "fx/hotroom.json": `{ "rooms": "join", "emptyGrace": 60000 }`,
  "fx/app.ts": `
    import { defineApplication } from "hotroom";
    export default defineApplication({
      state: () => ({ heard: [] as unknown[], ticks: 0 }),
      events: {
        emit(app, { type, data }) { app.state.heard.push([type, data]); },
        disconnect(app, connection, user) { if (user) app.state.heard.push(["disconnect", user.name]); },
      },
      messages: {
        all: (app, user, data) => app.broadcast("all", data),
        one: (app, user, { to, data }) => app.send(to, "one", data),
        room: (app, user, { name, data }) => app.room(name).broadcast("room", data),
        emit: (app, user, { name, data }) => app.room(name).emit("external", data),
        close: (app, user, { name, reason }) => app.room(name).close(reason),
        kick: (app, user, { who, reason }) => app.kick(who, reason),
        later(app, user, data) { app.schedule("later", 1, data); },
        heard: (app) => app.state.heard,
        users: (app) => app.users.map((user) => user.name),
        rooms: (app) => app.rooms.map((room) => [room.name, room.users]),
      },
      timers: { later(app, data) { app.broadcast("appLater", data); } },
    });`,
  "fx/rooms/hall.ts": `
    import { defineRoom, refuse } from "hotroom";
    export default defineRoom({
      tickRate: 50,
      state: () => ({ count: 0, ticking: false, ticks: 0, elapsed: 0, heard: [] as unknown[] }),
      messages: {
        all(room, user, data) { room.broadcast("all", data); },
        others(room, user, data) { room.broadcast("others", data, { except: user }); },
        exceptName(room, user, name) { room.broadcast("exceptName", 1, { except: name }); },
        exceptSome(room, user, names) { room.broadcast("exceptSome", 1, { except: names }); },
        byUser(room, user, data) { room.send(user, "byUser", data); },
        byId(room, user, data) { room.send(user.id, "byId", data); },
        byName(room, user, { to, data }) { room.send(to, "byName", data); },
        some(room, user, { to, data }) { room.send(to, "some", data); },
        wide(room, user, data) { room.application.broadcast("wide", data); },
        away(room, user, { to, data }) { room.application.send(to, "away", data); },
        elsewhere(room, user, { name, data }) { room.application.room(name).emit("external", data); },
        appEmit(room, user, data) { room.application.emit("fromRoom", data); },
        emit(room, user, data) { room.emit("own", data); room.state.heard.push(["after emit", data]); },
        heard: (room) => room.state.heard,
        make(room, user, name) { room.application.createRoom(name, { type: "hall", maxUsers: 1 }); return name; },
        kick(room, user, { who, reason }) { room.kick(who, reason); },
        close(room, user, reason) { room.close(reason); },
        count(room) { room.state.count += 1; return room.state.count; },
        schedule(room, user, { name, ms, data }) { room.schedule(name, ms, data); },
        cancel(room, user, name) { room.cancel(name); },
        ticks(room, user, on) { room.state.ticking = on; room.state.ticks = 0; },
        log(room, user, data) {
          console.log("a", 1, { b: [true] }, data); console.info("info"); console.warn("careful");
          console.error("bad"); console.debug("detail");
        },
        failAfter(room, user, data) {
          room.state.count = 100;
          room.broadcast("never", data);
          console.log("logged before it failed");
          throw new Error("too late");
        },
        refuseAfter(room) { room.broadcast("never", 1); refuse("No, thanks."); },
        order(room, user) {
          for (let i = 0; i < 20; i++) { room.broadcast("order", i); room.send(user, "order", i + 0.5); }
        },
        view(room, user) {
          const { name, type, version, maxUsers } = room;
          return { name, type, version, maxUsers: maxUsers ?? null, application: String(room.application), user, users: room.users };
        },
        frozen(room, user) { "use strict"; user.name = "other"; },
      },
      emits: { own(room, data) { room.state.heard.push(["own", data]); } },
      timers: { round(room, data) { room.broadcast("round", data); } },
      tick(room, elapsed) {
        if (!room.state.ticking) return;
        room.state.ticks += 1;
        if (room.state.ticks <= 5) room.broadcast("tick", elapsed);
      },
      events: { emit(room, { type, data }) { room.broadcast("emitted", { type, data }); } },
    });`,
};

onEachRuntime("effects", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files });
  });

  let rooms = 0;
  /** Three members of a room of their own, and one user who is in another. */
  async function cast() {
    rooms += 1;
    const room = `room ${rooms}`;
    const name = (who: string) => `${who} ${rooms}`;
    const [ann, bob, cat] = [
      await server.user("fx", name("ann"), room),
      await server.user("fx", name("bob"), room),
      await server.user("fx", name("cat"), room),
    ];
    const dan = await server.user("fx", name("dan"), `${room} b`);
    return { room, name, ann, bob, cat, dan, everyone: [ann, bob, cat, dan] };
  }

  /** Data of the messages of a type that each of the clients has got. */
  async function got(type: string, clients: TestClient[]): Promise<unknown[][]> {
    await Promise.all(clients.map((client) => client.settle()));
    return clients.map((client) => client.messages(type));
  }

  describe("sending", () => {
    test("to all, to all but one by user or name, to all but some", async () => {
      const { room, name, ann, everyone } = await cast();
      await ann.ask(room, "all", { n: 1 });
      await ann.ask(room, "others", 2);
      await ann.ask(room, "exceptName", name("bob"));
      await ann.ask(room, "exceptSome", [name("bob"), name("cat")]);
      expect(await got("all", everyone)).toEqual([[{ n: 1 }], [{ n: 1 }], [{ n: 1 }], []]);
      expect(await got("others", everyone)).toEqual([[], [2], [2], []]);
      expect(await got("exceptName", everyone)).toEqual([[1], [], [1], []]);
      expect(await got("exceptSome", everyone)).toEqual([[1], [], [], []]);
    });

    test("to one as user, id or name, and to some; never to who is not in the room", async () => {
      const { room, name, ann, everyone } = await cast();
      await ann.ask(room, "byUser", 1);
      await ann.ask(room, "byId", 2);
      await ann.ask(room, "byName", { to: name("bob"), data: 3 });
      await ann.ask(room, "byName", { to: name("dan"), data: "not in the room" });
      await ann.ask(room, "some", { to: [name("bob"), name("cat"), name("cat"), "nobody"], data: 4 });
      expect(await got("byUser", everyone)).toEqual([[1], [], [], []]);
      expect(await got("byId", everyone)).toEqual([[2], [], [], []]);
      expect(await got("byName", everyone)).toEqual([[], [3], [], []]);
      expect(await got("some", everyone)).toEqual([[], [4], [4], []]);
    });

    test("[P71] to everyone in the application, from a room and from the application", async () => {
      const { room, name, ann, everyone } = await cast();
      await ann.ask(room, "wide", 1);
      await ann.ask(room, "away", { to: name("dan"), data: 2 });
      await ann.ask(undefined, "all", 3);
      await ann.ask(undefined, "one", { to: name("cat"), data: 5 });
      await ann.ask(undefined, "room", { name: `${room} b`, data: 6 });
      expect(await got("wide", everyone)).toEqual([[1], [1], [1], [1]]);
      expect(await got("away", everyone)).toEqual([[], [], [], [2]]);
      expect(await got("all", everyone)).toEqual([[3], [3], [3], [3]]);
      expect(await got("one", everyone)).toEqual([[], [], [5], []]);
      expect(await got("room", everyone)).toEqual([[], [], [], [6]]);
      const [frame] = ann.frames((frame) => frame.type === "wide");
      expect(frame).toEqual({ event: "message", type: "wide", data: 1 });
    });

    test("[P63, P85] what one event sends arrives in the order in which it was sent, before the reply", async () => {
      const { room, ann, bob } = await cast();
      await ann.ask(room, "order");
      const both = Array.from({ length: 20 }, (_, index) => [index, index + 0.5]).flat();
      expect(ann.messages("order")).toEqual(both);
      expect(await got("order", [bob])).toEqual([both.filter(Number.isInteger)]);
    });
  });

  describe("people and rooms", () => {
    test("[P73, P74] a room's kick takes the user out of the room, with the reason, and the connection stays", async () => {
      const { room, name, ann, bob, cat } = await cast();
      await ann.ask(room, "kick", { who: name("bob"), reason: "enough" });
      for (const client of [bob, cat]) {
        const left = await client.next((frame) => frame.event === "leave");
        expect(left).toMatchObject({ room, user: { name: name("bob") }, reason: "enough" });
      }
      expect((await bob.fails({ event: "message", room, type: "count" })).code).toBe("not_in_room");
      await bob.ok({ event: "join", room });
    });

    test("[P42] an application's kick closes the connection with 4501 and the reason", async () => {
      const { room, name, ann, bob } = await cast();
      await ann.ask(undefined, "kick", { who: name("bob"), reason: "out of here" });
      expect(await bob.closed).toEqual({ code: 4501, reason: "out of here" });
      await ann.next(
        (frame) => frame.event === "leave" && frame.room === room && frame.user.name === name("bob"),
      );
      await until(
        "bob to be logged out",
        async () => !(await ann.ask(undefined, "users")).includes(name("bob")),
      );
      expect(await ann.ask(undefined, "heard")).toContainEqual(["disconnect", name("bob")]);
    });

    test("a room can make another, with its limit", async () => {
      const { room, name, ann, bob } = await cast();
      const made = await ann.ask(room, "make", `${room} made`);
      await bob.next((frame) => frame.event === "room_add" && frame.room === made);
      await bob.ok({ event: "join", room: made });
      expect((await ann.fails({ event: "join", room: made })).code).toBe("room_full");
      expect(await ann.ask(undefined, "rooms")).toContainEqual([made, 1]);
      expect(await ann.ask(undefined, "users")).toContain(name("dan"));
    });

    test("[P54, P75] a room closes itself, the application closes another; members are told why", async () => {
      const { room, ann, dan } = await cast();
      await ann.ask(undefined, "close", { name: `${room} b`, reason: "by the application" });
      const removed = await dan.next((frame) => frame.event === "room_remove" && frame.room === `${room} b`);
      expect(removed.reason).toBe("by the application");
      await ann.ask(room, "close", "by itself");
      const own = await ann.next((frame) => frame.event === "room_remove" && frame.room === room);
      expect(own.reason).toBe("by itself");
      // The name is free again.
      await dan.ok({ event: "join", room });
      expect(await dan.ask(room, "count")).toBe(1);
    });

    test("a room knows its name, type, version and users; a user can't be changed", async () => {
      const { room, name, ann } = await cast();
      const view = await ann.ask(room, "view");
      expect(view).toMatchObject({ name: room, type: "hall", maxUsers: null, application: "fx" });
      expect(view.version).toMatch(/^v1·[0-9a-f]{6}$/);
      expect(view.user.name).toBe(name("ann"));
      expect(view.users.map((user: { name: string }) => user.name)).toEqual(["ann", "bob", "cat"].map(name));
      expect((await ann.fails({ event: "message", room, type: "frozen" })).code).toBe("handler_failed");
      expect((await ann.ask(room, "view")).user.name).toBe(name("ann"));
    });
  });

  describe("time and events", () => {
    test("state lasts from one event to the next, each room its own", async () => {
      const { room, ann, dan } = await cast();
      for (const n of [1, 2, 3]) expect(await ann.ask(room, "count")).toBe(n);
      expect(await dan.ask(`${room} b`, "count")).toBe(1);
    });

    test("schedule runs the named timer once with its data; again under the same name replaces it", async () => {
      const { room, ann } = await cast();
      await ann.ask(room, "schedule", { name: "round", ms: 3_600_000, data: "never" });
      await ann.ask(room, "schedule", { name: "round", ms: 1, data: { n: 1 } });
      expect((await ann.message("round")).data).toEqual({ n: 1 });
      await ann.ask(undefined, "later", "from the application");
      expect((await ann.message("appLater")).data).toBe("from the application");
      await ann.settle();
      expect(ann.messages("round")).toHaveLength(1);
    });

    test("cancel stops a timer", async () => {
      const { room, ann } = await cast();
      await ann.ask(room, "schedule", { name: "round", ms: 50, data: "cancelled" });
      await ann.ask(room, "cancel", "round");
      await ann.ask(room, "schedule", { name: "round", ms: 100, data: "the only one" });
      await ann.message("round");
      expect(ann.messages("round")).toEqual(["the only one"]);
    });

    test("tick runs again and again with the time since the last", async () => {
      const { room, ann } = await cast();
      await ann.ask(room, "ticks", true);
      for (let n = 0; n < 5; n++) {
        const { data } = await ann.message("tick");
        expect(data).toBeGreaterThan(0);
      }
      await ann.ask(room, "ticks", false);
    });

    test("emits reach the room itself, another room and the application, after the event that made them", async () => {
      const { room, ann, dan } = await cast();
      await ann.ask(room, "emit", 1);
      expect(await until("the emit", async () => (await ann.ask(room, "heard"))[1])).toEqual(["own", 1]);
      expect(await ann.ask(room, "heard")).toEqual([
        ["after emit", 1],
        ["own", 1],
      ]);
      await ann.ask(room, "elsewhere", { name: `${room} b`, data: 2 });
      expect((await dan.message("emitted")).data).toEqual({ type: "external", data: 2 });
      await ann.ask(undefined, "emit", { name: `${room} b`, data: 3 });
      expect((await dan.message("emitted")).data).toEqual({ type: "external", data: 3 });
      await ann.ask(room, "appEmit", `from ${room}`);
      await until("the application to hear it", async () =>
        JSON.stringify(await ann.ask(undefined, "heard")).includes(`["fromRoom","from ${room}"]`),
      );
    });
  });

  test("console output is in the server's log with application, room, version and level", async () => {
    const { room, ann } = await cast();
    await ann.ask(room, "log", "x\u001b[31mred\nline");
    await server.logged(/bad/);
    const lines = await until("the log lines", () => {
      const found = server.lines(`fx/${room}`);
      return found.length >= 4 ? found : undefined;
    });
    expect(lines[0]).toMatch(/^INFO a 1 .*b.*true/);
    expect(lines).toContain("INFO info");
    expect(lines).toContain("WARN careful");
    expect(lines).toContain("ERROR bad");
    // No client can forge a line or colour the operator's terminal.
    expect(server.output()).not.toContain("\u001b[31m");
    expect(server.output()).not.toMatch(/^line/m);
  });

  test("[P62] of an event that fails or refuses nothing is sent, but what it logged; what one that fails has changed is undone", async () => {
    const { room, ann, everyone } = await cast();
    expect(await ann.fails({ event: "message", room, type: "failAfter" })).toEqual({
      code: "handler_failed",
      message: 'Cannot handle "failAfter": its handler failed.',
    });
    expect(await ann.fails({ event: "message", room, type: "refuseAfter" })).toMatchObject({
      code: "refused",
      message: expect.stringContaining("No, thanks."),
    });
    expect((await got("never", everyone)).flat()).toEqual([]);
    expect(await ann.ask(room, "count")).toBe(1);
    await server.logged(/logged before it failed/);
    await server.logged(/too late/);
  });
});
