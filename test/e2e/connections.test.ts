/** Connections as who runs a server sees and drops them. */
import { beforeAll, expect, test } from "bun:test";
import type { ConnectionView } from "../../src/core/control/connection_control.ts";
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
});
