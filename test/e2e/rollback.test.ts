/** What an edit that fails leaves behind: nothing. */
import { expect, test } from "bun:test";
import type { Frame, TestClient } from "./client.ts";
import { runCommand, startServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";
import { apiOf, room, rooms, throws } from "./versioned.ts";

onEachRuntime("rollbacks", (runtime) => {
  const start = (files: Record<string, string>) =>
    startServer({ runtime, files, args: ["--inbound-rate", "0"] });

  test("a first event that fails is handled by the old version, with the old state, and the room stays there", async () => {
    const server = await start({ "game.ts": room(1) });
    const clients = await rooms(server, "game", 12);
    const [ann] = clients as [TestClient];
    for (const [n, client] of clients.entries()) await client.ask(`room ${n}`, "hit", 1);
    // The new version fails in room 0 only, after it has migrated everybody.
    const broken = room(
      `(room.name === "room 0" ? (() => { throw new Error("only here"); })() : 10)`,
      "migrate: (state: any) => ({ ...state, hits: state.hits + 1000 }),",
    );
    server.write("game.ts", broken);
    await server.logged(/game v2·\w+ Version live: 12 rooms moved/);
    const asked = [2, 3, 4, 5].map((n) => ann.ask("room 0", "hit", n));
    const replies = await Promise.all(asked);
    expect(replies.every((version) => version.startsWith("v1·"))).toBe(true);
    expect(await ann.ask("room 0", "state")).toEqual({ hits: 5, seen: [1, 2, 3, 4, 5] });
    expect(ann.messages("hit").map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
    // One room of twelve is not enough to take the version back from the others.
    expect(await clients[1]?.ask("room 1", "hit", 2)).toStartWith("v2·");
    expect(await clients[1]?.ask("room 1", "state")).toEqual({ hits: 1011, seen: [1, 2] });
    expect(server.lines("game/room 0").join("\n")).toMatch(
      /ERROR Rolled back to v1·\w+: its first event in v2·\w+ failed: message "hit": .*only here \(game\.ts:7:\d+\)/,
    );
    const { versions } = await apiOf(server).get("game/versions");
    expect(versions[0]).toMatchObject({ live: true, why: "swapped", roomCount: 11 });
    expect(versions[0].failures).toEqual([{ room: "room 0", reason: expect.stringContaining("only here") }]);
    expect(versions[1]).toMatchObject({ live: false, roomCount: 1 });
    expect(versions[1].running).toEqual([{ room: "room 0", why: "rolled_back", since: expect.any(Number) }]);
    await server.kill();
  });

  test("[R7] three rooms that fail take the application back, and what happened since is kept", async () => {
    const server = await start({ "game.ts": room(1) });
    const api = apiOf(server);
    const clients = await rooms(server, "game", 40);
    for (const [n, client] of clients.entries()) await client.ask(`room ${n}`, "hit", 1);
    const fails = `(/room [012]$/.test(room.name) ? (() => { throw new Error("boom"); })() : 10)`;
    const bad = room(fails, "migrate: (state: any) => ({ ...state, hits: state.hits * 100 }),");
    server.write("game.ts", bad);
    await server.logged(/game v2·\w+ Version live: 40 rooms moved/);
    // Room 5 has events of the new version, which the old version makes its own.
    expect(await clients[5]?.ask("room 5", "hit", 2)).toStartWith("v2·");
    expect(await clients[5]?.ask("room 5", "hit", 3)).toStartWith("v2·");
    const late = await server.user("game", "late", "room 5");
    for (const n of [0, 1, 2]) expect(await clients[n]?.ask(`room ${n}`, "hit", 2)).toStartWith("v1·");
    await server.logged(
      /game v2·\w+ v1·\w+ keeps running: The version was rolled back, and its content is quarantined/,
    );
    for (const [n, client] of clients.entries()) {
      if (n === 5) continue;
      const seen = n < 3 ? [1, 2] : [1];
      expect(await client.ask(`room ${n}`, "state")).toEqual({ hits: seen.length, seen });
    }
    expect(await clients[5]?.ask("room 5", "state")).toEqual({ hits: 3, seen: [1, 2, 3] });
    // Who joined meanwhile is a member still.
    expect(await late.ask("room 5", "hit", 4)).toStartWith("v1·");
    expect(clients[5]?.messages("hit").map(({ n }) => n)).toEqual([1, 2, 3, 4]);
    const view = await api.get("game/versions");
    expect(view.versions.map(({ why, live }: Frame) => [why, live])).toEqual([
      ["quarantined", false],
      ["rolled_back", true],
    ]);
    expect(view.quarantined).toEqual([{ hash: view.versions[0].hash, version: view.versions[0].version }]);
    expect((await api.get("game")).error.message).toContain("boom");

    // The same content again is not even loaded; another one is.
    server.write("game.ts", room(2));
    await server.logged(/game v3·\w+ Version live: 40 rooms moved/);
    server.write("game.ts", bad);
    await server.logged(/game v4·\w+ v3·\w+ keeps running: This content is quarantined/);
    expect(await clients[9]?.ask("room 9", "hit", 5)).toStartWith("v3·");
    for (const client of clients) expect(client.isOpen).toBe(true);
    await server.kill();
  });

  test("a first event that kills the script host is handled by the old version", async () => {
    const server = await start({ "game.ts": room(1) });
    const ann = await server.user("game", "ann", "hall");
    await ann.ask("hall", "hit", 1);
    server.write("game.ts", room("(Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1), 1)"));
    await server.logged(/game v2·\w+ Version live/);
    expect(await ann.ask("hall", "hit", 2)).toStartWith("v1·");
    expect(await ann.ask("hall", "state")).toEqual({ hits: 2, seen: [1, 2] });
    await server.kill();
  });

  test("who joined in a version that is left is a member, though the version before would have refused", async () => {
    const guarded = (names: string) =>
      room(
        1,
        `events: { join(room, user) { if (!${names}.includes(user.name)) throw new Error("not you"); } },`,
        "names: (room) => room.users.map(({ name }) => name),",
      );
    const server = await start({ "game.ts": guarded(`["ann"]`) });
    const ann = await server.user("game", "ann", "hall");
    server.write("game.ts", guarded(`["ann", "bob"]`));
    await server.logged(/game v2·\w+ Version live/);
    const bob = await server.user("game", "bob", "hall");
    expect(await bob.ask("hall", "hit", 1)).toStartWith("v2·");
    expect(runCommand(runtime, ["rollback", "game", "--url", server.url]).status).toBe(0);
    expect(await bob.ask("hall", "hit", 2)).toStartWith("v1·");
    expect(await ann.ask("hall", "names")).toEqual(["ann", "bob"]);
    expect(await ann.ask("hall", "state")).toEqual({ hits: 2, seen: [1, 2] });
    await server.kill();
  });

  test("an emit whose handler fails is handled by the old version, though the room has answered messages in the new one", async () => {
    const posts = (first = "") =>
      room(
        1,
        `emits: { posted(room, n) { room.state.hits += 100; ${first} room.broadcast("posted", { n, version: room.version }); } },`,
        `post(room, user, n) { room.application.room("room 1").emit("posted", n); return room.version; },`,
      );
    const server = await start({ "game.ts": posts() });
    const clients = await rooms(server, "game", 12);
    const [ann, bob] = clients as [TestClient, TestClient];
    server.write("game.ts", posts(`throw new Error("not here");`));
    await server.logged(/game v2·\w+ Version live: 12 rooms moved/);
    expect(await bob.ask("room 1", "hit", 1)).toStartWith("v2·");
    for (const n of [1, 2, 3]) expect(await ann.ask("room 0", "post", n)).toStartWith("v2·");
    for (const n of [1, 2, 3]) {
      const { data } = await bob.message("posted");
      expect(data).toEqual({ n, version: expect.stringMatching(/^v1·/) });
    }
    expect(await bob.ask("room 1", "state")).toEqual({ hits: 301, seen: [1] });
    expect(bob.messages("hit").map(({ n }) => n)).toEqual([1]);
    expect(server.lines("game/room 1").join("\n")).toMatch(
      /ERROR Rolled back to v1·\w+: its first event in v2·\w+ failed: emit "posted": .*not here/,
    );
    await server.kill();
  });

  test("[R7] an extension whose first event fails takes its application back", async () => {
    const app = (login: string) => `
      import { defineApplication } from "hotroom";
      export default defineApplication({
        state: () => ({ logins: 0 }),
        events: { login(app) { app.state.logins++; ${login} } },
        messages: { logins: (app) => app.state.logins },
      });`;
    const server = await start({
      "game/app.ts": app(""),
      "game/hotroom.json": `{ "rooms": "join" }`,
      "game/rooms/hall.ts": room(1),
    });
    const ann = await server.user("game", "ann", "hall");
    server.write("game/app.ts", app(`throw new Error("nobody comes in");`));
    await server.logged(/game v2·\w+ Version live/);
    const bob = await server.user("game", "bob", "hall");
    await server.logged(/v1·\w+ keeps running: The version was rolled back/);
    expect(await bob.ask("hall", "hit", 1)).toStartWith("v1·");
    expect(await ann.ask(undefined, "logins")).toBe(2);
    await server.kill();
  });

  test("no event is lost, repeated or reordered where edits fail under load", async () => {
    const server = await start({ "game.ts": room(1) });
    const clients = await rooms(server, "game", 10);
    const sent = clients.map(() => 0);
    let going = true;
    const talk = clients.map(async (client, index) => {
      const replies: Promise<Frame>[] = [];
      while (going) {
        const n = sent[index] ?? 0;
        sent[index] = n + 1;
        replies.push(client.ask(`room ${index}`, "hit", n));
        if (n % 8 === 7) await replies.at(-1);
      }
      return Promise.all(replies);
    });
    for (let edit = 0; edit < 6; edit++) {
      const from = server.output().length;
      server.write("game.ts", edit % 2 === 0 ? throws(`bad ${edit}`) : room(1, `/* ${edit} */`));
      await server.logged(
        edit % 2 === 0 ? /keeps running: The version was rolled back/ : /Version live: 10/,
        from,
      );
    }
    going = false;
    await Promise.all(talk);
    for (const [index, client] of clients.entries()) {
      const all = Array.from({ length: sent[index] ?? 0 }, (_, n) => n);
      const state = await client.ask(`room ${index}`, "state");
      expect(state.seen).toEqual(all);
      expect(state.hits).toBe(all.length);
      expect(client.messages("hit").map(({ n }) => n)).toEqual(all);
      expect(client.isOpen).toBe(true);
    }
    await server.kill();
  });
});
