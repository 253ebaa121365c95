/** What becomes of a session whose connection was lost, as a page sees it. */
import { describe, expect, test } from "bun:test";
import { connect, type Member, type RoomEnd } from "../../../src/client/client.ts";
import { until } from "../../e2e/harness.ts";
import { SessionServer } from "../session_server.ts";
import { failure, inLobby, next, quick } from "../stage.ts";

const bob = { id: "b", name: "bob" };
const cid = { id: "c", name: "cid" };
const event = (name: string, user: object, more: object = {}) => ({
  event: name,
  room: "lobby",
  user,
  ...more,
});

describe("resumed", () => {
  test("members' comings and goings while the client was away are told, and each stays the same object", async () => {
    await using stage = await inLobby();
    const { server, client, room } = stage;
    server.say(event("join", bob));
    await until("bob", () => room.users.length === 2);
    const told: unknown[] = [];
    const tell = (name: string) => (user: Member) => {
      told.push([name, user.name, user.connected]);
    };
    room.on("join", tell("join"));
    room.on("leave", tell("leave"));
    room.on("disconnect", tell("disconnect"));
    room.on("reconnect", tell("reconnect"));
    const [, known] = room.users;
    const back = next(client, "back");
    client.simulate.drop();
    server.say(event("disconnect", bob));
    server.say(event("join", cid));
    await back;
    await until("cid", () => room.users.length === 3);
    expect(room.users.map(({ connected }) => connected)).toEqual([true, false, true]);
    expect(room.users[1]).toBe(known as never);
    server.say(event("reconnect", bob));
    server.say(event("leave", cid, { reason: "Bored." }));
    await until("cid to be gone", () => room.users.length === 2);
    expect(known?.connected).toBe(true);
    expect(told).toEqual([
      ["disconnect", "bob", false],
      ["join", "cid", true],
      ["reconnect", "bob", true],
      ["leave", "cid", true],
    ]);
  });

  test("goes on with the old secret where the reply with the new one was lost", async () => {
    await using stage = await inLobby();
    const { server, proxy, client, room } = stage;
    const opened = proxy.opened;
    let replies = 0;
    server.intercept = (frame) => {
      // The server has given a new secret; its reply does not arrive.
      if (frame.event === "reconnect" && replies++ === 0) queueMicrotask(() => proxy.cut("rst"));
      return false;
    };
    const back = next(client, "back");
    client.simulate.drop();
    await back;
    expect(proxy.opened - opened).toBe(2);
    expect(await room.request("ask", 1)).toBe(1);
  });

  test("nothing is said behind a `reconnect` before its reply, which would say that the new secret has come", async () => {
    await using stage = await inLobby();
    const { server, client, room } = stage;
    let asked = 0;
    server.intercept = (frame) => frame.event === "reconnect" && asked++ === 0;
    const back = next(client, "back");
    client.simulate.drop();
    await back;
    const events = server.frames.map(({ event }) => event);
    const first = events.indexOf("reconnect");
    expect(events.slice(first, first + 2)).toEqual(["reconnect", "reconnect"]);
    expect(await room.request("ask", 1)).toBe(1);
  });

  test("a server that can't say yes or no now is asked again, and nothing is given up", async () => {
    await using stage = await inLobby();
    const { server, client, room, events } = stage;
    let asked = 0;
    server.intercept = (frame, socket) => {
      if (frame.event !== "reconnect" || asked++ > 1) return false;
      const error = { code: asked === 1 ? "rate_limited" : "busy", message: "Cannot now." };
      socket.send(JSON.stringify({ id: frame.id, ok: false, error }));
      return true;
    };
    client.simulate.drop();
    expect(await room.request("ask", 1)).toBe(1);
    expect(asked).toBe(3);
    expect(events).toEqual(["away", ["back", "resumed", 0]]);
  });

  test("what was seen is told with what is sent, and now and then by a ping", async () => {
    await using stage = await inLobby();
    const { server, room, heard } = stage;
    for (let n = 0; n < 60; n++) server.said(n);
    await until("all", () => heard.length === 60);
    await until("a ping that tells", () =>
      server.frames.some((frame) => frame.event === "ping" && frame.seen),
    );
    await room.request("ask", 1);
    // By the request, where no ping has done so just before.
    expect(Math.max(...server.frames.map(({ seen = 0 }) => seen))).toBeGreaterThanOrEqual(60);
    server.said("one more");
    await until("that", () => heard.length === 61);
    await room.request("ask", 2);
    const [last] = server.frames.filter(({ seen }) => seen !== undefined).slice(-1);
    expect(["ask", undefined]).toContain(last.type);
    expect(last.seen).toBeGreaterThan(61);
  });
});

