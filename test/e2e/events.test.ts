/** Which handler hears what, in which order, with which arguments. */
import { beforeAll, expect, test } from "bun:test";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

/** Says on the log what each handler was called with. */
const files = {
  "probe/hotroom.json": `{ "rooms": "join", "emptyGrace": 0, "limits": { "message": 65536 } }`,
  "probe/app.ts": `
    import { defineApplication, refuse } from "hotroom";
    const say = (event: string, ...args: unknown[]) => console.log("heard", event, JSON.stringify(args));
    export default defineApplication({
      events: {
        init(app) { say("init", app.name); },
        connect(app, connection) { say("connect"); },
        disconnect(app, connection, user) { say("disconnect", user?.name); },
        login(app, { data }) {
          say("login", data);
          if (data.name === "eve") refuse("Not you, eve.", { why: "eve" });
          if (data.name === "trap") throw new Error("secret of the login handler");
          if (data.name === "alias") return { name: "renamed", data: { level: 3 } };
        },
        logout(app, user) { say("logout", user.name, user.data); },
        create(app, request, user) {
          say("create", request, user.name);
          if (request.name === "forbidden") refuse("No such rooms here.", { allowed: ["hall"] });
        },
        message(app, user, { type, data }) { say("message", user.name, type, data); return "caught"; },
        emit(app, { type, data }) { say("emit", type, data); },
      },
      messages: { hello(app, user, data) { say("messages.hello", user.name, data); return { hi: user.name }; } },
      emits: { known(app, data) { say("emits.known", data); } },
      timers: { later(app, data) { say("timers.later", data); } },
    });`,
  "probe/rooms/hall.ts": `
    import { defineRoom, refuse } from "hotroom";
    const say = (event: string, ...args: unknown[]) => console.log("heard", event, JSON.stringify(args));
    export default defineRoom({
      events: {
        init(room) { say("init", room.name, room.type, room.users.length); },
        join(room, user, data) {
          say("join", user.name, data, room.users.map((user) => user.name));
          if (data?.refuse) refuse("Not today, " + user.name + ".", data.with);
          if (data?.fail) throw new Error("secret of the join handler");
        },
        leave(room, user, reason) { say("leave", user.name, reason, room.users.map((user) => user.name)); },
        disconnect(room, user) { say("disconnect", user.name); },
        message(room, user, { type, data }) { say("message", user.name, type, data); return "caught"; },
        emit(room, { type, data }) { say("emit", type, data); },
        close(room, reason) { say("close", reason); },
      },
      messages: {
        hello(room, user, data) { say("messages.hello", user.name, data); return { hi: user.name }; },
        schedule(room, user, data) { room.schedule("later", 1, data); },
        emit(room, user, { type, data }) { room.emit(type, data); room.application.emit(type, data); },
        close(room, user) { room.close("done"); },
        start(room, user, data) {
          room.broadcast("started");
          if (data === "circle") { const circle: Record<string, unknown> = {}; circle.self = circle; data = circle; }
          if (data === "long") data = "x".repeat(70_000);
          refuse("Too early.", data);
        },
      },
      emits: { known(room, data) { say("emits.known", data); } },
      timers: { later(room, data) { say("timers.later", data); } },
    });`,
  // No catch-all and no login handler.
  "plain.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({
      messages: {
        fail() { throw new Error("secret of the handler"); },
        no(room, user) { throw undefined; },
        pending: () => new Promise(() => {}),
        later: async () => { await null; return "after an await"; },
      },
    });`,
};

onEachRuntime("events", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files });
  });

  /** What was said by a script since the call before, once `count` lines are there. */
  const heard = new Map<string, number>();
  async function hears(subject: string, ...expected: string[]) {
    const start = heard.get(subject) ?? 0;
    // The server has lines of its own about the application.
    const said = () => server.lines(subject).filter((line) => line.startsWith("INFO heard "));
    await until(`${expected.length} lines of ${subject} after ${start}`, () => {
      return said().length >= start + expected.length;
    }).catch(() => {});
    const lines = said().slice(start);
    heard.set(subject, start + lines.length);
    expect(lines).toEqual(expected.map((line) => `INFO heard ${line}`));
  }

  test("[P60, P61] each handler is called once, in order, with its arguments", async () => {
    await hears("probe", `init ["probe"]`);

    const ann = await server.connect("probe");
    await hears("probe", "connect []");
    const login = await ann.ok({ event: "login", data: { name: "ann", extra: [1] } });
    expect(login.user).toMatchObject({ name: "ann" });
    await hears("probe", `login [{"name":"ann","extra":[1]}]`);

    expect(await ann.ok({ event: "join", room: "hall", data: { seat: 1 } })).toMatchObject({
      room: "hall",
      type: "hall",
      users: [{ name: "ann" }],
    });
    await hears("probe/hall", `init ["hall","hall",0]`, `join ["ann",{"seat":1},["ann"]]`);

    expect(await ann.ask("hall", "hello", 1)).toEqual({ hi: "ann" });
    expect(await ann.ask("hall", "other", { a: 1 })).toBe("caught");
    expect(await ann.ask(undefined, "hello", 2)).toEqual({ hi: "ann" });
    expect(await ann.ask(undefined, "other", null)).toBe("caught");
    await hears("probe/hall", `messages.hello ["ann",1]`, `message ["ann","other",{"a":1}]`);
    await hears("probe", `messages.hello ["ann",2]`, `message ["ann","other",null]`);

    await ann.ask("hall", "emit", { type: "known", data: 1 });
    await ann.ask("hall", "emit", { type: "other", data: 2 });
    await hears("probe/hall", "emits.known [1]", `emit ["other",2]`);
    await hears("probe", "emits.known [1]", `emit ["other",2]`);

    await ann.ask("hall", "schedule", { round: 1 });
    await hears("probe/hall", `timers.later [{"round":1}]`);

    await ann.ok({ event: "leave", room: "hall" });
    await hears("probe/hall", `leave ["ann",null,[]]`, `close ["It was empty."]`);
    await ann.ok({ event: "logout" });
    await hears("probe", `logout ["ann",null]`);
    ann.close();
    await hears("probe", "disconnect [null]");
  });

  test("[P35, P36] a login handler may give another name and data, which leave with the user", async () => {
    const client = await server.connect("probe");
    await hears("probe", "connect []");
    expect((await client.ok({ event: "login", data: { name: "alias" } })).user.name).toBe("renamed");
    await client.ok({ event: "logout" });
    await hears("probe", `login [{"name":"alias"}]`, `logout ["renamed",{"level":3}]`);
    client.close();
    await hears("probe", "disconnect [null]");
  });

  test("[P37, P48] refusals of login and join reach the client with their reason; nothing has changed", async () => {
    const client = await server.connect("probe");
    expect(await client.fails({ event: "login", data: { name: "eve" } })).toMatchObject({
      code: "login_refused",
      message: expect.stringContaining("Not you, eve."),
    });
    expect((await client.fails({ event: "join", room: "closed door" })).code).toBe("not_logged_in");
    await client.ok({ event: "login", data: { name: "ann" } });

    const bob = await server.user("probe", "bob", "door");
    expect(await client.fails({ event: "join", room: "door", data: { refuse: true } })).toMatchObject({
      code: "join_refused",
      message: expect.stringContaining("Not today, ann."),
    });
    await bob.settle();
    expect(bob.frames((frame) => frame.event === "join" && frame.user.name === "ann")).toEqual([]);
    // Not even the leave handler hears of somebody who never came in.
    expect(server.lines("probe/door").join("\n")).not.toContain(`leave ["ann"`);
    expect((await client.ok({ event: "join", room: "door" })).users).toHaveLength(2);
    expect(await client.ask("door", "hello")).toEqual({ hi: "ann" });
    client.close();
    bob.close();
  });

  test("[P92] what a script adds to its refusal reaches the client, from each handler that may refuse", async () => {
    const client = await server.connect("probe");
    expect(await client.fails({ event: "login", data: { name: "eve" } })).toEqual({
      code: "login_refused",
      message: "Not you, eve.",
      data: { why: "eve" },
    });
    await client.ok({ event: "login", data: { name: "refused" } });
    const refuse = { refuse: true, with: [1, null] };
    expect(await client.fails({ event: "join", room: "added", data: refuse })).toEqual({
      code: "join_refused",
      message: "Not today, refused.",
      data: [1, null],
    });
    const create = { event: "create", room: "forbidden", data: { type: "hall" } };
    expect(await client.fails(create)).toEqual({
      code: "create_refused",
      message: "No such rooms here.",
      data: { allowed: ["hall"] },
    });

    await client.ok({ event: "join", room: "early" });
    const start = { event: "message", room: "early", type: "start" };
    expect(await client.request({ ...start, id: 7, data: { retryAfter: 5 } })).toEqual({
      id: 7,
      ok: false,
      error: { code: "refused", message: "Too early.", data: { retryAfter: 5 } },
    });
    expect(await client.fails(start)).toEqual({ code: "refused", message: "Too early." });
    // Nobody waits for a reply: an error event.
    client.send({ ...start, data: 0 });
    expect(await client.next((frame) => frame.event === "error")).toEqual({
      event: "error",
      room: "early",
      error: { code: "refused", message: "Too early.", data: 0 },
    });
    for (const data of ["circle", "long"]) {
      expect(await client.fails({ ...start, data })).toEqual({
        code: "handler_failed",
        message: 'Cannot handle "start": its handler failed.',
      });
    }
    await server.logged(/refuse: the data can't be written as JSON: circular reference/);
    await server.logged(/refuse: the message is larger than 65536 bytes/);
    expect(client.frames((frame) => frame.event === "message")).toEqual([]);
    client.close();
  });

  test("[P62, P76] a handler that throws fails its request, and the client sees nothing of the script's error", async () => {
    const client = await server.connect("probe");
    const login = await client.fails({ event: "login", data: { name: "trap" } });
    expect(login.code).toBe("handler_failed");
    await client.ok({ event: "login", data: { name: "ann2" } });
    const join = await client.fails({ event: "join", room: "traps", data: { fail: true } });
    expect(join.code).toBe("handler_failed");
    expect(JSON.stringify([login, join])).not.toContain("secret");
    await server.logged(/secret of the login handler/);
    await server.logged(/secret of the join handler/);
    client.close();

    const plain = await server.user("plain", "ann", "hall");
    const failed = await plain.fails({ event: "message", room: "hall", type: "fail" });
    expect(failed).toEqual({ code: "handler_failed", message: 'Cannot handle "fail": its handler failed.' });
    expect((await plain.fails({ event: "message", room: "hall", type: "no" })).code).toBe("handler_failed");
    // The log names the place in the author's source.
    await server.logged(/secret of the handler/);
    await server.logged(/plain\.ts:5:\d+/);
    // Without an id the same failure arrives as an error event.
    plain.send({ event: "message", room: "hall", type: "fail" });
    const event = await plain.next((frame) => frame.event === "error");
    expect(event.error.code).toBe("handler_failed");
  });

  test("an async handler's value is the reply; a promise that never settles fails the event", async () => {
    const client = await server.user("plain", "async", "hall");
    expect(await client.ask("hall", "later")).toBe("after an await");
    expect((await client.fails({ event: "message", room: "hall", type: "pending" })).code).toBe(
      "handler_failed",
    );
  });

  test("[P62] a message that no handler takes is answered with no_handler and relayed to nobody", async () => {
    const ann = await server.user("plain", "ann3", "quiet");
    const bob = await server.user("plain", "bob3", "quiet");
    expect((await ann.fails({ event: "message", room: "quiet", type: "say", data: 1 })).code).toBe(
      "no_handler",
    );
    expect((await ann.fails({ event: "message", type: "say", data: 1 })).code).toBe("no_handler");
    expect((await ann.fails({ event: "message", room: "quiet", type: "constructor" })).code).toBe(
      "no_handler",
    );
    expect((await ann.fails({ event: "message", room: "quiet", type: "toString" })).code).toBe("no_handler");
    await bob.settle();
    expect(bob.frames((frame) => frame.event === "message")).toEqual([]);
  });

  test("[P3, P35, P37] without a login handler data.name is the name, and a name is one user's", async () => {
    const ann = await server.connect("plain");
    expect((await ann.ok({ event: "login", data: { name: "solo" } })).user.name).toBe("solo");
    expect((await ann.fails({ event: "login", data: { name: "solo2" } })).code).toBe("already_logged_in");
    const other = await server.connect("plain");
    expect((await other.fails({ event: "login", data: { name: "solo" } })).code).toBe("name_taken");
    for (const data of [
      undefined,
      {},
      { name: "" },
      { name: "__proto__" },
      { name: "x".repeat(65) },
      "text",
    ]) {
      expect((await other.fails({ event: "login", data })).code).toBe("invalid_name");
    }
    await ann.ok({ event: "logout" });
    expect((await other.ok({ event: "login", data: { name: "solo" } })).user.name).toBe("solo");
  });

  test("[P40] a connection that ends is heard as disconnect, leaves its rooms, then logs out, each once", async () => {
    const ann = await server.user("probe", "gone", "first");
    await ann.ok({ event: "join", room: "second" });
    const watcher = await server.user("probe", "watcher", "first");
    const start = server.output().length;
    ann.close();
    await watcher.next((frame) => frame.event === "leave" && frame.user.name === "gone");
    await server.logged(/logout \["gone"/, start);
    await watcher.settle();
    const lines = server.output().slice(start).split("\n");
    const at = (text: string) => lines.flatMap((line, index) => (line.includes(text) ? [index] : []));
    const logout = at('logout ["gone"');
    const leaves = at('leave ["gone"');
    expect(at('disconnect ["gone"]')).toHaveLength(3);
    expect(leaves).toHaveLength(2);
    expect(logout).toHaveLength(1);
    expect(Math.max(...leaves)).toBeLessThan(logout[0] as number);
  });

  test("closing a room tells its script and its members", async () => {
    const ann = await server.user("probe", "closer", "doomed");
    const gone = ann.next((frame) => frame.event === "room_remove" && frame.room === "doomed");
    await ann.ask("doomed", "close");
    expect(await gone).toMatchObject({ reason: "done" });
    await server.logged(/probe\/doomed .*close \["done"\]/);
    expect((await ann.fails({ event: "message", room: "doomed", type: "hello" })).code).toMatch(
      /^(not_in_room|room_not_found)$/,
    );
  });
});
