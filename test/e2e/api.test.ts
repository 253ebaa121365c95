/** The HTTP API from outside: each route is called with each scope by a client that is made of the OpenAPI document alone. */
import { beforeAll, expect, test } from "bun:test";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { TestClient } from "./client.ts";
import { makeFolder, startServer, type TestServer } from "./harness.ts";
import { type Answered, type Arguments, type Document, OpenApiClient } from "./openapi_client.ts";
import { onEachRuntime, type Runtime } from "./runtimes.ts";

const files = {
  "game/hotroom.json": `{ "rooms": "server" }`,
  "game/app.ts": `
    import { defineApplication } from "hotroom";
    export default defineApplication({
      state: () => ({ calls: 0 }),
      events: { login: (app, login) => ({ name: login.data.name, data: { account: 7 } }) },
      emits: { add: (app, n: number) => { app.state.calls += n; return app.state.calls; }, quiet() {} },
    });`,
  "game/rooms/hall.ts": `
    import { defineRoom, refuse } from "hotroom";
    export default defineRoom({
      state: () => ({ names: [] as string[], says: "é\\u2028" }),
      events: { join(room, user, data) { if (data === "no") refuse("Not now."); room.state.names.push(user.name); } },
      emits: {
        names: (room) => room.state.names,
        no: () => refuse("Closed on sundays.", { until: "monday" }),
        broken: () => { throw new Error("a secret of the script"); },
      },
      messages: { names: (room) => room.state.names },
    });`,
  "game/public/index.html": "<p>hello",
};

const token = (scope: string) => `a-token-that-may-${scope}`;
const scopes = ["read", "operate", "edit"];
const listOf = (...names: string[]) =>
  JSON.stringify(names.map((scope) => ({ token: token(scope), scopes: [scope] })));

/** A server with a user "ann" in room "lobby". */
class Stage {
  declare server: TestServer;
  declare client: OpenApiClient;
  declare ann: TestClient;
  readonly tokens = join(makeFolder(), "tokens.json");

  async open(runtime: Runtime, more: Record<string, string> = {}): Promise<this> {
    writeFileSync(this.tokens, listOf(...scopes));
    this.server = await startServer({
      runtime,
      files: { ...files, ...more },
      args: ["--tokens", this.tokens],
    });
    const answer = await fetch(`${this.server.url}/api/openapi.json`, {
      headers: { authorization: `Bearer ${token("read")}` },
    });
    this.client = new OpenApiClient(this.server.url, (await answer.json()) as Document);
    await this.call("createRoom", { values: { application: "game" }, body: { room: "lobby" } });
    this.ann = await this.server.user("game", "ann", "lobby");
    return this;
  }

  /** Calls an operation with the token that may. */
  call(name: string, given: Arguments): Promise<Answered> {
    return this.client.call(name, { token: token(this.client.scopeOf(name) ?? "read"), ...given });
  }
}

