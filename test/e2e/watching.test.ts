/** Who may follow a room without being in it, what they are told, and what its script knows of them. */
import { beforeAll, expect, test } from "bun:test";
import type { Frame, TestClient } from "./client.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const room = (body: string) => `
  import { defineRoom, refuse } from "hotroom";
  export default defineRoom({ ${body} });`;

/** A room that says who may watch, notes who did, and says how many do. */
const stand = (more = "") =>
  room(`
    maxWatchers: 3,
    state: () => ({ heard: [] as string[] }),
    events: {
      join(room, user, data) { if (data?.no) refuse("No."); },
      watch(room, user, data) {
        if (data?.no) refuse("Not you.", { why: data.no });
        room.broadcast("fan", user.name);
        room.emit("noted", user.name);
        room.state.heard.push("+" + user.name);
        if (data?.fail) throw new Error("broken");
        if (data?.large) return "x".repeat(1_100_000);
        return { users: room.users.length, watchers: room.watchers, most: room.maxWatchers, data };
      },
      unwatch(room, user) { room.state.heard.push("-" + user.name); room.broadcast("no fan", user.name); },
      ${more}
    },
    emits: { noted(room, name) { room.broadcast("noted", name); } },
    messages: {
      watchers: (room) => room.watchers,
      heard: (room) => room.state.heard,
      say(room, user, data) { room.broadcast("said", data); },
      move(room, user, [who, to]) { room.application.createRoom(to, { type: "stand" }); room.move(who, to); },
      kick(room, user, name) { room.kick(name); },
      close(room) { room.close("Over."); },
      version: (room) => room.version,
    }`);

const files = {
  "club.ts": room(`
    events: { join(room, user, data) { if (data?.word !== "swordfish") refuse("Not without the word."); } },
    messages: { say(room, user, data) { room.broadcast("said", data); } }`),
  "open/hotroom.json": `{ "rooms": "join", "subscribe": true }`,
  "open/rooms/club.ts": room(`events: { join(room, user, data) { if (data?.no) refuse("No."); } }`),
  "stand.ts": stand(),
  "edited.ts": stand(),
  "killed.ts": stand(),
  "undone.ts": stand(),
  "shut/hotroom.json": `{ "rooms": "join", "subscribe": false }`,
  "shut/rooms/hall.ts": room(`events: { watch() {} }`),
};

onEachRuntime("watching", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files, args: ["--inbound-rate", "0", "--hosts", "1"] });
  });

  const subscribe = (client: TestClient, room: string, data?: object) =>
    client.ok({ event: "subscribe", room, data });
  const refused = (client: TestClient, room: string, data?: object) =>
    client.fails({ event: "subscribe", room, data });
  const names =
    (...all: string[]) =>
    (message: unknown[]) =>
      message.join() === all.join();

  test("[P57] who could not join a room can't watch it: its type says who may join, and not who may watch", async () => {
    const ann = await server.connect("club");
    await ann.ok({ event: "login", data: { name: "ann" } });
    await ann.ok({ event: "join", room: "cellar", data: { word: "swordfish" } });
    const spy = await server.user("club", "spy");
    expect((await spy.fails({ event: "join", room: "cellar" })).code).toBe("join_refused");
    expect(await refused(spy, "cellar")).toEqual({
      code: "not_allowed",
      message: 'Cannot watch room "cellar": the type "club" says who may join, and not who may watch.',
    });
    expect((await ann.fails({ event: "subscribe", room: "cellar" })).code).toBe("not_allowed");
    await ann.ask("cellar", "say", "secret");
    await spy.settle();
    expect(spy.messages("said")).toEqual([]);
    for (const client of [ann, spy]) client.close();
  });

  test("[P57] the setting lets all be watched, or none", async () => {
    const ann = await server.user("open", "ann", "hall");
    const bob = await server.user("open", "bob");
    expect(await subscribe(bob, "hall")).toMatchObject({ room: "hall", users: [{ name: "ann" }] });
    const cat = await server.user("shut", "cat", "hall");
    expect((await refused(cat, "hall")).code).toBe("not_allowed");
    for (const client of [ann, bob, cat]) client.close();
  });

  test("[P57] a watch handler says who may watch and what they are told, and the reply comes before what it sent", async () => {
    const ann = await server.user("stand", "ann", "court");
    const bob = await server.user("stand", "bob");
    const reply = await subscribe(bob, "court", { seat: 7 });
    expect(reply).toEqual({
      room: "court",
      type: "stand",
      users: [{ id: expect.any(String), name: "ann" }],
      data: { users: 1, watchers: 1, most: 3, data: { seat: 7 } },
    });
    await bob.message("noted");
    const [first, ...more] = bob.frames(({ id, type }) => id === "t2" || type !== undefined);
    expect([first?.id, ...more.map(({ type }) => type)]).toEqual(["t2", "fan", "noted"]);
    for (const client of [ann, bob]) client.close();
  });

  test("[P57] a refused or failed request to watch leaves nothing behind", async () => {
    const ann = await server.user("stand", "ann r", "quiet");
    const bob = await server.user("stand", "bob r");
    expect(await refused(bob, "quiet", { no: "full moon" })).toEqual({
      code: "watch_refused",
      message: "Not you.",
      data: { why: "full moon" },
    });
    expect((await refused(bob, "quiet", { fail: true })).code).toBe("handler_failed");
    expect((await refused(bob, "quiet", { large: true })).code).toBe("handler_failed");
    expect((await bob.fails({ event: "unsubscribe", room: "quiet" })).code).toBe("not_subscribed");
    await ann.ask("quiet", "say", 1);
    for (const client of [ann, bob]) await client.settle();
    expect(await ann.ask("quiet", "watchers")).toBe(0);
    expect(await ann.ask("quiet", "heard")).toEqual([]);
    expect([ann.messages("fan"), ann.messages("noted"), bob.messages("said")]).toEqual([[], [], []]);
    for (const client of [ann, bob]) client.close();
  });

  test("[P58] a script knows how many watch, however they go, and hears each who goes once", async () => {
    const ann = await server.user("stand", "ann n", "gone");
    const fans = await Promise.all(["bob n", "cat n", "dan n"].map((name) => server.user("stand", name)));
    const [bob, cat, dan] = fans as [TestClient, TestClient, TestClient];
    for (const fan of fans) await subscribe(fan, "gone");
    expect(await ann.ask("gone", "watchers")).toBe(3);
    await bob.ok({ event: "unsubscribe", room: "gone" });
    expect(bob.messages("no fan")).toEqual([]);
    await cat.ok({ event: "logout" });
    dan.close();
    const heard = ["+bob n", "+cat n", "+dan n", "-bob n", "-cat n", "-dan n"];
    await until("all to be gone", async () => names(...heard)(await ann.ask("gone", "heard")));
    expect(await ann.ask("gone", "watchers")).toBe(0);
    for (const client of [ann, bob, cat]) client.close();
  });

  test("[P58] of many who ask at once exactly as many watch as may", async () => {
    const ann = await server.user("stand", "ann m", "most");
    const fans = await Promise.all(Array.from({ length: 12 }, (_, n) => server.user("stand", `fan ${n}`)));
    const replies = await Promise.all(fans.map((fan) => fan.request({ event: "subscribe", room: "most" })));
    const errors = replies.flatMap(({ ok, error }) => (ok ? [] : [error]));
    expect(errors).toHaveLength(9);
    const message = 'Cannot watch room "most": it has all the watchers that it may have (3 of 3).';
    for (const error of errors) expect(error).toEqual({ code: "room_full", message });
    expect(await ann.ask("most", "watchers")).toBe(3);
    for (const client of [ann, ...fans]) client.close();
  });

  test("[P53, P58] who watches and is in the room counts as both, and is one without the other", async () => {
    const ann = await server.user("stand", "ann b", "both");
    const bob = await server.user("stand", "bob b");
    await subscribe(bob, "both");
    await bob.ok({ event: "join", room: "both" });
    await ann.ask("both", "say", 1);
    await bob.ok({ event: "leave", room: "both" });
    await ann.ask("both", "say", 2);
    expect(await ann.ask("both", "watchers")).toBe(1);
    await bob.ok({ event: "join", room: "both" });
    await bob.ok({ event: "unsubscribe", room: "both" });
    await ann.ask("both", "say", 3);
    await bob.settle();
    expect(bob.messages("said")).toEqual([1, 2, 3]);
    expect(await ann.ask("both", "heard")).toEqual(["+bob b", "-bob b"]);
    for (const client of [ann, bob]) client.close();
  });

  test("[P72, P73] who watches is told of its own join and leave no more than members are, but of a move", async () => {
    const [ann, bob] = [await server.user("stand", "ann o", "own"), await server.user("stand", "bob o")];
    await subscribe(bob, "own");
    await bob.ok({ event: "join", room: "own" });
    await bob.ok({ event: "leave", room: "own" });
    await bob.ok({ event: "join", room: "own" });
    await ann.ask("own", "move", ["bob o", "goal"]);
    await bob.next(({ event }) => event === "joined");
    await ann.settle();
    const told = ({ event, room }: Frame) => room === "own" && (event === "join" || event === "leave");
    expect(bob.frames(told)).toMatchObject([{ event: "leave", user: { name: "bob o" }, to: "goal" }]);
    expect(ann.frames(told).map(({ event }) => event)).toEqual(["join", "leave", "join", "leave"]);
    expect(await ann.ask("own", "watchers")).toBe(1);
    for (const client of [ann, bob]) client.close();
  });

  test("[P74] who is kicked watches no more, and does again where the watch handler lets it", async () => {
    const ann = await server.user("stand", "ann k", "loud");
    const bob = await server.user("stand", "bob k");
    await subscribe(bob, "loud");
    await ann.ask("loud", "kick", "bob k");
    expect(await bob.next(({ event }) => event === "unsubscribed")).toMatchObject({ room: "loud" });
    expect((await bob.fails({ event: "unsubscribe", room: "loud" })).code).toBe("not_subscribed");
    await ann.ask("loud", "say", 1);
    await bob.settle();
    expect(bob.messages("said")).toEqual([]);
    await subscribe(bob, "loud");
    await bob.ok({ event: "join", room: "loud" });
    await ann.ask("loud", "kick", "bob k");
    await bob.next(({ event }) => event === "unsubscribed");
    await ann.ask("loud", "say", 2);
    await bob.settle();
    expect(bob.messages("said")).toEqual([]);
    expect(bob.frames(({ event, user }) => event === "leave" && user.name === "bob k")).toHaveLength(1);
    expect(await ann.ask("loud", "heard")).toEqual(["+bob k", "-bob k", "+bob k", "-bob k"]);
    expect(await ann.ask("loud", "watchers")).toBe(0);
    for (const client of [ann, bob]) client.close();
  });

  test("[P58] a room that closes takes its watchers with it, who may watch the next one of that name", async () => {
    const ann = await server.user("stand", "ann c", "last");
    const bob = await server.user("stand", "bob c");
    await subscribe(bob, "last");
    ann.send({ event: "message", room: "last", type: "close" });
    await bob.next((frame) => frame.event === "room_remove" && frame.room === "last");
    expect((await bob.fails({ event: "unsubscribe", room: "last" })).code).toBe("room_not_found");
    await ann.ok({ event: "join", room: "last" });
    expect((await subscribe(bob, "last")).data.watchers).toBe(1);
    for (const client of [ann, bob]) client.close();
  });

  test("[P58] an edit and an edit that is taken back know who watches, and who goes later", async () => {
    const ann = await server.user("edited", "ann", "hall");
    const [bob, cat] = [await server.user("edited", "bob"), await server.user("edited", "cat")];
    for (const fan of [bob, cat]) await subscribe(fan, "hall");
    const edit = async (source: string, version: RegExp) => {
      server.write("edited.ts", source);
      await until("the edit", async () => version.test(await ann.ask("hall", "version")));
    };
    await edit(`${stand()} // Edited.`, /^v2/);
    expect(await ann.ask("hall", "watchers")).toBe(2);
    await bob.ok({ event: "unsubscribe", room: "hall" });
    expect(await ann.ask("hall", "watchers")).toBe(1);
    const start = server.output().length;
    server.write(
      "edited.ts",
      stand().replace(/watchers: \(room\) => [^,]*/, 'watchers() { throw new Error("broken"); }'),
    );
    await server.logged(/edited.* v3·.*live/, start);
    // Its first event fails, so the version before handles it.
    expect(await ann.ask("hall", "watchers")).toBe(1);
    await cat.ok({ event: "unsubscribe", room: "hall" });
    expect(await ann.ask("hall", "watchers")).toBe(0);
    expect(await ann.ask("hall", "heard")).toEqual(["+bob", "+cat", "-bob", "-cat"]);
    for (const client of [ann, bob, cat]) client.close();
  });

  test("[P58] a version that failed after somebody came or went leaves the right number to the one before", async () => {
    const ann = await server.user("undone", "ann", "hall");
    const [bob, cat] = [await server.user("undone", "bob"), await server.user("undone", "cat")];
    await subscribe(bob, "hall");
    const start = server.output().length;
    server.write("undone.ts", stand("leave() { throw new Error('broken'); },"));
    await server.logged(/undone.* v2·.*live/, start);
    await subscribe(cat, "hall");
    await bob.ok({ event: "unsubscribe", room: "hall" });
    const dan = await server.user("undone", "dan", "hall");
    await dan.ok({ event: "leave", room: "hall" });
    expect(await ann.ask("hall", "version")).toMatch(/^v1/);
    expect(await ann.ask("hall", "watchers")).toBe(1);
    expect(await ann.ask("hall", "heard")).toEqual(["+bob", "+cat", "-bob"]);
    for (const client of [ann, bob, cat, dan]) client.close();
  });

  test("[P58] a killed script host loses no watcher, nor one that goes or comes meanwhile", async () => {
    const ann = await server.user("killed", "ann", "hall");
    const [bob, cat] = [await server.user("killed", "bob"), await server.user("killed", "cat")];
    await subscribe(bob, "hall");
    await ann.ask("hall", "say", 1);
    for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
    await Promise.all([subscribe(cat, "hall"), bob.ok({ event: "unsubscribe", room: "hall" })]);
    expect(await ann.ask("hall", "watchers")).toBe(1);
    expect((await ann.ask("hall", "heard")).toSorted()).toEqual(["+bob", "+cat", "-bob"]);
    await ann.ask("hall", "say", 2);
    expect((await cat.message("said")).data).toBe(2);
    for (const client of [ann, bob, cat]) client.close();
  });
});
