/** What an edit that fails leaves behind, which versions run where, and what a person can do about it. */
import { expect, test } from "bun:test";
import type { Frame, TestClient } from "./client.ts";
import { runCommand, startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

/** A room that keeps what it heard; `add` is what a hit counts, `more` goes into the definition. */
const room = (add: number | string, more = "", messages = "") => `
  import { defineRoom } from "hotroom";
  export default defineRoom({
    state: () => ({ hits: 0, seen: [] as number[] }),
    messages: {
      hit(room, user, n: number) {
        room.state.hits += ${add};
        room.state.seen.push(n);
        room.broadcast("hit", { n, version: room.version });
        return room.version;
      },
      state: (room) => room.state,
      ${messages}
    },
    ${more}
  });`;
const throws = (what = "boom") => room(`(() => { throw new Error("${what}"); })()`);

interface Api {
  get(path: string): Promise<Frame>;
  send(method: string, path: string, body: unknown): Promise<{ status: number; body: Frame }>;
}

const apiOf = (server: TestServer): Api => ({
  get: async (path) => (await fetch(`${server.url}/api/applications/${path}`)).json(),
  async send(method, path, body) {
    const headers = { "content-type": "application/json" };
    const url = `${server.url}/api/applications/${path}`;
    const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  },
});

/** Rooms of an application, each with one member. */
async function rooms(server: TestServer, application: string, count: number): Promise<TestClient[]> {
  return Promise.all(
    Array.from({ length: count }, (_, n) => server.user(application, `user ${n}`, `room ${n}`)),
  );
}

onEachRuntime("versions", (runtime) => {
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

  test("three rooms that fail take the application back, and what happened since is kept", async () => {
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

  test("migrate has a budget of its own, and must not give a promise", async () => {
    const server = await start({
      "game/hotroom.json": `{ "rooms": "join", "limits": { "migrate": 60 } }`,
      "game/rooms/hall.ts": room(1),
    });
    const ann = await server.user("game", "ann", "hall");
    await ann.ask("hall", "hit", 1);
    for (const [migrate, why] of [
      ["migrate() { for (;;); },", /took longer than its 60 ms of CPU time/],
      ["migrate: (async (state: any) => state) as any,", /migrate\(\) must return .* not a promise/],
    ] as const) {
      const from = server.output().length;
      server.write("game/rooms/hall.ts", room(1, migrate));
      await server.logged(why, from);
      expect(await ann.ask("hall", "hit", 1)).toStartWith("v1·");
    }
    // Longer than an event may take is all right.
    const slow =
      "migrate(state: any) { const end = performance.now; let n = 0; while (n < 400_000) n++; return state; },";
    server.write("game/rooms/hall.ts", room(1, slow.replace("const end = performance.now; ", "")));
    await until("the slow one", async () => !(await ann.ask("hall", "hit", 1)).startsWith("v1·"));
    await server.kill();
  });

  test("schedules and ticks go on through an edit and a rollback", async () => {
    const timed = (label: string, rate: number, more = "") =>
      room(
        1,
        `tickRate: ${rate}, tick(room) { room.state.ticks = (room.state.ticks ?? 0) + 1; },
         timers: { round(room) { room.broadcast("round", "${label}"); } }, ${more}`,
        `plan(room) { room.schedule("round", 1500); return room.version; },`,
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
    expect(runCommand(runtime, ["rollback", "game", "--url", server.url]).status).toBe(0);
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
      /^game \(reload policy: pin\)\n\* v2·\w+ {2}pinned \S+ {2}1 rooms\n {4}new {2}new /,
    );
    expect(stdout).toMatch(/\n {2}v1·\w+ {2}new \S+ {2}1 rooms\n {4}hall {2}pinned /);

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

  test("an extension whose first event fails takes its application back", async () => {
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