describe("reset", () => {
  test("the rooms with a gap are told, their members are right again, and what is kept follows", async () => {
    await using stage = await inLobby();
    const { server, client, room, heard, events } = stage;
    const other = await client.join("attic");
    const said: unknown[] = [];
    other.messages.on("said", (data) => said.push(data));
    const told: unknown[] = [];
    room.on("join", ({ name }) => told.push(`+${name}`));
    room.on("reset", () => told.push("reset"));
    other.on("reset", () => told.push("never"));
    const back = next(client, "back");
    client.simulate.drop();
    server.said("lost");
    server.members.set("lobby", [{ ...bob, connected: false }]);
    server.overflow("lobby");
    server.said("kept");
    server.said("of the attic", "attic");
    await back;
    await until("what is kept", () => heard.length === 1 && said.length === 1);
    expect(heard).toEqual(["kept"]);
    expect(told).toEqual(["+bob", "reset"]);
    expect(room.users).toMatchObject([{ name: "ann" }, { name: "bob", connected: false }]);
    expect(events).toEqual(["away", ["reset", ["lobby"]], ["back", "reset", 2]]);
  });

  test("a request whose answer is lost fails, and the next is answered", async () => {
    await using stage = await inLobby();
    const { server, client, room } = stage;
    server.intercept = (frame, socket) => {
      if (frame.type !== "ask") return false;
      // It is handled; the answer is dropped with too much else.
      server.isMute = true;
      queueMicrotask(() => {
        socket.terminate();
        server.overflow(null);
        server.isMute = false;
      });
      return false;
    };
    const lost = await failure(room.request("ask", 1, { timeout: 0 }));
    expect(lost).toMatchObject({ code: "reset" });
    expect(lost.message).toBe(
      'Cannot send "ask" to room "lobby": its answer was lost while the client was away.',
    );
    server.intercept = () => false;
    expect(await room.request("ask", 2)).toBe(2);
    expect(client.state).toBe("online");
  });

  test("a room that a script has put the user into meanwhile is among its rooms", async () => {
    await using stage = await inLobby();
    const { server, client } = stage;
    const back = next(client, "back");
    client.simulate.drop();
    server.admit("attic");
    await back;
    const attic = await client.join("attic");
    expect([attic, attic.users.map(({ name }) => name)]).toEqual([
      client.rooms.get("attic") as never,
      ["ann"],
    ]);
    expect(server.frames.filter(({ event, room }) => event === "join" && room === "attic")).toEqual([]);
    expect(await attic.request("ask", 1)).toBe(1);
  });

  test("a room that the user is not in any more has ended, though nothing says why", async () => {
    await using stage = await inLobby();
    const { server, client, room } = stage;
    const ended = new Promise<RoomEnd>((resolve) => room.on("end", resolve));
    client.simulate.drop();
    server.expel("lobby");
    expect(await ended).toEqual({ cause: "lost" });
    expect(client.rooms.size).toBe(0);
  });
});

describe("without a session", () => {
  test("a login that was on its way is sent again", async () => {
    await using server = new SessionServer();
    let taken = 0;
    server.intercept = (frame, socket) => {
      if (frame.event !== "login" || taken++ > 0) return false;
      socket.terminate();
      return true;
    };
    await using client = await connect(server.url, quick);
    expect((await client.login({ name: "ann" })).user.name).toBe("ann");
    expect(server.opened).toBe(2);
  });

  test("the client comes back when it is asked for something, and not before", async () => {
    await using server = new SessionServer();
    await using client = await connect(server.url, quick);
    const away = next(client, "away");
    client.simulate.drop();
    await away;
    expect([client.state, server.opened]).toEqual(["away", 1]);
    expect(await client.ping()).toBeGreaterThanOrEqual(0);
    expect([client.state, server.opened]).toEqual(["online", 2]);
  });
});

test("[P100] after 4503 the client does not come back, and neither after 4501", async () => {
  for (const code of [4503, 4501]) {
    await using stage = await inLobby();
    const { server, client, room } = stage;
    server.sockets[0]?.close(code, "no more");
    expect(await client.closed).toEqual({ code, reason: "no more" });
    expect(client.state).toBe("closed");
    await until("the room's end", () => room.ended?.cause === "closed");
    expect(() => room.send("say")).toThrow("the connection is closed");
  }
});

test("a login that takes the user over from another client brings its rooms, and what is said in them", async () => {
  await using server = new SessionServer();
  server.intercept = (frame, socket) => {
    if (frame.event !== "login") return false;
    const user = { id: "u1", name: "ann" };
    const rooms = [{ room: "lobby", type: "chat", users: [user, { ...bob, connected: false }] }];
    const data = {
      user,
      session: "s",
      grace: 30_000,
      outcome: "reset",
      received: 0,
      missed: 1,
      rooms,
      lost: [],
    };
    socket.cork(() => {
      socket.send(JSON.stringify({ id: frame.id, ok: true, data }));
      socket.send('{"event":"message","room":"lobby","type":"said","data":"kept","seq":9}');
    });
    return true;
  };
  await using client = await connect(server.url, quick);
  expect(await client.login({ name: "ann" })).toMatchObject({ outcome: "reset" });
  const room = await client.join("lobby");
  const kept = room.messages.next("said");
  expect(room.users).toMatchObject([{ name: "ann" }, { name: "bob", connected: false }]);
  expect(client.rooms.get("lobby")).toBe(room);
  expect(await kept).toBe("kept");
  expect(server.frames.some(({ event }) => event === "join")).toBe(false);
});
