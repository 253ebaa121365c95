/** Which versions run where, and what a person can do about it. */
import { expect, test } from "bun:test";
import type { Frame } from "./client.ts";
import { runCommand, startServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";
import { apiOf, room } from "./versioned.ts";

onEachRuntime("versions", (runtime) => {
  const start = (files: Record<string, string>) =>
    startServer({ runtime, files, args: ["--inbound-rate", "0"] });

  test("refusing is no failure", async () => {
    const server = await start({ "game.ts": room(1) });
    const ann = await server.user("game", "ann", "hall");
    const no = `import { refuse } from "hotroom";\n${room(`refuse("Not now.")`)}`;
    server.write("game.ts", no);
    await server.logged(/game v2·\w+ Version live/);
    expect(await ann.fails({ event: "message", room: "hall", type: "hit", data: 1 })).toEqual({
      code: "refused",
      message: "Not now.",
    });
    expect((await apiOf(server).get("game/versions")).versions[0]).toMatchObject({
      live: true,
      roomCount: 1,
    });
    await server.kill();
  });

  test("migrate has a budget of its own, and must not give a promise", async () => {
    const server = await start({
      "game/hotroom.json": `{ "rooms": "join", "limits": { "migrate": 300 } }`,
      "game/rooms/hall.ts": room(1),
    });
    const ann = await server.user("game", "ann", "hall");
    await ann.ask("hall", "hit", 1);
    for (const [migrate, why] of [
      ["migrate() { for (;;); },", /took longer than its 300 ms of CPU time/],
      ["migrate: (async (state: any) => state) as any,", /migrate\(\) must return .* not a promise/],
    ] as const) {
      const from = server.output().length;
      server.write("game/rooms/hall.ts", room(1, migrate));
      await server.logged(why, from);
      expect(await ann.ask("hall", "hit", 1)).toStartWith("v1·");
    }
    // Longer than an event may take is all right.
    const slow = "migrate(state: any) { let n = 0; while (n < 800_000) n++; return state; },";
    server.write("game/rooms/hall.ts", room(1, slow));
    await until("the slow one", async () => !(await ann.ask("hall", "hit", 1)).startsWith("v1·"));
    await server.kill();
  });

  test("schedules and ticks go on through an edit and a rollback", async () => {
    const timed = (label: string, rate: number, more = "") =>
      room(
        1,
        `tickRate: ${rate}, tick(room) { room.state.ticks = (room.state.ticks ?? 0) + 1; },
         timers: { round(room) { room.broadcast("round", "${label}"); } }, ${more}`,
        // Long enough for an edit or a rollback on a busy machine.
        `plan(room) { room.schedule("round", 4000); return room.version; },`,
      ).replace("hits: 0,", "hits: 0, ticks: 0,");
    const server = await start({ "game.ts": timed("one", 10) });
    const ann = await server.user("game", "ann", "hall");
    await ann.ask("hall", "plan");
    server.write("game.ts", timed("two", 30));
    await server.logged(/game v2·\w+ Version live/);
    const { ticks } = await ann.ask("hall", "state");
    await until("more ticks", async () => (await ann.ask("hall", "state")).ticks > ticks + 5);
    expect((await ann.message("round")).data).toBe("two");
    await ann.ask("hall", "plan");
    expect(await apiOf(server).send("POST", "game/rollback", {})).toMatchObject({ status: 200 });
    const after = await ann.ask("hall", "state");
    await until("ticks of the old version", async () => (await ann.ask("hall", "state")).ticks > after.ticks);
    expect((await ann.message("round")).data).toBe("one");
    await server.kill();
  });

  test("the command line tells of versions, pins, unpins and rolls back; an edit goes live again", async () => {
    const server = await start({ "game.ts": room(1) });
    const ann = await server.user("game", "ann", "hall");
    await ann.ask("hall", "hit", 1);
    const run = (...args: string[]) => runCommand(runtime, [...args, "--url", server.url]);

    expect(run("reload-policy", "game", "pin")).toMatchObject({ status: 0 });
    server.write("game.ts", room(10));
    await server.logged(/game v2·\w+ Version live/);
    expect(await ann.ask("hall", "hit", 2)).toStartWith("v1·");
    await ann.ok({ event: "join", room: "new" });
    expect(await ann.ask("new", "hit", 2)).toStartWith("v2·");
    const { stdout } = run("versions", "game");
    expect(stdout).toMatch(
      /^game \(reload policy: pin\)\n\* v2·\w+ {2}pinned \S+ {2}1 room\n {4}new {2}new /,
    );
    expect(stdout).toMatch(/\n {2}v1·\w+ {2}new \S+ {2}1 room\n {4}hall {2}pinned /);

    expect(run("reload-policy", "game", "swap")).toMatchObject({ status: 0 });
    server.write("game.ts", room(100));
    await server.logged(/game v3·\w+ Version live: 2 rooms moved/);
    expect(await ann.ask("hall", "hit", 3)).toStartWith("v3·");
    expect(await ann.ask("hall", "state")).toEqual({ hits: 102, seen: [1, 2, 3] });

    // One back: the state as the version before would have it.
    expect(run("rollback", "game").stdout).toMatch(/^game: v2·\w+ is live, 2 rooms moved$/m);
    expect(await ann.ask("hall", "hit", 4)).toStartWith("v2·");
    expect(run("rollback", "game", "v1").stdout).toMatch(/^game: v1·\w+ is live, 2 rooms moved$/m);
    expect(await ann.ask("hall", "hit", 5)).toStartWith("v1·");
    expect((await ann.ask("hall", "state")).seen).toEqual([1, 2, 3, 4, 5]);
    expect(run("rollback", "game", "v9")).toMatchObject({
      status: 1,
      output: expect.stringMatching(/v9.*v1·/),
    });
    expect(run("rollback", "nothing").status).toBe(1);
    expect(run("reload-policy", "game", "never").status).not.toBe(0);

    server.write("game.ts", room(1000));
    await server.logged(/game v4·\w+ Version live: 2 rooms moved/);
    expect(await ann.ask("hall", "hit", 6)).toStartWith("v4·");
    expect(ann.isOpen).toBe(true);
    await server.kill();
  });

  test("the last five versions are kept, and the API says what can't be done", async () => {
    const server = await start({ "game.ts": room(1) });
    const api = apiOf(server);
    const ann = await server.user("game", "ann", "hall");
    for (let n = 2; n <= 7; n++) {
      server.write("game.ts", room(n));
      await until(`version ${n}`, async () => (await ann.ask("hall", "hit", n)).startsWith(`v${n}·`));
    }
    const { versions } = await api.get("game/versions");
    expect(versions.map(({ version }: Frame) => version.split("·")[0])).toEqual([
      "v7",
      "v6",
      "v5",
      "v4",
      "v3",
    ]);
    expect(await api.send("POST", "game/rollback", { version: "v1" })).toMatchObject({
      status: 404,
      body: { error: { code: "version_not_found" } },
    });
    expect((await api.send("POST", "none/rollback", {})).status).toBe(404);
    expect((await api.send("PUT", "game/reload", { policy: "never" })).status).toBe(400);
    expect((await api.send("POST", "game/rollback", { to: "v3" })).status).toBe(400);
    expect((await fetch(`${server.url}/api/applications/game/rollback`, { method: "POST" })).status).toBe(
      415,
    );
    const hash = versions[4].hash.slice(0, 6);
    const back = await api.send("POST", "game/rollback", { version: hash });
    expect(back.body).toMatchObject({ moved: 1, failures: [] });
    expect(await ann.ask("hall", "hit", 0)).toStartWith("v3·");
    expect((await api.get("game/versions")).versions.find(({ live }: Frame) => live)).toMatchObject({
      hash: versions[4].hash,
      why: "by_hand",
      running: [{ room: "hall", why: "by_hand" }],
    });
    const emitted = await api.send("POST", "game/rooms/hall/emit", { type: "x" });
    expect(emitted.body).toEqual({ queued: true, version: versions[4].version });
    await server.kill();
  });
});
