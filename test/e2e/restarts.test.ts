/** Who is there when the server is killed, or stopped, comes back to the one that is started in its place. */
import { expect, test } from "bun:test";
import type { TestClient } from "./client.ts";
import { Restartable } from "./restartable.ts";
import { until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "game/app.ts": `
import { defineApplication } from "hotroom";
export default defineApplication({
  durable: true,
  state: () => ({ logins: 0, asked: 0 }),
  events: {
    login(app, { data }) {
      app.state.logins++;
      return { name: data.name, replace: data.replace };
    },
  },
  messages: {
    ask: (app, user) => ({ asked: ++app.state.asked }),
    logins: (app) => app.state.logins,
    all: (app, user, text) => app.broadcast("all", text),
  },
});`,
  "game/rooms/hall.ts": `
import { defineRoom } from "hotroom";
export default defineRoom({
  durable: true,
  state: () => ({ said: [] as string[], seen: [] as string[] }),
  events: {
    disconnect: (room, user) => void room.state.seen.push("-" + user.name),
    reconnect: (room, user) => void room.state.seen.push("+" + user.name),
    leave: (room, user) => void room.state.seen.push("x" + user.name),
  },
  messages: {
    say(room, user, text: string) {
      room.state.said.push(text);
      room.broadcast("said", text);
      return room.state.said.length;
    },
    whisper: (room, user, text: string) => user.send("whispered", text),
    said: (room) => room.state.said,
    seen: (room) => room.state.seen,
    who: (room) => room.users.map((user) => user.name + (user.connected ? "" : " (away)")),
  },
});`,
  "game/rooms/yard.ts": `
import { defineRoom } from "hotroom";
export default defineRoom({ messages: { say: (room, user, text: string) => room.broadcast("said", text) } });`,
  "game/hotroom.json": JSON.stringify({ rooms: "join", session: { grace: 20_000 } }),
};

const quick = JSON.stringify({ rooms: "join", session: { grace: 3000 } });

/** Logs in and joins the hall; gives the secret, and what comes with the login. */
async function enter(client: TestClient, name: string, room = "hall", type = "hall") {
  const login = await client.ok({ event: "login", data: { name } });
  await client.ok({ event: "join", room, data: { type } });
  return login;
}

