/** Connections as who runs a server sees and drops them. */
import { beforeAll, expect, test } from "bun:test";
import type { ConnectionView } from "../../src/core/control/connection_control.ts";
import type { TestClient } from "./client.ts";
import { back, files, guest, isAway, roomName, say, seenBy } from "./guests.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

onEachRuntime("connections", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files });
  });
  const path = "/api/applications/back/connections";
  const list = async (query = "") => {
    const text = await (await server.fetch(path + query)).text();
    return { text, ...(JSON.parse(text) as { connections: ConnectionView[]; next?: string }) };
  };
  const drop = (id: string) => server.fetch(`${path}/${id}`, { method: "DELETE" });
  const of = async (name: string) => (await list()).connections.find(({ user }) => user?.name === name);

  test("are listed with what their clients have got, and dropped as by a network: nothing is lost", async () => {
    const place = roomName();
    const ann = await guest(server, "back", place);
    const bob = await guest(server, "back", place);
    const stranger = await server.connect("back");
    await say(bob.client, place, "hello");
    await ann.client.message("said");
    const seen = seenBy(ann.client);
    ann.client.send({ event: "ping", seen });
    await ann.client.settle();
    const found = await list();
    expect(found.connections).toHaveLength(3);
    expect(found.text).not.toContain(ann.session);
    const [first, second, third] = found.connections as [ConnectionView, ConnectionView, ConnectionView];
    expect(first).toEqual({
      id: expect.stringMatching(/^c\d+$/),
      user: { id: expect.any(String), name: ann.name },
      state: "online",
      since: expect.any(Number),
      heard: expect.any(Number),
      seq: seen,
      seen,
      outbox: expect.any(Number),
      rooms: 1,
    });
    expect(second.seq).toBeGreaterThan(second.seen);
    expect(third).toMatchObject({ state: "online", seq: 0, rooms: 0 });
    expect(third.user).toBeUndefined();
    const page = await list("?limit=1");
    expect(page.connections.map(({ id }) => id)).toEqual([first.id]);
    expect((await list(`?cursor=${page.next}`)).connections[0]?.id).toBe(second.id);

    expect((await drop("c999999")).status).toBe(404);
    expect(await (await drop(first.id)).json()).toMatchObject({ id: first.id, state: "online" });
    expect([1005, 1006]).toContain((await ann.client.closed).code);
    await bob.client.next(isAway(ann.name));
    expect(await of(ann.name)).toMatchObject({ id: first.id, state: "away", outbox: 0, rooms: 1 });
    expect((await drop(first.id)).status).toBe(404);
    await say(bob.client, place, "missed");
    const { client, data } = await back(server, "back", ann.session, seen);
    expect(data).toMatchObject({ outcome: "resumed" });
    expect((await client.message("said")).data).toBe("missed");
    const again = await of(ann.name);
    expect(again).toMatchObject({ state: "online" });
    expect(again?.id).not.toBe(first.id);

    await drop(third.id);
    await stranger.closed;
    await until(
      "its end",
      async () => !(await list()).connections.some(({ id }) => id === third.id) || undefined,
    );
  });

  /** A room of so many that broadcasts are published, with the connection of one of them. */
  async function crowd() {
    const place = roomName();
    const [ann, bob, ...others] = await Promise.all(
      Array.from({ length: 6 }, () => guest(server, "back", place)),
    );
    if (!ann || !bob) throw new Error("Nobody has come.");
    const { id } = (await of(bob.name)) as ConnectionView;
    const close = () => {
      for (const { client } of [ann, bob, ...others]) client.close();
    };
    return { place, ann, bob, id, close };
  }
  const trouble = async (id: string, body: object) => {
    const init = { method: "PATCH", headers: { "content-type": "application/json" } };
    const answer = await server.fetch(`${path}/${id}`, { ...init, body: JSON.stringify(body) });
    return { status: answer.status, ...((await answer.json()) as ConnectionView) };
  };
  const said = ({ client }: { client: TestClient }) =>
    client.frames().flatMap(({ event, data }) => (event === "message" ? [data] : []));

  test("that are frozen get what all and what they alone were sent later, in order, and what they sent goes on then", async () => {
    const { place, ann, bob, id, close } = await crowd();
    const ask = (type: string, data: unknown) => ann.client.ask(place, type, data);
    await ask("say", "before");
    expect(await trouble(id, { freeze: 30_000 })).toMatchObject({
      status: 200,
      trouble: { frozenUntil: expect.any(Number), inbox: 0 },
    });
    bob.client.send({ event: "message", room: place, type: "say", data: "mine" });
    await ask("say", "1");
    await ask("whisper", { to: bob.name, text: "2" });
    await ask("say", "3");
    await ask("others", "4");
    const waiting = await until("what waits", async () => {
      const { trouble, outbox = 0 } = (await of(bob.name)) ?? {};
      return trouble && trouble.inbox > 0 ? outbox : undefined;
    });
    expect(waiting).toBeGreaterThan(4 * 40);
    expect(said(bob)).toEqual(["before"]);
    expect((await trouble(id, { freeze: 0 })).status).toBe(200);
    await ask("say", "after");
    await until("all of it", () => said(bob).length === 7);
    expect(said(bob).filter((text) => text !== "mine")).toEqual(["before", "1", "2", "3", "4", "after"]);
    expect(said(bob)).toContain("mine");
    expect(await of(bob.name)).not.toHaveProperty("trouble");
    await server.logged(/An admin freezes \(for 30000 ms\) connection c\d+\./);
    await server.logged(/The trouble of connection c\d+ is over\./);
    close();
  });

  test("that are delayed keep their order in both directions, and are what they were at the end of it", async () => {
    const { place, ann, bob, id, close } = await crowd();
    expect((await trouble(id, { delay: 30, delayFor: 600 })).trouble).toMatchObject({ delay: 30 });
    const sent = Array.from({ length: 40 }, (_, n) => `${n}`);
    for (const text of sent)
      if (Number(text) % 3) await ann.client.ask(place, "say", text);
      else await bob.client.ask(place, "say", text);
    await until("the end of it", async () => (await of(bob.name))?.trouble === undefined);
    await ann.client.ask(place, "say", "after");
    await until("all of it", () => said(bob).length === 41);
    expect(said(bob)).toEqual([...sent, "after"]);
    close();
  });

  test("that are frozen may be left for new ones: nothing is lost, nothing happens twice", async () => {
    const { place, ann, bob, id, close } = await crowd();
    await trouble(id, { freeze: 60_000 });
    await ann.client.ask(place, "say", "missed");
    bob.client.send({ event: "message", room: place, type: "take", data: "once", id: "first" });
    await until("what waits", async () => ((await of(bob.name))?.trouble?.inbox ?? 0) > 0);
    const { client, data } = await back(server, "back", bob.session, seenBy(bob.client));
    expect([data.outcome, data.received, (await bob.client.closed).code]).toEqual(["resumed", 1, 4503]);
    expect((await client.message("said")).data).toBe("missed");
    expect(await client.ask(place, "take", "once")).toBe(1);
    expect(await of(bob.name)).not.toHaveProperty("trouble");
    close();
    client.close();
  });

  test("that their clients close while they are frozen end behind what was sent before", async () => {
    const { place, ann, bob, id, close } = await crowd();
    await trouble(id, { freeze: 30_000 });
    bob.client.send({ event: "message", room: place, type: "say", data: "last words" });
    bob.client.close();
    await bob.client.closed;
    await ann.client.ask(place, "say", "meanwhile");
    expect(await of(bob.name)).toMatchObject({ state: "online" });
    await trouble(id, { freeze: 0 });
    await ann.client.next(({ event, user }) => event === "leave" && user.name === bob.name);
    await until("what it had sent", () => said(ann).length === 2);
    expect(said(ann)).toEqual(["meanwhile", "last words"]);
    close();
  });

  test("that are asked to be put to what nobody may order, or that there are not, are left alone", async () => {
    const { id, close } = await crowd();
    const wrong = [
      { delay: 10_001 },
      { freeze: 60_001 },
      { delay: 1, delayFor: 600_001 },
      { delay: -1 },
      { more: 1 },
    ];
    for (const body of wrong) expect((await trouble(id, body)).status).toBe(400);
    expect((await trouble("c999999", { delay: 1 })).status).toBe(404);
    expect((await trouble(id, { delay: 0, freeze: 0 })).trouble).toBeUndefined();
    close();
  });
});
