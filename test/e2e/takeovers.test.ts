/** Sessions that several connections want, that were come back to too late or too often, and of which too much was missed. */
import { beforeAll, expect, test } from "bun:test";
import type { Frame, TestClient } from "./client.ts";
import { back, files, guest, isAway, roomName, say, seenBy } from "./guests.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

onEachRuntime("takeovers", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files });
  });

  test("[P141] the secret changes; the old one works until the new connection has gone on", async () => {
    const ann = await guest(server, "back", roomName());
    ann.client.drop();
    const first = await back(server, "back", ann.session);
    expect(first.data.session).not.toBe(ann.session);
    // As if the reply had been lost.
    const second = await back(server, "back", ann.session);
    expect((await first.client.closed).code).toBe(4503);
    const stranger = await server.connect("back");
    const with_ = (session: string) => ({ event: "reconnect", data: { session, seen: 0 } });
    expect((await stranger.fails(with_(first.data.session))).code).toBe("session_expired");
    await second.client.settle();
    expect((await stranger.fails(with_(ann.session))).code).toBe("session_expired");
    const third = await back(server, "back", second.data.session);
    for (const each of [stranger, third.client]) each.close();
  });

  test("[P142] the newest connection wins at once; who is there hears of no absence, scripts of both", async () => {
    const place = roomName();
    const ann = await guest(server, "short", place);
    const bob = await guest(server, "short", place);
    const start = server.output().length;
    const { client } = await back(server, "short", ann.session);
    expect((await ann.client.closed).code).toBe(4503);
    for (const what of ["disconnect", "reconnect", "app disconnect", "app reconnect"])
      await server.logged(new RegExp(`heard \\["${what}",("c\\d+",)?"${ann.name}"`), start);
    await say(client, place, "here");
    await bob.client.message("said");
    expect(bob.client.frames(({ event }) => event === "disconnect" || event === "reconnect")).toEqual([]);
    // Its end is no loss of the connection that there is.
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await client.ask(place, "who")).toContainEqual([ann.name, true]);
    for (const each of [client, bob.client]) each.close();
  });

  test("[P143] what can't be come back to is told by its code", async () => {
    const ann = await guest(server, "back");
    const stranger = await server.connect("back");
    const again = (data: unknown) => ({ event: "reconnect", data });
    expect((await ann.client.fails(again({ session: ann.session }))).code).toBe("already_logged_in");
    for (const data of [undefined, {}, { session: 7 }, { session: ann.session, seen: -1 }])
      expect((await stranger.fails(again(data))).code).toBe("invalid_data");
    const ahead = { session: ann.session, seen: 2 ** 40 };
    expect((await stranger.fails(again(ahead))).code).toBe("invalid_data");
    for (const session of ["", "x", ann.session.slice(1), "A".repeat(5000)])
      expect((await stranger.fails(again({ session }))).code).toBe("session_expired");
    let { session } = ann;
    const clients: TestClient[] = [];
    const codes: string[] = [];
    for (let time = 0; time < 25; time++) {
      const client = await server.connect("back");
      clients.push(client);
      const reply = await client.request(again({ session }));
      if (reply.ok) ({ session } = reply.data);
      else codes.push(reply.error.code);
    }
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set(["rate_limited"]));
    for (const each of [stranger, ...clients]) each.close();
    const off = await guest(server, "off", roomName());
    off.client.drop();
    const late = await server.connect("off");
    await until("the session to have ended", async () => {
      const reply = await late.request(again({ session: off.session }));
      return reply.error?.code === "session_expired";
    });
    late.close();
  });

  test("[P144] a login may take over who has its name: same user, same rooms, none of the other's answers", async () => {
    const place = roomName();
    const ann = await guest(server, "long", place);
    const bob = await guest(server, "long", place);
    await say(bob.client, place, "seen by nobody");
    await ann.client.message("said");
    const taker = await server.connect("long");
    const login = { event: "login", data: { name: ann.name } };
    expect((await taker.fails(login)).code).toBe("name_taken");
    taker.send({ event: "dance" });
    ann.client.send({ event: "message", id: "old", room: place, type: "who" });
    await ann.client.next(({ id }) => id === "old");
    const data = await taker.ok({ ...login, data: { name: ann.name, replace: true } });
    expect((await ann.client.closed).code).toBe(4503);
    const [user] = data.rooms[0].users;
    expect(user.name).toBe(ann.name);
    expect(data).toMatchObject({ user, grace: 30_000, outcome: "reset", received: 0, lost: [] });
    await taker.settle();
    expect(taker.messages("said")).toEqual(["seen by nobody"]);
    expect(taker.frames(({ id }) => id === "old")).toEqual([]);
    const old = await server.connect("long");
    const again = { event: "reconnect", data: { session: ann.session, seen: 0 } };
    expect((await old.fails(again)).code).toBe("session_expired");
    await taker.ask(place, "take", "one");
    taker.drop();
    const next = await back(server, "long", data.session, seenBy(taker));
    expect(next.data).toMatchObject({ user, outcome: "resumed", received: 1 });
    for (const each of [old, next.client, bob.client]) each.close();
  });

  test("[P78, P144] a join that the other client still waits for is told to who has taken over, and what it wants to watch is not watched", async () => {
    for (const event of ["join", "subscribe"]) {
      const place = roomName();
      const bob = await guest(server, "long", place);
      const ann = await guest(server, "long");
      const taker = await server.connect("long");
      ann.client.send({ event, id: "old", room: place, data: { slow: true } });
      const { rooms } = await taker.ok({ event: "login", data: { name: ann.name, replace: true } });
      await say(bob.client, place, "now");
      await taker.settle();
      // Whichever was first: all that it has been told of is what there is.
      const put = taker.frames((frame) => frame.event === "joined").map((frame) => frame.room);
      const told: string[] = [...rooms.map((each: Frame) => each.room), ...put];
      if (event === "join") expect(told).toEqual([place]);
      expect(await taker.ask(undefined, "rooms")).toEqual(event === "join" ? told : []);
      expect(taker.messages("said")).toEqual(told.map(() => "now"));
      taker.close();
      bob.client.close();
    }
  });

  test("[P138, P145] what is not kept is told: of which rooms, and what is kept follows", async () => {
    const [loud, quiet] = [roomName(), roomName()];
    const ann = await guest(server, "tight", loud);
    await ann.client.ok({ event: "join", room: quiet });
    const bob = await guest(server, "tight", loud);
    await bob.client.ok({ event: "join", room: quiet });
    ann.client.drop();
    await bob.client.next(isAway(ann.name));
    await bob.client.ask(loud, "fill", { count: 30, length: 10 });
    await say(bob.client, quiet, "kept");
    const { client, data } = await back(server, "tight", ann.session);
    await client.settle();
    expect(data).toMatchObject({ outcome: "reset", lost: [loud] });
    const numbers = client.messages("filled").map((text) => Number.parseInt(text, 10));
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, n) => n + 10));
    expect(client.messages("said")).toEqual(["kept"]);
    client.drop();
    await bob.client.ask(loud, "fill", { count: 18, length: 1000 });
    const bytes = await back(server, "tight", data.session, seenBy(client));
    await bytes.client.settle();
    expect(bytes.data).toMatchObject({ outcome: "reset", lost: [loud] });
    expect(bytes.client.messages("filled").length).toBeWithin(12, 17);
    bytes.client.drop();
    for (let n = 0; n < 25; n++)
      await bob.client.ok({
        event: "message",
        room: quiet,
        type: "whisper",
        data: { to: ann.name, text: n },
      });
    const own = await back(server, "tight", bytes.data.session, seenBy(bytes.client));
    expect(own.data).toMatchObject({ outcome: "reset", lost: [quiet] });
    for (const each of [own.client, bob.client]) each.close();
  });

  test("[P146] more than an outbox holds is sent at the client's pace, and what is new comes behind it", async () => {
    const small = await startServer({ runtime, files, args: ["--outbox", "65536"] });
    const ann = await small.user("back", "ann", "hall");
    const { session } = ann.frames()[0].data;
    const bob = await small.user("back", "bob", "hall");
    ann.drop();
    await bob.next(isAway("ann"));
    for (let time = 0; time < 20; time++) await bob.ask("hall", "fill", { count: 10, length: 1000 });
    const client = await small.connect("back");
    const { missed, outcome } = await client.ok({ event: "reconnect", data: { session } });
    await say(bob, "hall", "new");
    await client.message("said");
    expect([outcome, client.isOpen]).toEqual(["resumed", true]);
    expect(missed).toBeGreaterThan(200);
    const filled = client.frames(({ event }) => event === "message");
    expect(filled).toHaveLength(201);
    expect(filled.map(({ seq }) => seq)).toEqual(filled.map(({ seq }) => seq).sort((a, b) => a - b));
    await small.kill();
  });
});
