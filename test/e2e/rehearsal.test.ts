/** A version is tried on copies of the live rooms, and nobody notices. */
import { expect, test } from "bun:test";
import { runCommand, startServer, type TestServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const room = (hit: string, more = "") => `
  import { defineRoom, refuse } from "hotroom";
  export default defineRoom({
    state: () => ({ hits: 0, seen: [] as number[], names: [] as string[] }),
    events: {
      join(room, user) { room.state.names.push(user.name); room.broadcast("welcome", user.name); },
      leave(room, user) { room.state.names.push("-" + user.name); },
    },
    timers: { later() {} },
    messages: {
      hit(room, user, n: number) {
        ${hit}
        room.state.seen.push(n);
        room.broadcast("hit", { n, users: room.users.length });
        room.schedule("later", 3600_000);
        console.log("hit", n);
        return room.version;
      },
      state: (room) => room.state,
    },
    ${more}
  });`;
const good = room("room.state.hits += 1;");

async function rehearse(server: TestServer, application: string, body: object = {}) {
  const response = await fetch(`${server.url}/api/applications/${application}/rehearse`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, report: await response.json() };
}

onEachRuntime("rehearsals", (runtime) => {
  test("a version that is pinned out is tried with what has happened, and its errors and differences are told", async () => {
    const server = await startServer({
      runtime,
      files: { "game/hotroom.json": `{ "rooms": "join", "reload": "pin" }`, "game/rooms/hall.ts": good },
    });
    const ann = await server.user("game", "ann", "hall");
    const bob = await server.user("game", "bob", "hall");
    for (const n of [1, 2, 3]) await ann.ask("hall", "hit", n);
    await bob.ok({ event: "leave", room: "hall" });
    server.write(
      "game/rooms/hall.ts",
      room(
        `if (n === 2) throw new Error("not two");
        room.state.hits += 10 * room.users.length;`,
        "migrate: (state: any) => ({ ...state, title: 'moved' }),",
      ),
    );
    await server.logged(/game v2·\w+ Version live/);
    // That bob has left is there.
    await ann.settle();
    const [frames, lines] = [ann.frames().length, server.lines("game/hall").length];
    const { status, report } = await rehearse(server, "game");
    expect(status).toBe(200);
    expect(report).toMatchObject({ application: "game", tried: 1, failed: 1, changed: 1 });
    expect(report.version).toStartWith("v2·");
    const [hall] = report.rooms;
    expect(hall.room).toBe("hall");
    expect(hall.version).toStartWith("v1·");
    expect(hall.errors).toEqual([
      {
        event: 'message "hit"',
        message: "Error: not two",
        position: { file: "rooms/hall.ts", line: 12, column: expect.any(Number) },
      },
    ]);
    expect(hall.differences).toEqual([
      { path: "$.hits", before: 3, after: 40 },
      { path: "$.seen[1]", before: 2, after: 3 },
      { path: "$.seen[2]", before: 3 },
      { path: "$.title", after: "moved" },
    ]);
    // Nothing of it has happened: no frame, no log line, no change.
    await ann.settle();
    expect(ann.frames().length).toBe(frames + 1);
    expect(server.lines("game/hall")).toHaveLength(lines);
    expect(await ann.ask("hall", "hit", 4)).toStartWith("v1·");
    expect((await ann.ask("hall", "state")).hits).toBe(4);

    const told = runCommand(runtime, ["rehearse", "game", "--url", server.url]);
    expect(told.status).toBe(1);
    expect(told.stdout).toMatch(/error in message "hit": Error: not two \(rooms\/hall\.ts:12:\d+\)/);
    expect(told.stdout).toContain('$.title: nothing -> "moved"');
    // The version that it runs comes to what it has come to.
    const same = runCommand(runtime, ["rehearse", "game", "v1", "--url", server.url]);
    expect(same).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/1 room, 0 with errors, 0 with/),
    });
    expect(await rehearse(server, "game", { version: "v7" })).toMatchObject({ status: 404 });
    await server.kill();
  });

  test("with the setting, an edit whose rehearsal gives an error does not go live", async () => {
    const server = await startServer({
      runtime,
      files: { "game/hotroom.json": `{ "rooms": "join", "rehearse": true }`, "game/rooms/hall.ts": good },
    });
    const ann = await server.user("game", "ann", "hall");
    await ann.ask("hall", "hit", 1);
    server.write("game/rooms/hall.ts", room("(room.state as any).missing.push(n);"));
    const line = await server.logged(
      /game v2·\w+ v1·\w+ keeps running: The rehearsal failed: hall: message "hit"/,
    );
    expect(line).toContain("rooms/hall.ts:12:");
    server.write("game/rooms/hall.ts", room("", `migrate() { throw new Error("no way"); },`));
    await server.logged(
      /game v3·\w+ v1·\w+ keeps running: The rehearsal failed: hall: migrate: Error: no way/,
    );
    server.write("game/rooms/hall.ts", room("", `migrate() { for (;;); },`));
    await server.logged(/game v4·\w+ v1·\w+ keeps running: The rehearsal failed: hall: migrate: .* CPU time/);
    server.write("game/rooms/hall.ts", room("Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);"));
    await server.logged(/game v5·\w+ v1·\w+ keeps running: The rehearsal failed: hall: message "hit"/);
    expect(await ann.ask("hall", "hit", 2)).toStartWith("v1·");
    const view = await (await fetch(`${server.url}/api/applications/game/versions`)).json();
    expect(view.versions).toHaveLength(1);
    expect(view.rehearsal).toMatchObject({ failed: 1, rooms: [{ room: "hall" }] });
    // Another state is what edits are for.
    server.write("game/rooms/hall.ts", room("room.state.hits += 2;"));
    await server.logged(/game v6·\w+ Rehearsed with 1 room: 0 with errors, 1 with another state/);
    await server.logged(/game v6·\w+ Version live: 1 room moved/);
    expect(await ann.ask("hall", "hit", 3)).toStartWith("v6·");
    expect(await ann.ask("hall", "state")).toMatchObject({ hits: 4, seen: [1, 2, 3] });
    expect(ann.isOpen).toBe(true);
    await server.kill();
  });

  test("rehearsals of many rooms hold up nobody and mix nothing up", async () => {
    const server = await startServer({
      runtime,
      files: { "game/hotroom.json": `{ "rooms": "join", "rehearse": true }`, "game/rooms/hall.ts": good },
      args: ["--inbound-rate", "0"],
    });
    const clients = await Promise.all(
      Array.from({ length: 30 }, (_, n) => server.user("game", `user ${n}`, `room ${n}`)),
    );
    const sent = clients.map(() => 0);
    let going = true;
    const talk = clients.map(async (client, index) => {
      while (going) {
        await client.ask(`room ${index}`, "hit", sent[index]);
        sent[index] = (sent[index] ?? 0) + 1;
      }
    });
    for (const n of [1, 2, 3]) {
      const from = server.output().length;
      server.write("game/rooms/hall.ts", room(`room.state.hits += 1; /* ${n} */`));
      await server.logged(/Rehearsed with 30 rooms: 0 with errors, 0 with another state/, from);
      await server.logged(/Version live: 30 rooms moved/, from);
    }
    going = false;
    await Promise.all(talk);
    for (const [index, client] of clients.entries()) {
      const all = Array.from({ length: sent[index] ?? 0 }, (_, n) => n);
      expect(await client.ask(`room ${index}`, "state")).toMatchObject({ hits: all.length, seen: all });
      expect(client.messages("hit").map(({ n }) => n)).toEqual(all);
    }
    await server.kill();
  });
});
