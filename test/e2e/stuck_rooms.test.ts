/** Rooms whose state can't be written any more: they keep their version, and everybody else goes on. */
import { expect, test } from "bun:test";
import type { Frame, TestClient } from "./client.ts";
import { runCommand, startServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";
import { apiOf } from "./versioned.ts";

const source = (named: string) => `
  import { defineRoom } from "hotroom";
  export default defineRoom({
    state: () => ({ n: 0 }) as any,
    events: { close(room) { room.broadcast("closing", "${named}"); } },
    messages: {
      say(room) { room.state.n++; return "${named}"; },
      circle(room) { room.state.parent = { child: { up: room.state } }; },
      mend(room) { delete room.state.parent; },
      big(room) { room.state.big = "x".repeat(2e5); },
      function(room) { room.state.toJSON = () => undefined; },
    },
  });`;

onEachRuntime("stuck rooms", (runtime) => {
  test("a room whose state can't be written keeps its version until the next edit, the others move, and the content stays live", async () => {
    const settings = (more = "") =>
      `{ "rooms": "join", "limits": { "state": 100000, "message": 1000000 }${more} }`;
    const server = await startServer({
      runtime,
      files: { "g/hotroom.json": settings(), "g/rooms/r.ts": source("one") },
    });
    const users: TestClient[] = [];
    for (let n = 0; n < 6; n++) users.push(await server.user("g", `u${n}`, `room ${n}`));
    const [ann, bob, cat] = users as [TestClient, TestClient, TestClient];
    const say = () => Promise.all(users.map((user, n) => user.ask(`room ${n}`, "say")));
    await ann.ask("room 0", "circle");
    await bob.ask("room 1", "big");
    await cat.ask("room 2", "function");
    server.write("g/rooms/r.ts", source("two"));
    await server.logged(/g v2·\w+ Version live: 3 rooms moved in \d+ ms, 3 kept theirs/);
    expect(await say()).toEqual(["one", "one", "one", "two", "two", "two"]);
    const room0 = server.lines("g/room 0");
    expect(room0).toEqual([
      expect.stringMatching(/^WARN room\.state\.parent\.child\.up is a circle/),
      expect.stringMatching(
        /^ERROR Room keeps its version until the next edit: Cannot move room "room 0" to v2·\w+: its state can't be written: .*circular/,
      ),
    ]);
    const view = await apiOf(server).get("g/versions");
    expect(view.quarantined).toEqual([]);
    expect(view.versions[0]).toMatchObject({ live: true, why: "swapped", roomCount: 3 });
    expect(view.versions[0].failures.map(({ room }: Frame) => room).toSorted()).toEqual([
      "room 0",
      "room 1",
      "room 2",
    ]);
    expect((await apiOf(server).get("g")).error).toBeUndefined();
    // The next edit finds one of them mended, and passes the others by.
    await ann.ask("room 0", "mend");
    server.write("g/rooms/r.ts", source("three"));
    await server.logged(/g v3·\w+ Version live: 4 rooms moved in \d+ ms, 2 kept theirs/);
    expect(await say()).toEqual(["three", "one", "one", "three", "three", "three"]);
    // A rehearsal does not count what could not move anyway.
    server.write("g/rooms/r.ts", source("four"));
    server.write("g/hotroom.json", settings(`, "rehearse": true`));
    await server.logged(/g v4·\w+ Version live: 4 rooms moved in \d+ ms, 2 kept theirs/);
    const rehearsed = runCommand(runtime, ["rehearse", "g", "--url", server.url]);
    expect(rehearsed.output).toMatch(/room 1 was not tried: .* its state can't be written/);
    expect(rehearsed.status).toBe(0);
    await server.kill();
  });

  test("an application whose own state can't be written keeps nobody from an edit", async () => {
    const app = `
      import { defineApplication } from "hotroom";
      export default defineApplication({
        state: () => ({}) as any,
        messages: { circle(app) { app.state.self = app.state; }, version: (app) => app.version.split("·")[0] },
      });`;
    const server = await startServer({
      runtime,
      files: { "g/hotroom.json": `{ "rooms": "join" }`, "g/app.ts": app, "g/rooms/r.ts": source("one") },
    });
    const ann = await server.user("g", "ann", "hall");
    await ann.ask(undefined, "circle");
    server.write("g/rooms/r.ts", source("two"));
    await server.logged(
      /ERROR +g v1·\w+ The application's extension keeps its version until the next edit: .*circular/,
    );
    await server.logged(/g v2·\w+ Version live: 1 room moved/);
    expect([await ann.ask("hall", "say"), await ann.ask(undefined, "version")]).toEqual(["two", "v1"]);
    await server.kill();
  });

  test("DELETE closes a room as a script does; a room that is closing already it ends at once", async () => {
    const slow = source("slow").replace(`room.broadcast("closing", "slow")`, `for (let n = 0; n < 1e9; n++)`);
    const server = await startServer({
      runtime,
      files: {
        "g.ts": source("one"),
        "slow/hotroom.json": `{ "rooms": "join", "limits": { "cpuPerEvent": 900, "cpuHard": 2000 } }`,
        "slow/rooms/r.ts": slow,
      },
    });
    const remove = async (path: string) => {
      const response = await fetch(`${server.url}/api/applications/${path}`, { method: "DELETE" });
      return [response.status, await response.json()];
    };
    const ann = await server.user("g", "ann", "the hall");
    await ann.ask("the hall", "circle");
    expect(await remove("g/rooms/the%20hall")).toEqual([
      200,
      { application: "g", room: "the hall", closed: true },
    ]);
    await ann.settle();
    expect(ann.messages("closing")).toEqual(["one"]);
    expect(ann.frames(({ event }) => event === "room_remove")).toEqual([
      { event: "room_remove", room: "the hall", reason: "An admin closed it." },
    ]);
    expect(server.lines("g/the hall")).toEqual([
      expect.stringMatching(/^WARN room\.state\.parent\.child\.up is a circle/),
      "INFO An admin closes the room.",
    ]);
    expect((await remove("g/rooms/the%20hall"))[0]).toBe(404);
    expect((await remove("nothing/rooms/hall"))[0]).toBe(404);
    await ann.ok({ event: "join", room: "the hall" });
    const bob = await server.user("slow", "bob", "hall");
    const both = await Promise.all([remove("slow/rooms/hall"), remove("slow/rooms/hall")]);
    for (const [status] of both) expect(status).toBe(200);
    await bob.next(({ event }) => event === "room_remove");
    await server.kill();
  });
});
