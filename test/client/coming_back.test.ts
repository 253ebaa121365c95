/** A client whose connection is lost comes back, and nobody notices: over real sockets, through a proxy that cuts them. */
import { describe, expect, test } from "bun:test";
import { until } from "../e2e/harness.ts";
import type { Cut } from "./cutting_proxy.ts";
import { failure, inLobby, next } from "./stage.ts";

describe.each<Cut>(["fin", "rst", "silence"])("a connection that ends with %s", (how) => {
  test("comes back to the same user and rooms; what was said and sent meanwhile arrives once, in order", async () => {
    await using stage = await inLobby();
    const { server, proxy, client, room, heard, events } = stage;
    const { user, session } = client;
    server.said(1);
    room.send("say", "before");
    const answer = room.request("ask", "the cut takes it or its answer");
    proxy.isUp = false;
    const away = next(client, "away");
    proxy.cut(how);
    await away;
    expect(client.state).toBe("away");
    server.said(2);
    server.said(3);
    room.send("say", "away");
    const later = room.request("ask", "away too");
    proxy.isUp = true;
    expect(await Promise.all([answer, later])).toEqual(["the cut takes it or its answer", "away too"]);
    await until("all that was said", () => heard.length === 3);
    expect(heard).toEqual([1, 2, 3]);
    await server.handles(4);
    expect(server.handled).toEqual([
      ["say", "before"],
      ["ask", "the cut takes it or its answer"],
      ["say", "away"],
      ["ask", "away too"],
    ]);
    expect(events).toEqual(["away", ["back", "resumed", expect.any(Number)]]);
    expect([client.user, client.state, client.rooms.get("lobby")]).toEqual([user, "online", room]);
    expect(client.session).not.toBe(session);
  });
});

describe("what was on its way", () => {
  test("is answered once, where the server had it and the answer was lost", async () => {
    await using stage = await inLobby();
    const { server, proxy, room } = stage;
    // The server's frames do not arrive any more; it still gets the client's.
    server.intercept = (frame) => {
      if (frame.type === "ask") proxy.cut("rst");
      return false;
    };
    expect(await room.request("ask", 1)).toBe(1);
    expect(server.handled).toEqual([["ask", 1]]);
  });

  test("is sent again, where the server has not had it", async () => {
    await using stage = await inLobby();
    const { server, client, room } = stage;
    let taken = 0;
    server.intercept = (frame, socket) => {
      if (frame.type !== "ask" || taken++ > 0) return false;
      socket.terminate();
      return true;
    };
    const asked = [room.request("ask", 1), room.request("ask", 2)];
    expect(await Promise.all(asked)).toEqual([1, 2]);
    expect(server.handled).toEqual([
      ["ask", 1],
      ["ask", 2],
    ]);
    expect(client.state).toBe("online");
  });

  test("is not sent where it was given up before", async () => {
    await using stage = await inLobby();
    const { server, proxy, client, room } = stage;
    proxy.isUp = false;
    const away = next(client, "away");
    proxy.cut("rst");
    await away;
    expect(await failure(room.request("ask", 1, { timeout: 5 }))).toMatchObject({ code: "timeout" });
    const kept = room.request("ask", 2);
    proxy.isUp = true;
    expect(await kept).toBe(2);
    expect(server.handled).toEqual([["ask", 2]]);
  });

  test("waits up to a bound, and what is over it is refused at once", async () => {
    await using stage = await inLobby({ queue: 3 });
    const { server, proxy, client, room } = stage;
    proxy.isUp = false;
    const away = next(client, "away");
    proxy.cut("rst");
    await away;
    const kept = [1, 2, 3].map((n) => room.request("ask", n));
    const over = await failure(room.request("ask", 4));
    expect(over).toMatchObject({ code: "queue_full" });
    expect(over.message).toBe(
      'Cannot send "ask" to room "lobby": 3 frames wait for the server to take them, and no more may.',
    );
    expect(() => room.send("say", 5)).toThrow("no more may");
    proxy.isUp = true;
    expect(await Promise.all(kept)).toEqual([1, 2, 3]);
    expect(await room.request("ask", 6)).toBe(6);
    expect(server.handled).toHaveLength(4);
  });

  test("of more frames than servers take at once the rest follows at their pace, in order", async () => {
    await using stage = await inLobby();
    const { server, proxy, client, room } = stage;
    proxy.isUp = false;
    const away = next(client, "away");
    proxy.cut("rst");
    await away;
    const kept = Array.from({ length: 60 }, (_, n) => room.request("ask", n));
    let burst = 0;
    client.once("back", () => queueMicrotask(() => (burst = server.handled.length)));
    proxy.isUp = true;
    expect(await Promise.all(kept)).toEqual(Array.from({ length: 60 }, (_, n) => n));
    expect(burst).toBeLessThanOrEqual(50);
    expect(server.handled).toEqual(Array.from({ length: 60 }, (_, n) => ["ask", n]));
  });

  test("has a default timeout that does not run out while the client is away", async () => {
    await using stage = await inLobby({ timeout: 300, liveness: 0 });
    const { proxy, client, room } = stage;
    proxy.isUp = false;
    const away = next(client, "away");
    proxy.cut("rst");
    await away;
    const asked = room.request("ask", 1);
    const own = failure(room.request("ask", 2, { timeout: 400 }));
    // It is the later one of the two, and the first is still there.
    expect(await own).toMatchObject({ code: "timeout" });
    proxy.isUp = true;
    expect(await asked).toBe(1);
  });
});
