/** Sessions outlive what happens to scripts meanwhile: an edit, a version that is taken back, a killed script host. */
import { beforeEach, expect, test } from "bun:test";
import type { TestClient } from "./client.ts";
import { back, files, type Guest, guest, isAway, roomName, say, seenBy } from "./guests.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

onEachRuntime("outages", (runtime) => {
  let server: TestServer;
  let place: string;
  let ann: Guest;
  let bob: Guest;

  /** A room with two users, of whom the first is away. */
  beforeEach(async () => {
    server = await startServer({ runtime, files });
    place = roomName();
    ann = await guest(server, "short", place);
    bob = await guest(server, "short", place);
    // It is not the time that the scripts' troubles take which ends the session.
    server.write("short/hotroom.json", `{ "rooms": "join" }`);
    await server.logged(/short v2\S* .*live/i);
    await say(bob.client, place, "before");
    await ann.client.message("said");
  });

  /** Who a room's script, and the application's, take for connected. */
  async function connected(client: TestClient) {
    const asked = [await client.ask(place, "who"), await client.ask(undefined, "who")];
    return asked.map((users: [string, boolean][]) => users.find(([name]) => name === ann.name)?.[1]);
  }

  async function kill(): Promise<void> {
    for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
    await say(bob.client, place, "after a kill");
  }

  async function edit(version: number, change: (source: string) => string): Promise<void> {
    server.write("short/rooms/hall.ts", change(files["short/rooms/hall.ts"]));
    await server.logged(new RegExp(`short v${version}\\S* .*live`, "i"));
    await say(bob.client, place, `after edit ${version}`);
  }

  /** The first user comes back, and gets all that was said. */
  async function comesBack(seen: number, texts: readonly string[]): Promise<TestClient> {
    const { client, data } = await back(server, "short", ann.session, seen);
    await client.settle();
    expect(data).toMatchObject({ outcome: "resumed", user: { name: ann.name }, received: 1 });
    expect(client.messages("said")).toEqual([...texts]);
    return client;
  }

  test("a session outlives an edit and a killed host, and scripts know who is away after each", async () => {
    const seen = seenBy(ann.client);
    ann.client.drop();
    await bob.client.next(isAway(ann.name));
    expect(await connected(bob.client)).toEqual([false, false]);
    await edit(3, (source) => `${source}\n// edited\n`);
    expect(await connected(bob.client)).toEqual([false, false]);
    await kill();
    expect(await connected(bob.client)).toEqual([false, false]);
    const client = await comesBack(seen, ["after edit 3", "after a kill"]);
    expect(await connected(bob.client)).toEqual([true, true]);
    await kill();
    expect(await connected(bob.client)).toEqual([true, true]);
    expect(await client.ask(place, "who")).toContainEqual([ann.name, true]);
    await server.kill();
  });

  test("a session outlives a version that is taken back, and what was asked while a host died is answered once", async () => {
    const seen = seenBy(ann.client);
    ann.client.send({ event: "message", id: "kept", room: place, type: "take", data: "one" });
    await until("it to be sent", () => ann.client.socket.bufferedAmount === 0);
    await ann.client.next(({ id }) => id === "kept");
    ann.client.drop();
    await bob.client.next(isAway(ann.name));
    server.write(
      "short/rooms/hall.ts",
      files["short/rooms/hall.ts"].replace("say(room, user, text: string) {", "$& text.nothing.at(0);"),
    );
    await server.logged(/short v3\S* .*live/i);
    await say(bob.client, place, "taken back");
    await server.logged(/Rolled back/);
    expect(await connected(bob.client)).toEqual([false, false]);
    const client = await server.connect("short");
    client.idPrefix = "again ";
    const data = await client.ok({ event: "reconnect", data: { session: ann.session, seen } });
    expect(data).toMatchObject({ outcome: "resumed", received: 2 });
    await client.settle();
    expect(client.messages("said")).toEqual(["taken back"]);
    expect(client.frames(({ id }) => id === "kept")).toHaveLength(1);
    expect(await client.ask(place, "taken")).toEqual(["one"]);
    expect(await connected(bob.client)).toEqual([true, true]);
    await server.kill();
  });
});
