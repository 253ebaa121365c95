/** An edit that is taken back: what runs goes on, and nobody moves. */
import { expect, test } from "bun:test";
import type { TestClient } from "./client.ts";
import { startServer, type TestServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";
import { apiOf, room, rooms, throws } from "./versioned.ts";

const again = /The files are those of this version again: it keeps running/;

onEachRuntime("undone edits", (runtime) => {
  const start = (source: string) =>
    startServer({ runtime, files: { "game.ts": source }, args: ["--inbound-rate", "0"] });
  const moves = (server: TestServer) => server.output().match(/Version live/g)?.length ?? 0;
  const undo = async (server: TestServer, source: string) => {
    const from = server.output().length;
    server.write("game.ts", source);
    return server.logged(again, from);
  };

  test("one that did not compile, or did not load, leaves nothing when it is undone", async () => {
    const first = room(1);
    const server = await start(first);
    const ann = await server.user("game", "ann", "hall");
    const api = apiOf(server);
    const before = await api.get("game");
    for (const broken of [`${first}\nlet x = ;`, `${first}\nthrow new Error("at the top");`]) {
      const from = server.output().length;
      server.write("game.ts", broken);
      await server.logged(/v1·\w+ keeps running: game\.ts:/, from);
      expect((await api.get("game")).error).toBeDefined();
      expect(await undo(server, first)).toContain("INFO  game v1·");
      const after = await api.get("game");
      expect([after.error, after.version, after.since]).toEqual([undefined, before.version, before.since]);
    }
    expect((await api.get("game/versions")).versions).toMatchObject([
      { live: true, why: "new", roomCount: 1 },
    ]);
    expect([await ann.ask("hall", "hit", 1), moves(server)]).toEqual([before.version, 0]);
    // White space is a change, and so is the same content once another has run.
    server.write("game.ts", `${first}\n`);
    await server.logged(/Version live: 1 room moved/);
    const second = await ann.ask("hall", "hit", 2);
    server.write("game.ts", first);
    await server.logged(/Version live: 1 room moved[\s\S]*Version live: 1 room moved/);
    const third = await ann.ask("hall", "hit", 3);
    expect(new Set([before.version, second, third]).size).toBe(3);
    await server.kill();
  });

  test("one that was rolled back: the content that runs since then is no edit, and the bad one stays quarantined", async () => {
    const good = room(1);
    const server = await start(good);
    const clients = await rooms(server, "game", 3);
    const [ann] = clients as [TestClient];
    server.write("game.ts", throws());
    await server.logged(/game v2·\w+ Version live: 3 rooms moved/);
    expect(await ann.ask("room 0", "hit", 1)).toStartWith("v1·");
    await server.logged(/v1·\w+ keeps running: The version was rolled back/);
    const api = apiOf(server);
    const { since } = await api.get("game");
    await undo(server, good);
    const view = await api.get("game");
    expect([view.error, view.since, moves(server)]).toEqual([undefined, since, 1]);
    for (const [n, client] of clients.entries())
      expect(await client.ask(`room ${n}`, "hit", 2)).toStartWith("v1·");
    const from = server.output().length;
    server.write("game.ts", throws());
    await server.logged(/v1·\w+ keeps running: This content is quarantined/, from);
    await undo(server, good);
    expect((await api.get("game")).error).toBeUndefined();
    server.write("game.ts", room(2));
    await server.logged(/Version live: 3 rooms moved[\s\S]*Version live: 3 rooms moved/);
    await server.kill();
  });

  test("the content of the last edit is that version again where somebody has gone back before it by hand", async () => {
    const second = room(2);
    const server = await start(room(1));
    const ann = await server.user("game", "ann", "hall");
    server.write("game.ts", second);
    await server.logged(/game v2·\w+ Version live/);
    const api = apiOf(server);
    await api.send("POST", "game/rollback", { version: "v1" });
    let from = server.output().length;
    server.write("game.ts", `${second}\nlet x = ;`);
    await server.logged(/v1·\w+ keeps running/, from);
    from = server.output().length;
    server.write("game.ts", second);
    await server.logged(/game v2·\w+ Version live: 1 room moved/, from);
    expect(await ann.ask("hall", "hit", 1)).toStartWith("v2·");
    const { versions } = await api.get("game/versions");
    expect(
      versions.map(({ version, live }: { version: string; live: boolean }) => [version.split("·")[0], live]),
    ).toEqual([
      ["v2", true],
      ["v1", false],
    ]);
    await server.kill();
  });
});
