import { describe, expect, test } from "bun:test";
import { connect, type Room } from "../../../src/client/client.ts";
import { ann, bob, standard, WrittenServer } from "../wire.ts";

const cid = { id: "u3", name: "cid" };
const here = (user: typeof ann) => ({ ...user, connected: true });
const message = (type: string, data?: unknown) => ({ event: "message", room: "lobby", type, data });

async function join(server: WrittenServer) {
  const client = await connect(server.url);
  await client.login({ name: "ann" });
  return { client, room: await client.join("lobby") };
}

describe("what a room sends at a join", () => {
  test("is heard by listeners attached after the await, in order, also what came before the reply", async () => {
    await using server = new WrittenServer((frame, server) => {
      if (frame.event !== "join") return standard(frame);
      const reply = { id: frame.id, ok: true, data: { room: "lobby", type: "chat", users: [ann] } };
      server.socket?.cork(() =>
        server.send(message("before", 1), reply, message("after", 2), {
          event: "join",
          room: "lobby",
          user: bob,
        }),
      );
    });
    const client = await connect(server.url);
    await client.login({ name: "ann" });
    // One more await on what is settled, as an async function around the join has.
    const room = await (async () => await client.join("lobby"))();
    const seen: unknown[] = [];
    room.messages.on("after", (data) => seen.push(["after", data]));
    room.messages.on("before", (data) => seen.push(["before", data]));
    room.on("join", (user) => seen.push(["join", user.name]));
    await client.ping();
    expect(seen).toEqual([
      ["before", 1],
      ["after", 2],
      ["join", "bob"],
    ]);
    await client.close();
  });

  test("goes to the next owner of the name, not to a join that fails", async () => {
    await using server = new WrittenServer((frame, server) => {
      if (frame.event !== "join" || server.frames.filter(({ event }) => event === "join").length > 1)
        return standard(frame);
      server.send(message("lost"), {
        id: frame.id,
        ok: false,
        error: { code: "join_refused", message: "No." },
      });
    });
    const client = await connect(server.url);
    await client.login({ name: "ann" });
    await expect(client.join("lobby")).rejects.toThrow("No.");
    const room = await client.join("lobby");
    const seen: unknown[] = [];
    room.messages.onAny((one) => seen.push(one.type));
    server.send(message("kept"));
    await client.ping();
    expect(seen).toEqual(["kept"]);
    await client.close();
  });
});

describe("members", () => {
  test("follow joins and leaves, and each is told once", async () => {
    await using server = new WrittenServer();
    const { client, room } = await join(server);
    const seen: string[] = [];
    room.on("join", (user) => seen.push(`+${user.name} ${room.users.length}`));
    room.on("leave", (user, reason) => seen.push(`-${user.name} ${reason} ${room.users.length}`));
    server.send(
      { event: "join", room: "lobby", user: bob },
      { event: "join", room: "lobby", user: bob },
      { event: "join", room: "attic", user: cid },
      { event: "leave", room: "lobby", user: cid },
      { event: "leave", room: "lobby", user: bob, reason: "Bored." },
      { event: "join", room: "lobby", user: cid },
    );
    await client.ping();
    expect(seen).toEqual(["+bob 2", "-bob Bored. 1", "+cid 2"]);
    expect(room.users).toEqual([here(ann), here(cid)]);
    await client.close();
  });

  test("no message type is taken for an event, and no event for a message", async () => {
    await using server = new WrittenServer();
    const { client, room } = await join(server);
    const seen: unknown[] = [];
    room.on("join", (user) => seen.push(["event", user.name]));
    room.messages.on("join", (data) => seen.push(["message", data]));
    room.messages.on("__proto__", () => seen.push("never"));
    room.messages.on("constructor", (data) => seen.push(["constructor", data]));
    server.send(
      message("join", 1),
      { event: "join", room: "lobby", user: bob },
      message("constructor", 2),
      message("end"),
      message("message", 3),
    );
    await client.ping();
    expect(seen).toEqual([
      ["message", 1],
      ["event", "bob"],
      ["constructor", 2],
    ]);
    expect(room.ended).toBeUndefined();
    await client.close();
  });
});

