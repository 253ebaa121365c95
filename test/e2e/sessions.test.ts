/** Coming back to a session after a lost connection: what is missed, what was taken, who is told. */
import { beforeAll, expect, test } from "bun:test";
import type { Frame } from "./client.ts";
import { back, files, type Guest, guest, isAway, roomName, say, seenBy } from "./guests.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntimeAndExecutable } from "./runtimes.ts";

const texts = (frames: Frame[]) => frames.map(({ data }) => data);

onEachRuntimeAndExecutable("sessions", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files });
  });

  test("[P130, P131] a login gives a session; frames have numbers that grow, but for answers to logins, resumes, pings and logouts", async () => {
    const { client, session } = await guest(server, "back", roomName());
    expect(session).toMatch(/^[\w-]{32}$/);
    const [login] = client.frames();
    expect(login).toMatchObject({ ok: true, data: { grace: 30_000 } });
    expect(login.seq).toBeUndefined();
    const ping = await client.request({ event: "ping" });
    await client.ask(undefined, "x").catch(() => {});
    client.send({ event: "dance" });
    client.send({ event: "leave", room: "nowhere" });
    await client.settle();
    const last = client.frames().at(-1);
    for (const frame of [ping, last]) expect(frame).toEqual({ id: expect.any(String), ok: true });
    const others = client.frames((frame) => ![login, ping, last].includes(frame));
    const numbers = others.map(({ seq }) => seq);
    for (const frame of [ping, last]) expect(frame.seq).toBeUndefined();
    expect(numbers.length).toBeGreaterThan(3);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number).toBeInteger();
    expect((await client.request({ event: "logout" })).seq).toBeUndefined();
    client.close();
  });

  test("[P41, P135, P137, P138] who comes back finds its rooms, and gets what it missed in order, each once, then what is new", async () => {
    const place = roomName();
    const ann = await guest(server, "back", place);
    const bob = await guest(server, "back", place);
    await say(bob.client, place, "before");
    await ann.client.message("said");
    const seen = seenBy(ann.client);
    ann.client.drop();
    await bob.client.next(isAway(ann.name));
    for (const text of ["one", "two"]) await say(bob.client, place, text);
    await bob.client.ok({
      event: "message",
      room: place,
      type: "whisper",
      data: { to: ann.name, text: "psst" },
    });
    await bob.client.ok({ event: "message", room: place, type: "others", data: "three" });
    const { client, data } = await back(server, "back", ann.session, seen);
    expect(data).toEqual({
      user: { id: expect.any(String), name: ann.name },
      session: expect.stringMatching(/^[\w-]{32}$/),
      grace: 30_000,
      outcome: "resumed",
      received: 1,
      missed: 4,
      rooms: [
        {
          room: place,
          type: "back",
          users: [
            { id: expect.any(String), name: ann.name },
            { id: expect.any(String), name: bob.name },
          ],
        },
      ],
    });
    await say(bob.client, place, "new");
    await client.next(({ data }) => data === "new");
    const missed = client.frames(({ event }) => event === "message");
    expect(texts(missed)).toEqual(["one", "two", "psst", "three", "new"]);
    const numbers = missed.map(({ seq }) => seq);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(numbers[0]).toBeGreaterThan(seen);
    for (const each of [client, bob.client]) each.close();
  });

  test("[P137] a session that has got nothing comes back with 0, and gets all; what it says that it has seen is sent no more", async () => {
    const place = roomName();
    const ann = await guest(server, "back", place);
    for (const text of ["a", "b"]) await say(ann.client, place, text);
    ann.client.drop();
    const first = await back(server, "back", ann.session, 0);
    await first.client.settle();
    expect(first.data).toMatchObject({ outcome: "resumed", received: 3 });
    expect(texts(first.client.frames(({ event }) => event === "message"))).toEqual(["a", "b"]);
    expect(first.client.frames()).toHaveLength(first.data.missed + 2);
    first.client.drop();
    const again = await back(server, "back", first.data.session, seenBy(first.client));
    expect(again.data).toMatchObject({ outcome: "resumed", missed: 0, received: 3 });
    again.client.close();
  });

  test("[P136, P140] what was taken is counted and answered, and waits in its order with what comes by the new connection", async () => {
    const place = roomName();
    const ann = await guest(server, "long", roomName());
    const seen = seenBy(ann.client);
    ann.client.send({ event: "join", id: "slow", room: place, data: { slow: true } });
    ann.client.send({ event: "ping", id: "p" });
    ann.client.send("not JSON");
    for (const n of [1, 2])
      ann.client.send({ event: "message", id: n, room: place, type: "take", data: `${n}` });
    await until("the frames to be there", () => ann.client.socket.bufferedAmount === 0);
    await ann.client.next(({ event, error }) => event === "error" && error.code === "bad_frame");
    ann.client.drop();
    const { client, data } = await back(server, "long", ann.session, seen);
    expect(data).toMatchObject({ outcome: "resumed", received: 5 });
    client.send({ event: "message", id: 3, room: place, type: "take", data: "3" });
    await client.next(({ id }) => id === 3);
    const answers = client.frames(({ id }) => id === "slow" || typeof id === "number");
    expect(answers.map(({ id, ok }) => [id, ok])).toEqual([
      ["slow", true],
      [1, true],
      [2, true],
      [3, true],
    ]);
    expect(await client.ask(place, "taken")).toEqual(["1", "2", "3"]);
    client.close();
  });

  test("[P133, P134] who is away stays a member and is shown as away, to those who come as well, and then as back", async () => {
    const place = roomName();
    const ann = await guest(server, "back", place);
    const bob = await guest(server, "back", place);
    const start = server.output().length;
    ann.client.close(4321);
    expect(await bob.client.next(isAway(ann.name))).toEqual({
      event: "disconnect",
      room: place,
      user: { id: expect.any(String), name: ann.name },
    });
    const cat = await guest(server, "back");
    const { users } = await cat.client.ok({ event: "join", room: place });
    expect(users.map(({ name, connected }: Frame) => [name, connected])).toEqual([
      [ann.name, false],
      [bob.name, undefined],
      [cat.name, undefined],
    ]);
    expect(await bob.client.ask(place, "who")).toContainEqual([ann.name, false]);
    const other = await server.connect("back");
    expect((await other.fails({ event: "login", data: { name: ann.name } })).code).toBe("name_taken");
    const { client } = await back(server, "back", ann.session);
    await bob.client.next(({ event, user }) => event === "reconnect" && user.name === ann.name);
    expect(await bob.client.ask(place, "who")).toContainEqual([ann.name, true]);
    await server.logged(new RegExp(`heard \\["disconnect","${ann.name}",false]`), start);
    await server.logged(new RegExp(`heard \\["reconnect","${ann.name}",true]`), start);
    expect(client.frames(({ event }) => event === "disconnect" || event === "reconnect")).toEqual([]);
    for (const each of [client, other, bob.client, cat.client]) each.close();
  });

  test("[P40, P133] who does not come back leaves its rooms when its time is over, and is logged out", async () => {
    const place = roomName();
    const ann = await guest(server, "short", place);
    const bob = await guest(server, "short", place);
    const start = server.output().length;
    ann.client.drop();
    const left = await bob.client.next(({ event, user }) => event === "leave" && user.name === ann.name);
    expect(left).toEqual({ event: "leave", room: place, user: { id: expect.any(String), name: ann.name } });
    await server.logged(new RegExp(`app logout","${ann.name}`), start);
    const heard = server
      .output()
      .slice(start)
      .match(/heard \[.*/g);
    expect(heard?.filter((line) => line.includes(ann.name))).toEqual([
      expect.stringMatching(/heard \["(app )?disconnect",.*false\]/),
      expect.stringMatching(/heard \["(app )?disconnect",.*false\]/),
      `heard ["leave","${ann.name}",false,null]`,
      `heard ["app logout","${ann.name}",false]`,
    ]);
    const late = await server.connect("short");
    const gone = { event: "reconnect", data: { session: ann.session, seen: 0 } };
    expect((await late.fails(gone)).code).toBe("session_expired");
    expect((await guest(server, "short", place, ann.name)).session).not.toBe(ann.session);
    for (const each of [late, bob.client]) each.close();
  });

  test("[P132] what a client says that it has seen must be a number; what no frame has had means nothing", async () => {
    const place = roomName();
    const ann = await guest(server, "back", place);
    for (const seen of [-1, 1.5, "1", null]) {
      const reply = await ann.client.request({ event: "ping", seen } as never);
      expect(reply).toMatchObject({ ok: false, error: { code: "bad_frame" } });
    }
    await ann.client.ok({ event: "ping", seen: 9_007_199_254_740_991 } as never);
    await say(ann.client, place, "kept");
    const message = { event: "message", room: place, type: "take" };
    for (const data of ["one", "two", { seen: 7 }]) ann.client.send({ ...message, data, seen: 1 });
    await say(ann.client, place, "last");
    expect(await ann.client.ask(place, "taken")).toEqual(["one", "two", { seen: 7 }]);
    const { client, data } = await back(server, "back", ann.session);
    await client.settle();
    expect(data.outcome).toBe("resumed");
    expect(client.messages("said")).toEqual(["kept", "last"]);
    client.send({ event: "ping", id: "seen", seen: seenBy(client) } as never);
    await client.settle();
    const again = await back(server, "back", data.session, 1);
    expect(again.data).toMatchObject({ outcome: "reset", lost: [null] });
    again.client.close();
  });

  test("[P133] a client that closes with 1000 leaves at once, and so does one that is put out, away or not", async () => {
    const place = roomName();
    const [ann, bob, cat] = [
      await guest(server, "long", place),
      await guest(server, "long", place),
      await guest(server, "long", place),
    ];
    const left = (name: string) => (frame: Frame) => frame.event === "leave" && frame.user.name === name;
    ann.client.close(1000);
    await cat.client.next(left(ann.name));
    bob.client.drop();
    await cat.client.next(isAway(bob.name));
    await cat.client.ask(undefined, "kick", bob.name);
    await cat.client.next(left(bob.name));
    await cat.client.ask(undefined, "kick", cat.name).catch(() => {});
    expect((await cat.client.closed).code).toBe(4501);
    const late = await server.connect("long");
    for (const { session } of [ann, bob, cat]) {
      const error = await late.fails({ event: "reconnect", data: { session, seen: 0 } });
      expect(error.code).toBe("session_expired");
    }
    late.close();
  });

  test("[P139] the reply has the rooms that one is in or watches, as they are now", async () => {
    const [home, theatre] = [roomName(), roomName()];
    const ann = await guest(server, "long", home);
    const bob = await guest(server, "long", theatre);
    await ann.client.ok({ event: "subscribe", room: theatre });
    ann.client.drop();
    const cat = await guest(server, "long", theatre);
    bob.client.drop();
    await cat.client.next(isAway(bob.name));
    const { client, data } = await back(server, "long", ann.session);
    const user = ({ name }: Guest) => ({ id: expect.any(String), name });
    expect(data.rooms).toEqual([
      { room: home, type: "hall", users: [user(ann)] },
      { room: theatre, type: "hall", users: [{ ...user(bob), connected: false }, user(cat)], watching: true },
    ]);
    await say(cat.client, theatre, "watched");
    await client.message("said");
    for (const each of [client, cat.client]) each.close();
  });
});
