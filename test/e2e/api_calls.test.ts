/** What callers of the API are answered where something does not go as they want it, and what outlives the server. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startServer, stopAll, type TestServer } from "./harness.ts";
import { Restartable } from "./restartable.ts";

const files = {
  "game/hotroom.json": `{ "rooms": "server" }`,
  "game/rooms/hall.ts": `
    import { defineRoom, refuse } from "hotroom";
    export default defineRoom({
      maxUsers: 1,
      events: { join(room, user, data) { if (data === "no") refuse("Not now.", { until: "noon" }); } },
      emits: {
        no: () => refuse("Closed.", { until: "monday" }),
        broken: () => { throw new Error("a secret of the script"); },
        endless: () => { for (;;); },
        nothing() {},
        bytes: () => new Uint8Array(1),
      },
      messages: { here: (room) => room.users.map((user) => user.name) },
    });`,
  "sick/rooms/hall.ts": "this is no script",
  "bare/rooms/hall.ts": `import { defineRoom } from "hotroom"; export default defineRoom({});`,
};

/** Asks the API of a server; resolves with the status and what it answers. */
async function ask(url: string, method: string, path: string, body?: unknown): Promise<[number, unknown]> {
  const response = await fetch(`${url}/api/applications/${path}`, {
    method,
    ...(body !== undefined && {
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json" },
    }),
  });
  return [response.status, await response.json()];
}

const failed = (code: string, more: object = {}) => ({ error: { code, ...more } });

setDefaultTimeout(60_000);
afterAll(stopAll);

describe("the API", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime: "bun", files });
    await ask(server.url, "POST", "game/rooms", { room: "hall", keep: true });
  });

  test.each<[string, number, object]>([
    ["no", 400, failed("refused", { message: "Closed.", data: { until: "monday" } })],
    ["unknown", 409, failed("no_handler")],
    ["broken", 500, failed("handler_failed")],
    ["endless", 500, failed("handler_failed")],
    ["bytes", 500, failed("handler_failed")],
    ["nothing", 200, {}],
  ])("a call of %s comes to %i", async (type, status, told) => {
    const [answered, answer] = await ask(server.url, "POST", "game/rooms/hall/call", { type });
    expect([answered, answer]).toMatchObject([status, told]);
    expect(JSON.stringify(answer)).not.toContain("a secret of the script");
  });

  test.each<[string, string, unknown, number, string]>([
    ["POST", "game/rooms/nowhere/call", { type: "no" }, 404, "room_not_found"],
    ["POST", "bare/call", { type: "no" }, 409, "no_handler"],
    ["GET", "bare/state", undefined, 409, "no_handler"],
    ["GET", "nobody/users", undefined, 404, "application_not_found"],
    ["POST", "nobody/rooms", { room: "a" }, 404, "application_not_found"],
    ["GET", "sick/users", undefined, 503, "application_unavailable"],
    ["GET", "game/rooms/nowhere/state", undefined, 404, "room_not_found"],
    ["PUT", "game/rooms/nowhere/state", { path: ["a"], value: 1 }, 404, "room_not_found"],
    ["PATCH", "game/rooms/nowhere", {}, 404, "room_not_found"],
    ["PATCH", "game/rooms/hall", { maxUsers: 0 }, 400, "bad_request"],
    ["PATCH", "game/rooms/hall", { type: "hall" }, 400, "bad_request"],
    ["PATCH", "game/rooms/hall", { meta: "x".repeat(1025) }, 400, "bad_request"],
    ["POST", "game/rooms", { room: "hall" }, 409, "room_exists"],
    ["POST", "game/rooms", { room: "a", type: "den" }, 400, "room_type_not_found"],
    ["POST", "game/rooms", { room: " a" }, 400, "bad_request"],
    ["POST", "game/rooms", { room: "a", data: 1 }, 400, "bad_request"],
    ["GET", "game/users/u9", undefined, 404, "user_not_found"],
    ["DELETE", "game/users/u9", undefined, 404, "user_not_found"],
    ["GET", "game/rooms?limit=0", undefined, 400, "bad_request"],
    ["GET", "game/rooms?limit=1001", undefined, 400, "bad_request"],
    ["GET", "game/rooms?sort=name", undefined, 400, "bad_request"],
    [`GET`, `game/users?cursor=${"x".repeat(257)}`, undefined, 400, "bad_request"],
    ["PUT", "game/users", undefined, 405, "method_not_allowed"],
  ])("%s %s with %j is refused", async (method, path, body, status, code) => {
    expect(await ask(server.url, method, path, body)).toMatchObject([status, failed(code)]);
  });

  test("what is no sound JSON is refused by each route that takes a body, and nothing is done", async () => {
    const paths = [
      "POST rooms",
      "PATCH rooms/hall",
      "POST rooms/hall/call",
      "POST call",
      "POST rooms/hall/emit",
      "PUT rooms/hall/state",
      "POST users/u1/send",
      "POST users/u1/move",
    ];
    const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
    const bodies = [
      "",
      "null",
      "[]",
      "{",
      '"text"',
      `{"__proto__":1}`,
      `{"type":"\\ud800"}`,
      `{"type":"no","data":1e999}`,
      `{"type":"no","data":${deep}}`,
      JSON.stringify({ type: "no", data: "x".repeat(1_100_000) }),
    ];
    for (const path of paths)
      for (const body of bodies) {
        const [method = "", rest = ""] = path.split(" ");
        const [status, answer] = await ask(server.url, method, `game/${rest}`, body);
        expect([path, body.slice(0, 20), status]).toEqual([
          path,
          body.slice(0, 20),
          body.length > 1_000_000 ? 413 : 400,
        ]);
        expect(answer).toMatchObject({ error: { message: expect.stringMatching(/^Cannot /) } });
      }
  });

  test("a move that does not come about says why, and leaves the user where it is", async () => {
    for (const room of ["full", "east", "west"])
      await ask(server.url, "POST", "game/rooms", { room, keep: true });
    await server.user("game", "bob", "full");
    const ann = await server.user("game", "ann", "east");
    const move = (body: object) => ask(server.url, "POST", "game/users/ann/move", body);
    expect(await move({ room: "full" })).toMatchObject([409, failed("room_full")]);
    expect(await move({ room: "west", data: "no" })).toMatchObject([
      409,
      failed("join_refused", {
        message: 'Cannot move user "ann" to room "west": Not now.',
        data: { until: "noon" },
      }),
    ]);
    expect(await move({ room: "nowhere" })).toMatchObject([404, failed("room_not_found")]);
    expect(await move({ room: "west", from: "full" })).toMatchObject([409, failed("not_in_room")]);
    expect(await ann.ask("east", "here")).toEqual(["ann"]);
    await ann.ok({ event: "join", room: "west" });
    expect(await move({ room: "hall" })).toMatchObject([409, failed("several_rooms")]);
    expect(await move({ room: "hall", from: "west" })).toMatchObject([200, { rooms: ["east", "hall"] }]);
  });

  test("nothing that it answers has a password, a secret or an address", async () => {
    const ann = await server.connect("game");
    const { data } = await ann.request({
      event: "login",
      data: { name: "cleo", password: "sesame-of-cleo" },
    });
    await ask(server.url, "POST", "game/rooms", { room: "safe", keep: true, password: "sesame-of-safe" });
    const paths = [
      "",
      "game",
      "game/rooms",
      "game/rooms/safe",
      "game/users",
      "game/users/cleo",
      "game/sessions",
    ];
    const texts = await Promise.all(
      paths.map(async (path) => JSON.stringify(await ask(server.url, "GET", path))),
    );
    for (const text of texts)
      for (const secret of [data.session, "sesame-of", "127.0.0.1"]) expect(text).not.toContain(secret);
  });
});

