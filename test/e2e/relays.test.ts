/** Messages that the server passes on without asking the script, on real servers: who gets what, edits, killed hosts, bounds. */
import { beforeAll, expect, test } from "bun:test";
import { type Client, connect } from "../../src/client/client.ts";
import type { Frame, TestClient } from "./client.ts";
import { seenBy } from "./guests.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { Restartable } from "./restartable.ts";
import { onEachRuntime } from "./runtimes.ts";
import { apiOf } from "./versioned.ts";

const hall = (cursor = "relay({ volatile: true })", more = "") => `
import { defineRoom, relay } from "hotroom";
export default defineRoom({
  state: () => ({ heard: [] as unknown[] }),
  events: { message: (room, user, { type }) => "caught " + type },
  messages: {
    cursor: ${cursor},
    ink: relay({ to: "all", maxBytes: 16, rate: 1000 }),
    slow: relay({ rate: 1 }),
    heard: (room) => room.state.heard,
    ${more}
  },
});`;
const files = (room = hall()) => ({ "hall/rooms/hall.ts": room, "hall/hotroom.json": '{"rooms":"join"}' });
const inHall = (type: string, data?: unknown) => ({ event: "message", room: "hall", type, data });
const [cursor, ink, slow] = ["cursor", "ink", "slow"].map(
  (type) => (client: TestClient, data?: unknown) => client.send(inHall(type, data)),
) as [Send, Send, Send];
type Send = (client: TestClient, data?: unknown) => void;
/** What the first has sent is handled, and the others have what came of it. */
const all = async (first: TestClient, ...others: TestClient[]) => {
  await first.settle();
  await Promise.all(others.map((client) => client.settle()));
};
const versionOf = async (server: TestServer) =>
  (await apiOf(server).get("hall/rooms/hall")).version as string;

