/** Edits of a room's state by the API: events as others, which outlive what the room outlives. */
import { beforeAll, expect, test } from "bun:test";
import { startServer, type TestServer, until } from "./harness.ts";
import { Restartable } from "./restartable.ts";
import { onEachRuntime } from "./runtimes.ts";

const game = (more = "", step = 1) => `
import { defineRoom } from "hotroom";
export const settings = { rooms: "server", limits: { state: 4096 } };
export default defineRoom({
  ${more}
  state: () => ({ score: 0, players: [{ name: "ann" }], log: [] as string[] }),
  emits: {
    add: (room, n: number) => (room.state.score += n * ${step}),
    blank: (room) => void room.state.log.push(undefined as unknown as string),
  },
  events: { emit(room, { type }) { room.state.log.push(type); } },
});`;

/** An application with a state of its own. */
const own = (more = "") => `
import { defineApplication } from "hotroom";
export default defineApplication({
  ${more}
  state: () => ({ calls: 0, names: ["ann"] as string[] }),
  emits: { add: (app, n: number) => (app.state.calls += n) },
});`;

type Answer = [status: number, body: Record<string, unknown>];

async function ask(
  server: TestServer,
  method: string,
  path: string,
  body?: unknown,
  script = "fx/rooms/hall",
): Promise<Answer> {
  const response = await server.fetch(`/api/applications/${script}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return [response.status, await response.json()];
}
const edit = (server: TestServer, path: unknown[], value?: unknown) =>
  ask(server, "PUT", "/state", { path, value });
const add = async (server: TestServer, data: number) =>
  (await ask(server, "POST", "/call", { type: "add", data }))[1].data;
const stateOf = async (server: TestServer) => (await ask(server, "GET", "/state"))[1].state;

async function openHall(server: TestServer): Promise<void> {
  const init = { method: "POST", headers: { "content-type": "application/json" } };
  const body = JSON.stringify({ room: "hall", keep: true });
  expect((await server.fetch("/api/applications/fx/rooms", { ...init, body })).status).toBe(201);
}

onEachRuntime("a state", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({
      runtime,
      files: { "fx.ts": game(), "own/app.ts": own(), "own/rooms/hall.ts": game() },
    });
    await openHall(server);
  });

  test("is edited between two events, and handlers go on from there", async () => {
    expect(await add(server, 1)).toBe(1);
    const [status, answer] = await edit(server, ["score"], 40);
    expect([status, answer]).toEqual([200, { version: expect.stringMatching(/^v1·/) }]);
    expect(await add(server, 2)).toBe(42);
    await edit(server, ["players", 1], { name: "bob" });
    await edit(server, ["players", 0]);
    expect((await edit(server, ["players", 7, "name"], 1))[0]).toBe(409);
    expect(await stateOf(server)).toEqual({ score: 42, players: [{ name: "bob" }], log: [] });
  });

  test("of an application's own script is edited as a room's, where it has one", async () => {
    const state = (path: unknown[], value?: unknown) => ask(server, "PUT", "/state", { path, value }, "own");
    expect(await state(["calls"], 40)).toEqual([200, { version: expect.stringMatching(/^v1·/) }]);
    expect((await ask(server, "POST", "/call", { type: "add", data: 2 }, "own"))[1]).toEqual({ data: 42 });
    await state(["names", 1], "bob");
    await state(["names", 0]);
    await state(["more"], { deep: [] });
    expect(await state(["names", 7])).toMatchObject([409, { error: { code: "no_such_path" } }]);
    const left = { calls: 42, names: ["bob"], more: { deep: [] } };
    expect((await ask(server, "GET", "/state", undefined, "own"))[1].state).toEqual(left);
    await server.logged(/An admin has edited the state at \["names",1\]\./);
    expect(await ask(server, "PUT", "/state", { path: ["a"], value: 1 }, "fx")).toMatchObject([
      409,
      { error: { code: "no_handler" } },
    ]);
    expect((await ask(server, "PUT", "/state", { path: ["a"], value: 1 }, "nowhere"))[0]).toBe(404);
  });

  test("shows an edit in the timeline, with what it has changed; no test can make one", async () => {
    const [, { events }] = await ask(server, "POST", "/timeline", {});
    const edits = (events as { kind: string }[]).filter(({ kind }) => kind === "edit");
    expect(edits).toMatchObject([
      {
        data: { path: ["score"], value: 40 },
        status: "ok",
        changes: [{ path: "$.score", before: 1, after: 40 }],
        effectCount: 0,
      },
      { data: { path: ["players", 1] } },
      { data: { path: ["players", 0] } },
      { status: "refused", failure: { message: "The state has nothing at $.players[7]." } },
    ]);
    expect(await ask(server, "POST", "/export", {})).toMatchObject([
      409,
      { error: { code: "not_exportable", message: expect.stringContaining("its state was edited") } },
    ]);
  });

  test("takes an insert before an entry of a list, and an edit of what is there only if that is as expected", async () => {
    const put = (body: Record<string, unknown>) => ask(server, "PUT", "/state", body);
    const { log, ...rest } = (await stateOf(server)) as { log: unknown[] };
    const lists: [edit: Record<string, unknown>, status: number, log: unknown[]][] = [
      [{ path: ["log"], value: ["b", { at: 1, by: "ann" }] }, 200, ["b", { at: 1, by: "ann" }]],
      [{ path: ["log", 0], value: "a", insert: true, expected: "b" }, 200, ["a", "b", { at: 1, by: "ann" }]],
      [{ path: ["log", 3], value: "z", insert: true }, 200, ["a", "b", { at: 1, by: "ann" }, "z"]],
      // What was seen at place 1 is at another one by now.
      [{ path: ["log", 1], expected: "a" }, 409, ["a", "b", { at: 1, by: "ann" }, "z"]],
      [{ path: ["log", 2], expected: { by: "ann", at: 1 } }, 200, ["a", "b", "z"]],
      [{ path: ["log", 2], expected: "z", value: null }, 200, ["a", "b", null]],
      [{ path: ["log", 2], expected: null }, 200, ["a", "b"]],
      [{ path: ["log", 2], expected: "z" }, 409, ["a", "b"]],
      [{ path: ["log", 4], value: "x", insert: true }, 409, ["a", "b"]],
      [{ path: ["rest", 0], value: "x", insert: true }, 409, ["a", "b"]],
      [{ path: ["log", 0], value: "x".repeat(5000), insert: true }, 400, ["a", "b"]],
    ];
    for (const [body, status, then] of lists) {
      expect([body, (await put(body))[0]]).toEqual([body, status]);
      expect(await stateOf(server)).toEqual({ ...rest, log: then } as never);
    }
    expect(await put({ path: ["log", 1], expected: "a" })).toEqual([
      409,
      {
        error: {
          code: "changed",
          message: "The state has something else than expected at $.log[1].",
          data: { now: "b" },
        },
      },
    ]);
    for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
    expect(await stateOf(server)).toEqual({ ...rest, log: ["a", "b"] } as never);
    await put({ path: ["log"], value: log });
  });

  test("has what is nothing in a list taken out as the null that it is shown as", async () => {
    const log = async () => ((await stateOf(server)) as { log: unknown[] }).log;
    const before = await log();
    await ask(server, "POST", "/call", { type: "blank" });
    expect(await log()).toEqual([...before, null]);
    const body = { path: ["log", before.length], expected: null };
    expect((await ask(server, "PUT", "/state", body))[0]).toBe(200);
    expect(await log()).toEqual(before);
  });

  test("stays as it is where an edit leads nowhere, is no edit, or makes it too large", async () => {
    const before = await stateOf(server);
    const refused: [body: unknown, status: number, code: string][] = [
      [{ path: ["players", 7, "name"], value: 1 }, 409, "no_such_path"],
      [{ path: ["gone"] }, 409, "no_such_path"],
      [{ path: ["log", 0], value: "x".repeat(5000) }, 400, "invalid_data"],
      [{ path: [], value: 1 }, 400, "bad_request"],
      [{ path: [] }, 400, "bad_request"],
      [{ path: ["__proto__"], value: 1 }, 400, "bad_request"],
      [`{"path":["a"],"value":{"__proto__":1}}`, 400, "bad_request"],
      [{ path: Array(65).fill("a"), value: 1 }, 400, "bad_request"],
      [{ path: [-1], value: 1 }, 400, "bad_request"],
      [{ path: [0.5], value: 1 }, 400, "bad_request"],
      [{ path: "score", value: 1 }, 400, "bad_request"],
      [{ value: 1 }, 400, "bad_request"],
      [{ path: ["log", 0], insert: true }, 400, "bad_request"],
      [{ path: ["log"], insert: true, value: 1 }, 400, "bad_request"],
      [{ path: [], expected: {}, value: {} }, 400, "bad_request"],
      [{ path: ["score"], value: 1, more: 1 }, 400, "bad_request"],
      ["{", 400, "bad_request"],
      [{ path: ["score"], value: "x".repeat(1_100_000) }, 413, "too_large"],
    ];
    for (const [body, status, code] of refused) {
      const [answered, answer] = await ask(server, "PUT", "/state", body);
      expect([answered, answer]).toMatchObject([status, { error: { code } }]);
    }
    expect(await stateOf(server)).toEqual(before);
  });

  test("has its edits behind it when its host was killed, and in the next version", async () => {
    await edit(server, ["log"], ["kept"]);
    for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
    expect(await stateOf(server)).toEqual({ score: 42, players: [{ name: "bob" }], log: ["kept"] });
    server.write("fx.ts", game("", 100));
    await until("the edit of the code", async () =>
      String((await ask(server, "GET", "/state"))[1].version).startsWith("v2"),
    );
    expect(await add(server, 1)).toBe(142);
    // An edit that fails is no failure of the version that is new.
    expect((await edit(server, ["gone"]))[0]).toBe(409);
    await edit(server, ["score"], 0);
    expect([await add(server, 1), (await stateOf(server)) as unknown]).toMatchObject([
      100,
      { log: ["kept"] },
    ]);
  });

  test("is not edited where a script keeps it from that, and no version is left for it", async () => {
    const frozen = game().replace("events: {", "events: { reload(room) { Object.freeze(room.state); },");
    server.write("fx.ts", frozen);
    const version = async () => String((await ask(server, "GET", "/state"))[1].version);
    await until("the edit of the code", async () => (await version()).startsWith("v3"));
    const before = await stateOf(server);
    expect(await edit(server, ["score"], 1)).toMatchObject([500, { error: { code: "handler_failed" } }]);
    expect(await version()).toStartWith("v3");
    expect(await stateOf(server)).toEqual(before);
  });

  test("of a durable room or application has its edits behind it when the server was killed", async () => {
    const stage = await new Restartable(runtime, {
      "fx.ts": game("durable: true,"),
      "own/app.ts": own("durable: true,"),
      "own/rooms/hall.ts": game(),
    }).start();
    expect((await ask(stage.server, "PUT", "/state", { path: ["calls"], value: 5 }, "own"))[0]).toBe(200);
    await openHall(stage.server);
    await add(stage.server, 1);
    expect((await edit(stage.server, ["score"], 7))[0]).toBe(200);
    expect((await edit(stage.server, ["nowhere", "at"], 7))[0]).toBe(409);
    await stage.restart();
    expect(await stateOf(stage.server)).toMatchObject({ score: 7 });
    expect(await add(stage.server, 1)).toBe(8);
    expect((await ask(stage.server, "POST", "/call", { type: "add", data: 1 }, "own"))[1].data).toBe(6);
  });
});