const counter = `
  import { defineRoom } from "hotroom";
  export default defineRoom({
    durable: true,
    state: () => ({ count: 0 }),
    emits: { add: (room, n: number) => (room.state.count += n) },
  });`;

test("what calls were answered is there after a kill, once, and so is how rooms are set", async () => {
  const server = await new Restartable("bun", { "bank/rooms/counter.ts": counter }).start();
  const url = server.url.replace("ws", "http");
  const made = await ask(url, "POST", "bank/rooms", { room: "main", keep: true, meta: { level: 1 } });
  expect(made).toMatchObject([201, { durable: true }]);
  await ask(url, "PATCH", "bank/rooms/main", { locked: true, maxUsers: 7 });
  let answered = 0;
  const callers = Array.from({ length: 4 }, async () => {
    for (;;) {
      const [status] = await ask(url, "POST", "bank/rooms/main/call", { type: "add", data: 1 }).catch(() => [
        0,
      ]);
      if (status !== 200) return;
      if (++answered === 40) void server.kill();
    }
  });
  await Promise.all(callers);
  await server.kill();
  await server.start();
  const [, { state }] = (await ask(url, "GET", "bank/rooms/main/state")) as [
    number,
    { state: { count: number } },
  ];
  expect(state.count).toBeGreaterThanOrEqual(answered);
  expect(state.count).toBeLessThanOrEqual(answered + callers.length);
  expect(await ask(url, "GET", "bank/rooms/main")).toMatchObject([
    200,
    { locked: true, maxUsers: 7, keep: true, meta: { level: 1 } },
  ]);
  await server.server.kill();
});
