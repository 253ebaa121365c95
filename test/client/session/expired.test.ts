/** What a client does whose session is gone: it begins anew, with the same rooms. */
import { describe, expect, test } from "bun:test";
import { connect, type RoomEnd } from "../../../src/client/client.ts";
import { until } from "../../e2e/harness.ts";
import { SessionServer } from "../session_server.ts";
import { failure, inLobby, next, quick } from "../stage.ts";

describe("expired", () => {
  test("logs in again with the same data, joins the same rooms with theirs, and they live on", async () => {
    await using stage = await inLobby();
    const { server, client, room, heard, events } = stage;
    const attic = await client.join("attic", { password: "x" });
    const watched = await client.subscribe("hall");
    const joins: unknown[] = [];
    room.on("join", ({ name }) => joins.push(name));
    server.said("before");
    await until("what was said before", () => heard.length === 1);
    const back = next(client, "back");
    server.forget();
    client.simulate.drop();
    const queued = room.request("ask", "while away");
    await back;
    server.said("after");
    expect(await queued).toBe("while away");
    await until("both", () => heard.length === 2);
    expect(client.user).toEqual({ id: "u2", name: "ann" });
    expect([client.rooms.get("lobby"), client.rooms.get("attic")]).toEqual([room, attic]);
    expect(room.users).toMatchObject([{ id: "u2", name: "ann" }]);
    expect([joins, watched.ended]).toEqual([[], undefined]);
    expect(events).toEqual([
      "away",
      ["expired", "ann"],
      ["reset", ["lobby", "attic", "hall", null]],
      ["back", "reset", 0],
    ]);
    const entered = server.frames
      .filter(({ event }) => ["login", "join", "subscribe"].includes(event))
      .slice(-4);
    expect(entered.map(({ event, room, data }) => [event, room, data])).toEqual([
      ["login", undefined, { name: "ann" }],
      ["join", "lobby", undefined],
      ["join", "attic", { password: "x" }],
      ["subscribe", "hall", undefined],
    ]);
  });

  test("a list of rooms that was followed is followed again", async () => {
    await using stage = await inLobby();
    const { server, client } = stage;
    await client.listRooms({ type: "chat", live: true });
    const back = next(client, "back");
    server.forget();
    client.simulate.drop();
    await back;
    await until("the list", () => server.frames.filter(({ event }) => event === "rooms").length === 2);
    expect(server.frames.at(-1).data).toEqual({ type: "chat", live: true });
  });

  test("what had been sent and was not answered fails; nobody knows whether it was handled", async () => {
    await using stage = await inLobby();
    const { server, client, room } = stage;
    const errors: string[] = [];
    client.on("error", ({ message }) => errors.push(message));
    server.intercept = (frame, socket) => {
      if (frame.type !== "ask") return false;
      server.forget();
      socket.terminate();
      return true;
    };
    room.send("say", 1);
    expect(await failure(room.request("ask", 2))).toMatchObject({ code: "session_expired" });
    const unknown = 'Cannot send "say" to room "lobby": the session is unknown.';
    expect(errors).toEqual([unknown]);
    expect(await room.request("say", 3)).toBe(3);
  });

  test("the data for the login may come from a function; where the login is refused nobody is logged in", async () => {
    let asked = 0;
    await using stage = await inLobby({ relogin: () => ({ name: `ann ${++asked}` }) });
    const { server, client, room, events } = stage;
    server.forget();
    let back = next(client, "back");
    client.simulate.drop();
    await back;
    expect(client.user?.name).toBe("ann 1");
    const ended = new Promise<RoomEnd>((resolve) => room.on("end", resolve));
    server.intercept = (frame, socket) => {
      if (frame.event !== "login") return false;
      const error = { code: "login_refused", message: "Cannot log in: no more." };
      socket.send(JSON.stringify({ id: frame.id, ok: false, error }));
      return true;
    };
    server.forget();
    back = next(client, "back");
    client.simulate.drop();
    await back;
    expect([client.user, client.rooms.size]).toEqual([undefined, 0]);
    expect(await ended).toEqual({ cause: "lost", reason: "Cannot log in: no more." });
    expect(events.slice(-2)).toEqual([
      ["expired", undefined],
      ["back", "new", 0],
    ]);
    server.intercept = () => false;
    expect((await client.login({ name: "ann" })).user.name).toBe("ann");
  });

  test("where the server keeps no sessions, a name that its own dead connection still has is asked for again", async () => {
    const server = new SessionServer();
    server.grace = 0;
    await using client = await connect(server.url, quick);
    await client.login({ name: "ann" });
    const room = await client.join("lobby");
    let taken = 0;
    server.intercept = (frame, socket) => {
      if (frame.event !== "login" || taken++ > 1) return false;
      const error = { code: "name_taken", message: "Cannot log in: another user has that name." };
      socket.send(JSON.stringify({ id: frame.id, ok: false, error }));
      return true;
    };
    server.forget();
    const back = next(client, "back");
    client.simulate.drop();
    await back;
    expect([taken, client.user?.name, client.rooms.get("lobby")]).toEqual([3, "ann", room]);
    await server[Symbol.asyncDispose]();
  });

  test("without `relogin` the rooms end, and the client stays for another login", async () => {
    await using stage = await inLobby({ relogin: false });
    const { server, client, room } = stage;
    server.forget();
    const expired = next(client, "expired");
    client.simulate.drop();
    const queued = failure(room.request("ask", 1));
    await expired;
    expect(await queued).toMatchObject({
      code: "session_expired",
      message: expect.stringMatching(/^Cannot send "ask" to room "lobby": the session is unknown/),
    });
    expect([client.user, room.ended?.cause, client.state]).toEqual([undefined, "lost", "online"]);
    await client.login({ name: "ann" });
    expect(await (await client.join("lobby")).request("ask", 2)).toBe(2);
  });

  test("a logout whose answer is lost has logged out", async () => {
    await using stage = await inLobby();
    const { server, client } = stage;
    server.intercept = (frame, socket) => {
      if (frame.event !== "logout") return false;
      server.forget();
      socket.terminate();
      return true;
    };
    await client.logout();
    expect(client.user).toBeUndefined();
    await client.login({ name: "bob" });
    expect(client.user?.name).toBe("bob");
  });
});