describe("the end of a room", () => {
  test("is `left` after leave(), which then does nothing", async () => {
    await using server = new WrittenServer();
    const { client, room } = await join(server);
    const ended = new Promise((resolve) => room.on("end", resolve));
    await client.leave("lobby");
    expect(await ended).toEqual({ cause: "left" });
    expect(client.rooms.size).toBe(0);
    await room.leave();
    await client.leave("lobby");
    expect(server.frames.filter(({ event }) => event === "leave")).toHaveLength(1);
    await client.close();
  });

  test("is `kicked` where the user's own leave comes unasked, `removed` with the room, `left` at a logout", async () => {
    await using server = new WrittenServer();
    const client = await connect(server.url);
    await client.login({ name: "ann" });
    const ends: unknown[] = [];
    for (const name of ["a", "b", "c"]) {
      const room = await client.join(name);
      room.on("end", (end) => ends.push([name, end]));
    }
    server.send(
      { event: "leave", room: "a", user: ann, reason: "Spam." },
      { event: "room_remove", room: "b", reason: "Over." },
    );
    await client.ping();
    await client.logout();
    // The event of a room is held until the task after its join.
    await client.ping();
    expect(ends).toEqual([
      ["a", { cause: "kicked", reason: "Spam." }],
      ["b", { cause: "removed", reason: "Over." }],
      ["c", { cause: "left" }],
    ]);
    await client.close();
  });

  test("a kick that crosses a leave is no error", async () => {
    await using server = new WrittenServer((frame, server) => {
      if (frame.event !== "leave") return standard(frame);
      const error = { code: "not_in_room", message: "Cannot leave." };
      server.send(
        { event: "leave", room: "lobby", user: ann, reason: "Spam." },
        { id: frame.id, ok: false, error },
      );
    });
    const { client, room } = await join(server);
    await room.leave();
    expect(client.rooms.size).toBe(0);
    await client.close();
  });

  test("the removal of an older room of the name doesn't end one that is being joined", async () => {
    await using server = new WrittenServer((frame, server) => {
      if (frame.event === "join")
        server.send({ event: "room_remove", room: "lobby", reason: "It was empty." });
      return standard(frame);
    });
    const { client, room } = await join(server);
    await client.ping();
    expect(room.ended).toBeUndefined();
    await client.close();
  });

  test("nothing is heard after it", async () => {
    await using server = new WrittenServer();
    const { client, room } = await join(server);
    const seen: unknown[] = [];
    room.messages.onAny((one) => seen.push(one));
    server.send({ event: "room_remove", room: "lobby" }, message("late"));
    await client.ping();
    expect(seen).toEqual([]);
    await client.close();
  });
});

describe("scripts that move the user", () => {
  test("end the room with the other one's name, and hand that one over with all that it sends", async () => {
    await using server = new WrittenServer();
    await using client = await connect(server.url);
    await client.login({ name: "ann" });
    const lobby = await client.join("lobby");
    const ended = new Promise((resolve) => lobby.once("end", resolve));
    const put = new Promise<Room>((resolve) => client.once("joined", resolve));
    server.send(
      { event: "leave", room: "lobby", user: ann, to: "game" },
      { event: "joined", room: "game", type: "match", users: [bob, ann] },
      { event: "message", room: "game", type: "began", data: 1 },
    );
    expect(await ended).toEqual({ cause: "moved", reason: undefined, to: "game" });
    const game = await put;
    const began = new Promise((resolve) => game.messages.once("began", resolve));
    expect([game.name, game.type, game.users]).toEqual(["game", "match", [here(bob), here(ann)]]);
    expect(await began).toBe(1);
    expect([...client.rooms.keys()]).toEqual(["game"]);
    await game.leave();
    expect(game.ended).toEqual({ cause: "left" });
  });
});

test("a room that the user is kicked from while watching ends with the reason", async () => {
  await using server = new WrittenServer();
  await using client = await connect(server.url);
  await client.login({ name: "ann" });
  const room = await client.subscribe("lobby");
  const ended = new Promise((resolve) => room.once("end", resolve));
  server.send({ event: "unsubscribed", room: "lobby", reason: "Too loud." });
  expect(await ended).toEqual({ cause: "kicked", reason: "Too loud." });
});

describe("lists of rooms", () => {
  test("are as the server says, and so is what becomes of them", async () => {
    const m1 = {
      room: "m1",
      type: "match",
      users: 1,
      maxUsers: 2,
      locked: false,
      password: true,
      meta: { map: "moon" },
    };
    const m2 = { room: "m2", type: "match", users: 0, locked: true, password: false };
    await using server = new WrittenServer((frame) =>
      frame.event === "rooms" ? { rooms: [m1, m2], more: true } : standard(frame),
    );
    await using client = await connect(server.url);
    await client.login({ name: "ann" });
    const { room: name, ...rest } = m1;
    const first = { name, ...rest };
    const second = { name: "m2", type: "match", users: 0, maxUsers: Infinity, locked: true, password: false };
    expect(await client.listRooms({ type: "match", live: true })).toEqual({
      rooms: [first, second],
      more: true,
    } as never);
    expect(server.frames.at(-1)).toMatchObject({ event: "rooms", data: { type: "match", live: true } });
    const changes: unknown[] = [];
    client.on("room_change", (change) => changes.push(change));
    server.send(
      { event: "room_change", ...m1 },
      { event: "room_change", room: "m2", type: "match", gone: true },
    );
    await client.ping();
    expect(changes).toEqual([
      { ...first, gone: false },
      { name: "m2", type: "match", gone: true },
    ]);
  });
});

describe("watching", () => {
  test("gives events and messages without being a member, until leave() unsubscribes", async () => {
    await using server = new WrittenServer((frame) =>
      frame.event === "subscribe"
        ? { room: frame.room, type: "chat", users: [bob], data: { score: 3 } }
        : standard(frame),
    );
    const client = await connect(server.url);
    await client.login({ name: "ann" });
    const room = await client.subscribe("lobby", { password: "x" });
    expect(room.data).toEqual({ score: 3 });
    const seen: unknown[] = [];
    room.on("leave", (user) => seen.push(user.name));
    room.messages.on("said", (data) => seen.push(data));
    expect(room.users).toEqual([here(bob)]);
    expect(client.rooms.size).toBe(0);
    server.send(message("said", 1), { event: "leave", room: "lobby", user: bob });
    await client.ping();
    await room.leave();
    expect(seen).toEqual([1, "bob"]);
    expect(server.frames.map(({ event }) => event)).toEqual(["login", "subscribe", "ping", "unsubscribe"]);
    expect(server.frames[1].data).toEqual({ password: "x" });
    await client.close();
  });
});