/** A call of each operation, in an order in which all of them succeed; its status, and what it answers among other things. */
const calls: [name: string, values: Record<string, string>, body: unknown, status: number, told: object][] = [
  ["openapi", {}, undefined, 200, { openapi: "3.1.0" }],
  ["session", {}, undefined, 200, { scopes: ["read"] }],
  ["overview", {}, undefined, 200, { applications: [{ name: "game" }] }],
  ["application", { application: "game" }, undefined, 200, { name: "game", pages: "/apps/game/" }],
  ["metrics", {}, undefined, 200, {}],
  ["load", { application: "game" }, undefined, 200, {}],
  [
    "handlers",
    { application: "game" },
    undefined,
    200,
    { handlers: expect.arrayContaining([expect.objectContaining({ type: null, handler: "events.login" })]) },
  ],
  ["serverLive", {}, undefined, 200, {}],
  ["applicationLive", { application: "game" }, undefined, 200, {}],
  ["feed", { application: "game" }, undefined, 200, { next: expect.any(Number) }],
  [
    "createRoom",
    { application: "game" },
    { room: "den", maxUsers: 3, meta: { level: 1 }, password: "sesame" },
    201,
    { name: "den", password: true },
  ],
  ["rooms", { application: "game", prefix: "d" }, undefined, 200, { rooms: [{ name: "den", maxUsers: 3 }] }],
  ["room", { application: "game", room: "den" }, undefined, 200, { name: "den", meta: { level: 1 } }],
  [
    "updateRoom",
    { application: "game", room: "den" },
    { locked: true, maxUsers: null },
    200,
    { locked: true, maxUsers: null },
  ],
  [
    "roomState",
    { application: "game", room: "lobby" },
    undefined,
    200,
    { state: { names: ["ann"], says: "é\u2028" } },
  ],
  ["applicationState", { application: "game" }, undefined, 200, { state: { calls: 0 } }],
  ["call", { application: "game" }, { type: "add", data: 2 }, 200, { data: 2 }],
  // Before anything is emitted or edited, which no test can do.
  ["exportRoom", { application: "game", room: "lobby" }, undefined, 200, {}],
  [
    "editApplicationState",
    { application: "game" },
    { path: ["calls"], value: 3 },
    200,
    { version: expect.stringMatching(/^v1·/) },
  ],
  [
    "editState",
    { application: "game", room: "lobby" },
    { path: ["says"], value: "hello" },
    200,
    { version: expect.stringMatching(/^v1·/) },
  ],
  ["callRoom", { application: "game", room: "lobby" }, { type: "names" }, 200, { data: ["ann"] }],
  ["emit", { application: "game" }, { type: "quiet" }, 202, { queued: true }],
  ["emitToRoom", { application: "game", room: "lobby" }, { type: "names" }, 202, { queued: true }],
  ["messages", { application: "game" }, undefined, 200, { rooms: [{ type: "hall" }] }],
  ["timeline", { application: "game", room: "lobby" }, undefined, 200, { room: "lobby" }],
  ["retraceRoom", { application: "game", room: "lobby" }, { steps: 5 }, 200, { room: "lobby" }],
  ["roomStateAt", { application: "game", room: "lobby", seq: "3" }, undefined, 200, { seq: 3 }],
  [
    "replayRoom",
    { application: "game", room: "lobby" },
    { files: { "rooms/hall.ts": files["game/rooms/hall.ts"] }, steps: 5 },
    200,
    { room: "lobby" },
  ],
  [
    "users",
    { application: "game" },
    undefined,
    200,
    { users: [{ id: "u1", name: "ann", rooms: ["lobby"] }] },
  ],
  ["user", { application: "game", user: "u1" }, undefined, 200, { name: "ann", data: { account: 7 } }],
  [
    "sessions",
    { application: "game" },
    undefined,
    200,
    { sessions: [{ user: { id: "u1" }, connected: true }] },
  ],
  [
    "connections",
    { application: "game", limit: "5" },
    undefined,
    200,
    { connections: [{ user: { id: "u1", name: "ann" }, state: "online", rooms: 1 }] },
  ],
  [
    "troubleConnection",
    { application: "game", connection: "c1" },
    { delay: 1, delayFor: 50 },
    200,
    { trouble: { delay: 1 } },
  ],
  [
    "dropConnection",
    { application: "game", connection: "c999" },
    undefined,
    404,
    { error: { code: "connection_not_found" } },
  ],
  ["sendToUser", { application: "game", user: "ann" }, { type: "note", data: [1] }, 200, { id: "u1" }],
  ["moveUser", { application: "game", user: "u1" }, { room: "den" }, 200, { rooms: ["den"] }],
  ["kickUser", { application: "game", user: "u1", reason: "Enough." }, undefined, 200, { id: "u1" }],
  ["files", { application: "game" }, undefined, 200, { isWritable: true }],
  ["file", { application: "game", path: "public/index.html" }, undefined, 200, { text: "<p>hello" }],
  [
    "saveFile",
    { application: "game" },
    { path: "public/index.html", text: "<p>bye", tag: "stale" },
    412,
    { error: { code: "file_changed" } },
  ],
  ["versions", { application: "game" }, undefined, 200, { policy: "swap" }],
  ["setReloadPolicy", { application: "game" }, { policy: "pin" }, 200, { policy: "pin" }],
  ["rollBack", { application: "game" }, { version: "v1" }, 200, { moved: 0 }],
  ["rehearse", { application: "game" }, {}, 200, { failed: 0 }],
  [
    "rehearseFiles",
    { application: "game" },
    { files: { "rooms/hall.ts": files["game/rooms/hall.ts"] } },
    200,
    { failed: 0 },
  ],
  ["closeRoom", { application: "game", room: "den" }, undefined, 200, { closed: true }],
];

onEachRuntime("the API", (runtime) => {
  const stage = new Stage();
  beforeAll(() => stage.open(runtime).then(() => {}));

  test("its document is one by the specification, and has all that is called here", async () => {
    const { body } = await stage.call("openapi", {});
    expect(await new Validator().validate(body)).toMatchObject({ valid: true });
    expect(stage.client.names.toSorted()).toEqual(calls.map(([name]) => name).sort());
  });

  test.each(calls)(
    "%s is done for the scope that it takes alone",
    async (name, values, body, status, told) => {
      const given = { values, ...(body !== undefined && { body }) };
      const scope = stage.client.scopeOf(name);
      for (const other of scopes) {
        if (scope === undefined || other === scope) continue;
        const refused = await stage.client.call(name, { ...given, token: token(other) });
        expect([refused.status, refused.body.error.code]).toEqual([403, "scope_missing"]);
        expect(refused.body.error.message).toContain(
          `it takes the scope "${scope}", and the token has "${other}".`,
        );
      }
      for (const wrong of [undefined, "a-token-that-nobody-knows"]) {
        const refused = await stage.client.call(name, { ...given, ...(wrong && { token: wrong }) });
        expect([refused.status, refused.body.error.code]).toEqual([401, "unauthorized"]);
      }
      const answer = await stage.call(name, given);
      expect([answer.status, answer.body]).toMatchObject([
        status,
        typeof answer.body === "string" ? answer.body : told,
      ]);
    },
  );

  test("the user has got what was done to it", async () => {
    expect((await stage.ann.message("note")).data).toEqual([1]);
    expect(await stage.ann.closed).toMatchObject({ code: 4501, reason: "Enough." });
  });

  test("a token that is taken out of the file ends at once, and a broken file changes nothing", async () => {
    const write = (text: string) => {
      writeFileSync(`${stage.tokens}.next`, text);
      renameSync(`${stage.tokens}.next`, stage.tokens);
    };
    const live = await fetch(`${stage.server.url}/api/live`, {
      headers: { authorization: `Bearer ${token("read")}` },
    });
    write(listOf("read"));
    const closing = { values: { application: "game", room: "lobby" } };
    expect((await stage.call("closeRoom", closing)).status).toBe(401);
    expect((await stage.call("rooms", { values: { application: "game" } })).status).toBe(200);
    write("{");
    expect((await stage.call("rooms", { values: { application: "game" } })).status).toBe(200);
    write(listOf("operate", "edit"));
    expect((await stage.call("rooms", { values: { application: "game" } })).status).toBe(401);
    expect(await live.text()).toEndWith('event: end\ndata: {"reason":"unauthorized"}\n\n');
    await stage.server.logged(/ERROR .*Cannot use the tokens in .*: it is not JSON/i);
    write(listOf(...scopes));
    expect((await stage.call("closeRoom", closing)).status).toBe(200);
  });
});
