/** The part of the admin API that acts on versions: who may use it, what it takes, what it answers. */
import { expect, test } from "bun:test";
import { BuildError, HotroomError } from "../../../src/core/errors.ts";
import type { VersionControl } from "../../../src/core/view/version_control.ts";
import { createHttp } from "../../../src/http/app.ts";
import { WrittenView } from "../view.ts";

const view = { application: "chat", policy: "swap", kept: 5, versions: [], quarantined: [] } as const;

/** Remembers what it was asked for; `refusal` is what it throws instead. */
function open(refusal?: Error, adminToken?: string) {
  const asked: unknown[] = [];
  const note = <T>(answer: T, ...what: unknown[]): T => {
    if (refusal) throw refusal;
    asked.push(what);
    return answer;
  };
  const versions: VersionControl = {
    versions: (name) => (name === "chat" ? view : undefined),
    handlers: () => undefined,
    setPolicy: (name, policy) => note(undefined, "policy", name, policy),
    rollBack: async (name, version) =>
      note({ application: name, version: "v1·3fa9c1", moved: 2, failures: [] }, "rollback", name, version),
    rehearse: async (name, version) =>
      note(
        {
          application: name,
          version: "v2·81c2aa",
          at: 1,
          tried: 0,
          events: 0,
          failed: 0,
          changed: 0,
          rooms: [],
          stuck: [],
        },
        "rehearse",
        name,
        version,
      ),
  };
  const http = createHttp(new WrittenView(), { versions, adminToken });
  const ask = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
    http.fetch(
      new Request(`http://127.0.0.1/api/applications/${path}`, {
        method,
        headers: { host: "127.0.0.1", ...(body && { "content-type": "application/json" }), ...headers },
        ...(body !== undefined && { body }),
      }),
      { remote: "127.0.0.1" },
    );
  return { asked, ask };
}

test("versions are told, and an application without any is not found", async () => {
  const { ask } = open();
  expect(await (await ask("GET", "chat/versions")).json()).toEqual(view);
  expect((await ask("GET", "chess/versions")).status).toBe(404);
});

test("what is asked for is done", async () => {
  const { ask, asked } = open();
  const set = await ask("PUT", "chat/reload", `{"policy":"pin"}`);
  expect(await set.json()).toEqual({ application: "chat", policy: "pin" });
  expect(await (await ask("POST", "chat/rollback", "{}")).json()).toMatchObject({ moved: 2 });
  expect((await ask("POST", "chat/rollback", `{"version":"v1"}`)).status).toBe(200);
  expect((await ask("POST", "chat/rehearse", `{"version":"v2"}`)).status).toBe(200);
  expect(asked).toEqual([
    ["policy", "chat", "pin"],
    ["rollback", "chat", undefined],
    ["rollback", "chat", "v1"],
    ["rehearse", "chat", "v2"],
  ]);
});

test.each([
  ["PUT", "chat/reload", `{"policy":"never"}`, 400],
  ["PUT", "chat/reload", "{}", 400],
  ["PUT", "chat/reload", "{", 400],
  ["POST", "chat/rollback", `{"version":1}`, 400],
  ["POST", "chat/rollback", `{"version":""}`, 400],
  ["POST", "chat/rehearse", `{"to":"v1"}`, 400],
  ["POST", "chat/rehearse", JSON.stringify({ version: "x".repeat(5000) }), 413],
  ["DELETE", "chat/versions", undefined, 405],
])("%s %s with %s is refused", async (method, path, body, status) => {
  const { ask, asked } = open();
  const response = await ask(method, path, body);
  expect(response.status).toBe(status);
  expect(((await response.json()) as { error: { message: string } }).error.message).toMatch(
    /^(Cannot|The body)/,
  );
  expect(asked).toEqual([]);
});

test("only JSON is taken, and nothing from pages elsewhere or without the token", async () => {
  const local = open();
  const form = { "content-type": "text/plain" };
  expect((await local.ask("POST", "chat/rollback", "{}", form)).status).toBe(415);
  expect(
    (await local.ask("PUT", "chat/reload", `{"policy":"pin"}`, { origin: "http://evil.example" })).status,
  ).toBe(403);
  const guarded = open(undefined, "secret-token");
  expect((await guarded.ask("POST", "chat/rollback", "{}")).status).toBe(401);
  expect((await guarded.ask("GET", "chat/versions")).status).toBe(401);
  expect([...local.asked, ...guarded.asked]).toEqual([]);
  const shown = { authorization: "Bearer secret-token" };
  expect((await guarded.ask("POST", "chat/rollback", "{}", shown)).status).toBe(200);
});

test("what the core refuses is told with its code", async () => {
  for (const [error, status] of [
    [new HotroomError("version_not_found", "Cannot find it."), 404],
    [new HotroomError("application_unavailable", "There is none."), 404],
    [new BuildError("x is not defined", { file: "a.ts", line: 1, column: 2 }), 422],
    [new Error("a bug"), 500],
  ] as const) {
    const response = await open(error).ask("POST", "chat/rehearse", "{}");
    expect(response.status).toBe(status);
    const told = ((await response.json()) as { error: { message: string } }).error.message;
    if (status === 422) expect(told).toStartWith("a.ts:1:2: x is not defined");
    if (status === 500) expect(told).not.toContain("bug");
  }
});