onEachRuntime("relays", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files: files() });
  });

  test("[P170, P171] the others get it, members and watchers, in the sender's order and with its id; with `all` the sender does as well", async () => {
    const [ann, bob, cid, dan] = await Promise.all(
      ["ann", "bob", "cid", "dan"].map((name) => server.user("hall", name, "hall")),
    );
    const eve = await server.user("hall", "eve");
    await eve.ok({ event: "subscribe", room: "hall" });
    if (!ann || !bob || !cid || !dan) throw new Error("unreachable");
    const others = [bob, cid, dan, eve];
    for (const n of [1, 2, 3]) cursor(ann, { n });
    ink(ann, "drop");
    cursor(ann);
    await all(ann, ...others);
    const from = ann.messages("ink")[0].from as string;
    expect(from).toMatch(/^u\d+$/);
    const moves = [{ n: 1 }, { n: 2 }, { n: 3 }].map((data) => ({ from, data }));
    for (const other of others) {
      expect(other.messages("cursor")).toEqual([...moves, { from }]);
      expect(other.messages("ink")).toEqual([{ from, data: "drop" }]);
    }
    expect(ann.messages("cursor")).toEqual([]);
    expect(ann.messages("ink")).toEqual([{ from, data: "drop" }]);
    // A request gets an empty reply, behind what it is about.
    expect(await ann.request({ id: "r", ...inHall("ink", [1]) })).toEqual({ id: "r", ok: true });
    const [message, reply] = ann.frames().slice(-2);
    expect([message.type, reply.id]).toEqual(["ink", "r"]);
    // Volatile frames have no number; the others do, as replies have.
    expect(bob.frames(({ type }) => type === "cursor").map(({ seq }) => seq)).toEqual(
      Array(4).fill(undefined),
    );
    expect(bob.frames(({ type }) => type === "ink").every(({ seq }) => seq > 0)).toBe(true);
    // Who is no member gets what a message gets.
    expect((await eve.fails(inHall("cursor"))).code).toBe("not_in_room");
    expect(await ann.ok(inHall("heard"))).toEqual([]);
    expect(await ann.ok(inHall("what"))).toBe("caught what");
    for (const client of [ann, ...others]) client.close();
  });

  test("[P172] data with too many bytes is too_large, and what is over the rate is dropped, rate_limited where a reply was asked for", async () => {
    const [ann, bob] = [await server.user("hall", "ann2", "hall"), await server.user("hall", "bob2", "hall")];
    expect(await ann.ok(inHall("ink", "x".repeat(14)))).toBeUndefined();
    expect(await ann.fails(inHall("ink", "x".repeat(15)))).toEqual({
      code: "too_large",
      message: 'Cannot pass "ink" on: its data has more than 16 bytes.',
    });
    // Bytes of UTF-8, not characters: 4 × 3 and two quotes, and once more.
    expect(await ann.ok(inHall("ink", "€€€€"))).toBeUndefined();
    ink(ann, "€€€€€");
    expect((await ann.next(({ event }) => event === "error")).error.code).toBe("too_large");
    for (let n = 1; n <= 20; n++) slow(ann, n);
    expect(await ann.fails(inHall("slow", "asked"))).toEqual({
      code: "rate_limited",
      message: 'Cannot pass "slow" on: more than 1 a second (2 at once) came.',
    });
    // Another one's are its own.
    await bob.ok(inHall("slow", "b"));
    await all(ann, bob);
    const heard = bob.messages("slow").map(({ data }) => data);
    expect(heard.slice(0, 2)).toEqual([1, 2]);
    expect(heard.length).toBeLessThan(20);
    expect(ann.frames(({ event }) => event === "error")).toHaveLength(1);
    const { usage } = (await apiOf(server).get("hall/rooms/hall")) as { usage: { failures: object } };
    expect(usage.failures).toMatchObject({ relays: 21 - heard.length });
    for (const client of [ann, bob]) client.close();
  });

  test("[P173] bytes are passed on as a binary frame with the sender in its header", async () => {
    const clients: Client[] = [];
    const enter = async (name: string) => {
      const client = await connect(`${server.url.replace("http", "ws")}/ws/hall`);
      clients.push(client);
      await client.login({ name });
      return client.join("bytes");
    };
    const [ann, bob] = [await enter("ann3"), await enter("bob3")];
    const heard: unknown[] = [];
    bob.messages.on("ink", (data) => heard.push(data));
    const [header, frame] = [Promise.withResolvers<string>(), new Uint8Array([1, 0, 255])];
    clients[1]?.on("frame", (way, raw) => {
      if (way === "in" && raw instanceof Uint8Array) header.resolve(Buffer.from(raw).toString("latin1"));
    });
    expect(await ann.request("ink", frame)).toBeUndefined();
    await ann.request("ink", new Uint8Array(16));
    const failed = await ann.request("ink", new Uint8Array(17)).catch((error) => error);
    expect(failed).toMatchObject({ code: "too_large" });
    const from = clients[0]?.user?.id as string;
    expect(await header.promise).toStartWith(
      `{"event":"message","room":"bytes","type":"ink","from":"${from}","seq":`,
    );
    await until("both", () => heard.length === 2);
    expect(heard).toEqual([
      { from, data: frame },
      { from, data: new Uint8Array(16) },
    ]);
    for (const client of clients) await client.close();
  });

  test("are passed on while no script host lives, and hidden keys of what was sent are not", async () => {
    const [ann, bob] = [await server.user("hall", "ann4", "hall"), await server.user("hall", "bob4", "hall")];
    for (const pid of server.hostPids()) process.kill(pid, "SIGSTOP");
    const heard = ann.ok(inHall("heard"));
    cursor(ann, 1);
    // The first of two equal keys is nobody's to see: it was not looked at.
    ann.send('{"event":"message","room":"hall","type":"ink","data":{"a":1e999, "a":[ 2 ]}}');
    await bob.message("ink");
    expect([...bob.messages("cursor"), ...bob.messages("ink")].map(({ data }: Frame) => data)).toEqual([
      1,
      { a: [2] },
    ]);
    for (const pid of server.hostPids()) process.kill(pid, "SIGCONT");
    expect(await heard).toEqual([]);
    for (const client of [ann, bob]) client.close();
  });

  test("an edit makes a handler of a relay and a relay of a handler, with nothing lost, and so does a way back", async () => {
    const own = await startServer({ runtime, files: files() });
    const [ann, bob] = [await own.user("hall", "ann", "hall"), await own.user("hall", "bob", "hall")];
    const handler = `(room, user, data) => { room.state.heard.push(data); room.broadcast("cursor", data); }`;
    cursor(ann, "relayed");
    await bob.message("cursor");
    const edit = async (source: string) => {
      const before = await versionOf(own);
      own.write("hall/rooms/hall.ts", source);
      await until("the edit", async () => (await versionOf(own)) !== before);
    };
    await edit(hall(handler));
    await ann.ok(inHall("cursor", "handled"));
    expect((await bob.message("cursor")).data).toBe("handled");
    // While it goes on each is either handled or passed on.
    const stop = Promise.withResolvers<void>();
    let sent = 0;
    const timer = setInterval(() => {
      cursor(ann, sent++);
      if (sent === 40) stop.resolve();
    }, 2);
    await edit(hall('relay({ to: "all", rate: 1000 })'));
    await stop.promise;
    clearInterval(timer);
    await ann.ok(inHall("cursor", "last"));
    expect(await ann.ok(inHall("heard"))).not.toContain("last");
    await all(bob);
    const got = bob.messages("cursor").map((data) => (typeof data === "object" ? data.data : data));
    expect(got.filter((data) => typeof data === "number")).toEqual(Array.from({ length: sent }, (_, n) => n));
    expect(ann.messages("cursor").at(-1)).toMatchObject({ data: "last" });
    // Other options hold at once; a version that fails takes its relays back.
    await edit(hall("relay({ maxBytes: 2 })"));
    expect((await ann.fails(inHall("cursor", "four"))).code).toBe("too_large");
    await edit(hall("relay({ maxBytes: 9 })", `heard: () => { throw new Error("boom"); },`));
    expect(await ann.ok(inHall("cursor", "four"))).toBeUndefined();
    await ann.ok(inHall("heard"));
    expect((await ann.fails(inHall("cursor", "four"))).code).toBe("too_large");
    await own.stop();
  });
});