onEachRuntime("a server that is started again", (runtime) => {
  test("[P147] users are there again after a kill, away, in their rooms, with what they missed", async () => {
    const game = await new Restartable(runtime, files).start();
    const [ann, bob] = [await game.connect("game"), await game.connect("game")];
    const { session } = await enter(ann, "ann");
    const { session: bobs } = await enter(bob, "bob");
    await ann.ask("hall", "say", "one");
    const said = await ann.next(({ type }) => type === "said");
    await bob.ask("hall", "say", "two");
    await game.restart();

    const again = await game.connect("game");
    again.idPrefix = "b";
    const reply = await again.ok({ event: "reconnect", data: { session, seen: said.seq } });
    expect(reply).toMatchObject({ outcome: "resumed", received: 2, user: { name: "ann" } });
    expect(reply.session).not.toBe(session);
    expect(reply.rooms).toEqual([
      {
        room: "hall",
        type: "hall",
        users: [{ id: "u1", name: "ann" }, expect.objectContaining({ name: "bob" })],
      },
    ]);
    const missed = [];
    for (let n = 0; n < reply.missed; n++) missed.push(await again.next((frame) => frame.seq > said.seq));
    expect(missed.map(({ data }) => data)).toContain("two");
    expect(await again.ask("hall", "said")).toEqual(["one", "two"]);
    expect(await again.ask("hall", "who")).toEqual(["ann", "bob (away)"]);
    expect(await again.ask(undefined, "logins")).toBe(2);

    const other = await game.connect("game");
    other.idPrefix = "o";
    expect(await other.ok({ event: "reconnect", data: { session: bobs, seen: 0 } })).toMatchObject({
      outcome: "resumed",
      user: { name: "bob" },
    });
    // Who has never been seen has another id.
    const eve = await game.connect("game");
    expect((await enter(eve, "eve")).user.id).toBe("u3");
  });

  test("[P147] after a server that was stopped nothing is missing; who stays away leaves when its time is up", async () => {
    const game = await new Restartable(runtime, { ...files, "game/hotroom.json": quick }).start();
    const [ann, bob] = [await game.connect("game"), await game.connect("game")];
    const { session } = await enter(ann, "ann");
    await enter(bob, "bob");
    await ann.ask("hall", "say", "one");
    await game.stopAndStart();
    expect((await ann.closed).code).toBe(4000);

    const again = await game.connect("game");
    again.idPrefix = "b";
    const reply = await again.ok({ event: "reconnect", data: { session, seen: 0 } });
    expect(reply).toMatchObject({ outcome: "resumed", received: 2, missed: expect.any(Number) });
    await again.next((frame) => frame.event === "leave" && frame.user.name === "bob");
    const seen = await again.ask("hall", "seen");
    expect(seen.filter((each: string) => each.endsWith("bob"))).toEqual(["-bob", "xbob"]);
    expect(seen.filter((each: string) => each.endsWith("ann"))).toEqual(["-ann", "+ann"]);
    const other = await game.connect("game");
    other.idPrefix = "o";
    await enter(other, "bob");
  });

  test.each(["restart", "stopAndStart"] as const)(
    "[P148] a room that is not durable is gone, and the client that was in it is told that something is missing (%s)",
    async (ends) => {
      const game = await new Restartable(runtime, files).start();
      const ann = await game.connect("game");
      const { session } = await enter(ann, "ann");
      await ann.ok({ event: "join", room: "yard", data: { type: "yard" } });
      await ann.ok({ event: "message", room: "yard", type: "say", data: "lost" });
      const said = await ann.next(({ type }) => type === "said");
      // That she is in the yard is kept; the yard waits for nothing, and answers before that.
      await until("her frames to be kept", async () => (await ann.ok({ event: "ping" })).kept >= 3);
      await game[ends]();
      if (ends === "stopAndStart") await game.server.logged(/Durable data is kept in \S+/);
      const again = await game.connect("game");
      again.idPrefix = "b";
      const reply = await again.ok({ event: "reconnect", data: { session, seen: said.seq } });
      expect(reply).toMatchObject({ outcome: "reset", lost: ["yard"] });
      expect(reply.rooms.map(({ room }: { room: string }) => room)).toEqual(["hall"]);
      expect(await again.fails({ event: "message", room: "yard", type: "say" })).toMatchObject({
        code: "room_not_found",
      });
    },
  );

  test("[P141] [P147] the secret of a reply that was lost with the server is not needed: the one before works on", async () => {
    const game = await new Restartable(runtime, files).start();
    const ann = await game.connect("game");
    const { session } = await enter(ann, "ann");
    ann.close(4400);
    const lost = await game.connect("game");
    const { session: newer } = await lost.ok({ event: "reconnect", data: { session, seen: 0 } });
    await game.restart();
    const back = await game.connect("game");
    back.idPrefix = "c";
    await back.ok({ event: "reconnect", data: { session, seen: 0 } });
    expect(await back.ask("hall", "who")).toEqual(["ann"]);
    // It has gone on: what was used is worth nothing any more, after a kill neither.
    await game.restart();
    const third = await game.connect("game");
    third.idPrefix = "d";
    expect(await third.fails({ event: "reconnect", data: { session, seen: 0 } })).toMatchObject({
      code: "session_expired",
    });
    expect(await third.fails({ event: "reconnect", data: { session: newer } })).toMatchObject({
      code: "session_expired",
    });
  });

  test("who can't come back, having no session, leaves its durable rooms once the server is there again", async () => {
    const game = await new Restartable(runtime, files).start();
    const ann = await game.connect("game");
    const { session } = await enter(ann, "ann");
    const old = await game.server.open("/");
    const frame = (eventType: number, data: object, roomName = "") => ({
      appName: "game",
      roomName,
      eventType,
      data,
    });
    old.send(frame(6, { username: "old" }));
    await old.next(({ eventType }) => eventType === 6);
    old.send(frame(4, { roomName: "hall" }, "hall"));
    await ann.next(({ event, user }) => event === "join" && user.name === "old");
    await game.restart();
    const again = await game.connect("game");
    again.idPrefix = "b";
    await again.ok({ event: "reconnect", data: { session, seen: 0 } });
    await again.next(({ event, user }) => event === "leave" && user.name === "old");
    expect(await again.ask("hall", "who")).toEqual(["ann"]);
    expect(await again.ask("hall", "seen")).toContain("xold");
  });
});
