/** What comes before what, for one client and between clients, and what comes once. */
import { beforeAll, expect, test } from "bun:test";
import type { Frame } from "./client.ts";
import { startServer, type TestServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "order/hotroom.json": `{ "rooms": "join", "subscribe": true }`,
  "order/app.ts": `
    import { defineApplication } from "hotroom";
    export default defineApplication({
      events: {
        login(app, { data }) { app.broadcast("logged in", data.name); },
        create(app, request, user) { if (request.data?.no) app.nothing(); },
      },
    });`,
  "order/rooms/hall.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({
      maxUsers: 20,
      events: { join(room, user) { room.send(user, "welcome", user.name); room.broadcast("came", user.name); } },
      messages: {
        say(room, user, data) { room.broadcast("said", data); return data; },
        kick(room, user, name) { room.kick(name, "Enough."); },
      },
    });`,
  "slow/hotroom.json": `{ "rooms": "join", "limits": { "cpuPerEvent": 1000, "cpuHard": 2000 } }`,
  "slow/rooms/hall.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({ events: { join() { for (let n = 0; n < 5e6; n++); } } });`,
};

onEachRuntime("order", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files, args: ["--inbound-rate", "0"] });
  });

  test("[P46, P47] joining makes a room with a type and a password, and tells who is in it", async () => {
    const ann = await server.user("order", "ann j");
    const bob = await server.user("order", "bob j");
    const join = { event: "join", room: "locked", data: { type: "hall", password: "sesame" } };
    expect(await ann.ok(join)).toEqual({ room: "locked", type: "hall", users: [expect.anything()] });
    expect((await bob.fails({ event: "join", room: "locked" })).code).toBe("wrong_password");
    const { users } = await bob.ok({ event: "join", room: "locked", data: { password: "sesame" } });
    expect(users.map(({ name }: Frame) => name)).toEqual(["ann j", "bob j"]);
    expect((await ann.fails({ event: "join", room: "other", data: { type: "attic" } })).code).toBe(
      "room_type_not_found",
    );
    for (const client of [ann, bob]) client.close();
  });

  test("[P50, P52] the replies of create and subscribe name the room", async () => {
    const ann = await server.user("order", "ann c");
    const create = { event: "create", room: "made", data: { maxUsers: 1 } };
    expect(await ann.ok(create)).toEqual({ room: "made", type: "hall" });
    expect((await ann.fails({ event: "create", room: "bad", data: { maxUsers: 0 } })).code).toBe(
      "invalid_data",
    );
    await ann.ok({ event: "join", room: "made" });
    const bob = await server.user("order", "bob c");
    const { room, type, users } = await bob.ok({ event: "subscribe", room: "made" });
    expect([room, type, users.length]).toEqual(["made", "hall", 1]);
    for (const client of [ann, bob]) client.close();
  });

  test("[P80, P99] while a join is in hand 256 frames wait behind it, and one more is told busy", async () => {
    const client = await server.user("slow", "ann");
    client.send({ event: "join", id: "join", room: "hall" });
    for (let id = 0; id < 300; id++) client.send({ event: "ping", id });
    expect(await client.next((frame) => frame.id === "join")).toMatchObject({ ok: true });
    await client.next((frame) => frame.id === 255);
    const [busy, joined, ...rest] = [client.frames((frame) => frame.ok === false), ...client.frames()];
    expect(busy.map(({ id }) => id)).toEqual(Array.from({ length: 44 }, (_, n) => 256 + n));
    for (const { error } of busy) expect(error.code).toBe("busy");
    const answered = [joined, ...rest].filter(
      ({ id, ok }) => ok && (id === "join" || typeof id === "number"),
    );
    expect(answered.map(({ id }) => id)).toEqual(["join", ...Array.from({ length: 256 }, (_, id) => id)]);
    client.close();
  });

  test("[P83, P85] the reply to a login, and to a join, comes before what their handlers send", async () => {
    const client = await server.connect("order");
    await client.ok({ event: "login", data: { name: "first" } });
    await client.ok({ event: "join", room: "welcome" });
    await client.ok({ event: "message", room: "welcome", type: "say", data: 1 });
    const heard = client.frames().map(({ id, event, type }) => id ?? (event === "message" ? type : event));
    expect(heard).toEqual(["t1", "logged in", "room_add", "t2", "welcome", "came", "said", "t3"]);
    client.close();
  });

  test("[P83] nothing of a room comes after the reply to leaving it", async () => {
    const talker = await server.user("order", "talker", "left");
    for (let time = 0; time < 20; time++) {
      const client = await server.user("order", `leaver ${time}`, "left");
      const said = Array.from({ length: 10 }, (_, n) => talker.ask("left", "say", n));
      const { id } = await client.request({ event: "leave", room: "left" });
      await Promise.all(said);
      await client.settle();
      const frames = client.frames();
      const after = frames.slice(frames.findIndex((frame) => frame.id === id) + 1);
      expect(after.filter(({ room }) => room === "left")).toEqual([]);
      client.close();
    }
    talker.close();
  });

  test("[P53, P74] a member who also watches hears once of being kicked", async () => {
    const [ann, bob] = [
      await server.user("order", "ann k", "kicks"),
      await server.user("order", "bob k", "kicks"),
    ];
    await bob.ok({ event: "subscribe", room: "kicks" });
    await ann.ask("kicks", "kick", "bob k");
    await bob.settle();
    const leaves = bob.frames(({ event }) => event === "leave");
    expect(leaves).toMatchObject([{ room: "kicks", user: { name: "bob k" }, reason: "Enough." }]);
    for (const client of [ann, bob]) client.close();
  });

  test("[P84] all members get the events of a room in one order", async () => {
    const names = Array.from({ length: 8 }, (_, n) => `member ${n}`);
    const clients = await Promise.all(names.map((name) => server.user("order", name, "together")));
    await Promise.all(
      clients.flatMap((client, who) =>
        Array.from({ length: 30 }, (_, n) => client.ask("together", "say", [who, n])),
      ),
    );
    await Promise.all(clients.map((client) => client.settle()));
    const [first = [], ...others] = clients.map((client) => client.messages("said"));
    expect(first).toHaveLength(240);
    for (const other of others) expect(other).toEqual(first);
    for (const client of clients) client.close();
  });

  test("[P86] who comes back has left before", async () => {
    const witness = await server.user("order", "witness", "door");
    for (let time = 0; time < 20; time++) {
      const client = await server.user("order", "returner", "door");
      if (time % 2 === 0) client.close();
      else client.send({ event: "logout" });
    }
    await witness.next((frame) => frame.event === "leave" && witness.frames(isOfReturner).length === 40);
    const events = witness.frames(isOfReturner).map(({ event }) => event);
    expect(events).toEqual(Array.from({ length: 20 }, () => ["join", "leave"]).flat());
    witness.close();
  });
});

const isOfReturner = ({ event, user }: Frame) =>
  (event === "join" || event === "leave") && user.name === "returner";