test("in a durable room relays are no events: what they sent is there for who is away, also after the server was killed, and the script's own is as it was", async () => {
  const durable = hall()
    .replace("state:", "durable: true, state:")
    .replace(
      "messages: {",
      `messages: {
      add: (room, user, n) => { room.state.heard.push(n); room.broadcast("added", n); },`,
    );
  const game = await new Restartable("bun", files(durable)).start();
  const ann = await connect(`${game.url}/ws/hall`, { reconnect: { minDelay: 10, maxDelay: 100 } });
  await ann.login({ name: "ann" });
  const room = await ann.join("hall");
  const bob = await game.connect("hall");
  const { session } = await bob.ok({ event: "login", data: { name: "bob" } });
  await bob.ok({ event: "join", room: "hall" });
  await room.request("add", 1);
  await room.request("ink", "a");
  await bob.message("ink");
  const seen = seenBy(bob);
  bob.drop();
  for (const data of ["b", "c"]) await room.request("ink", data);
  await room.request("cursor", "gone");
  await room.request("add", 2);
  await game.restart();
  await room.request("ink", "d");
  expect(await room.request("heard")).toEqual([1, 2]);
  const again = await game.connect("hall");
  await again.ok({ event: "reconnect", data: { session, seen } });
  const from = ann.user?.id as string;
  await until("what was missed", () => again.messages("ink").length === 3);
  expect(again.messages("ink")).toEqual(["b", "c", "d"].map((data) => ({ from, data })));
  expect([again.messages("added"), again.messages("cursor")]).toEqual([[2], []]);
  await ann.close();
  await game.server.stop();
});
