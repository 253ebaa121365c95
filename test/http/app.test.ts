import { describe, expect, test } from "bun:test";
import { HotroomError } from "../../src/core/errors.ts";
import { createHttp } from "../../src/http/app.ts";
import { WrittenView } from "./view.ts";

const users = ["ann", "bob", "cid"].map((name, index) => ({ id: `u${index}`, name }));
const chat = { name: "chat", userCount: 3, list: [{ name: "lobby", type: "chat", users }] };

/** Asks as a peer on this machine would, unless told otherwise. */
function open(view: WrittenView, options: Parameters<typeof createHttp>[1] = {}, remote = "127.0.0.1") {
  const http = createHttp(view, { consoleSecret: "a-secret", ...options });
  return (path: string, init: RequestInit = {}) =>
    Promise.resolve(http.fetch(new Request(`http://localhost:8080${path}`, init), { remote }));
}

function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { method: "POST", body: text, headers: { "content-type": "application/json", ...headers } };
}

async function errorOf(response: Response): Promise<{ status: number; code: string; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, ...error };
}

describe("health", () => {
  test("is 200 while the server is ready, and 503 before and while it drains", async () => {
    const view = new WrittenView("starting");
    const ask = open(view);
    expect((await ask("/healthz")).status).toBe(503);
    view.current = "ready";
    const ready = await ask("/healthz");
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ ok: true, state: "ready", version: "0.1.0" });
    view.current = "draining";
    const draining = await ask("/healthz");
    expect(draining.status).toBe(503);
    expect(await draining.json()).toMatchObject({ ok: false, state: "draining" });
  });

  test("is public, whoever asks", async () => {
    const ask = open(new WrittenView(), { adminToken: "secret-token" }, "203.0.113.9");
    expect((await ask("/healthz", { headers: { host: "rooms.example" } })).status).toBe(200);
  });
});

describe("what runs", () => {
  test("is listed with server, hosts, applications, their rooms and users", async () => {
    const response = await open(new WrittenView("ready", [chat]))("/api/applications");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toMatchObject({
      server: { version: "0.1.0", runtime: "bun", state: "ready", hosts: [{ id: 1, state: "ready" }] },
      applications: [
        {
          name: "chat",
          status: "running",
          version: "v1·3fa9c1",
          userCount: 3,
          rooms: [{ name: "lobby", users }],
        },
      ],
    });
  });

  test("shows at most 50 rooms of each in the list and all counts, and more of one application", async () => {
    const list = Array.from({ length: 60 }, (_, index) => ({ name: `r${index}` }));
    const ask = open(new WrittenView("ready", [{ name: "chat", list }]));
    const all = (await (await ask("/api/applications")).json()) as {
      applications: { roomCount: number; rooms: [] }[];
    };
    expect(all.applications[0]?.roomCount).toBe(60);
    expect(all.applications[0]?.rooms).toHaveLength(50);
    const one = (await (await ask("/api/applications/chat")).json()) as { rooms: [] };
    expect(one.rooms).toHaveLength(60);
  });

  test.each(["lobby", "a/b", "50% #1", "Zürich:3", "constructor"])(
    "finds room %p by its escaped name",
    async (name) => {
      const ask = open(new WrittenView("ready", [{ name: "chat", list: [{ name, users }] }]));
      const response = await ask(`/api/applications/chat/rooms/${encodeURIComponent(name)}`);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ name, users });
    },
  );

  test("answers 404 with a code for what there is not", async () => {
    const ask = open(new WrittenView("ready", [chat]));
    expect(await errorOf(await ask("/api/applications/shop"))).toMatchObject({
      status: 404,
      code: "application_not_found",
    });
    const room = await errorOf(await ask("/api/applications/chat/rooms/attic"));
    expect(room).toEqual({
      status: 404,
      code: "room_not_found",
      message: 'Application "chat" has no room "attic".',
    });
    expect(await errorOf(await ask("/api/nothing"))).toMatchObject({ status: 404, code: "not_found" });
    expect(await errorOf(await ask("/api/applications/%ff%"))).toMatchObject({ status: 404 });
  });

  test("shows a broken edit with its place and source line", async () => {
    const error = {
      message: "Unexpected token",
      position: { file: "app.ts", line: 3, column: 7 },
      sourceLine: "let x = ;",
    };
    const ask = open(new WrittenView("ready", [{ name: "chat", error }]));
    expect(await (await ask("/api/applications/chat")).json()).toMatchObject({ status: "running", error });
  });
});

describe("emit", () => {
  test("hands an event to a room or to the application and answers 202", async () => {
    const view = new WrittenView("ready", [chat]);
    const ask = open(view);
    const first = await ask(
      "/api/applications/chat/rooms/lobby/emit",
      post({ type: "news", data: { text: "hi" } }),
    );
    expect(first.status).toBe(202);
    expect((await ask("/api/applications/chat/emit", post({ type: "tick" }))).status).toBe(202);
    expect(view.emitted).toEqual([
      { application: "chat", room: "lobby", type: "news", data: '{"text":"hi"}' },
      { application: "chat", room: null, type: "tick", data: undefined },
    ]);
  });

  test.each([
    ["not JSON", "{", "the body is not JSON"],
    ["no object", "7", "Expected Object"],
    ["no type", {}, "type"],
    ["a type that is no name", { type: "__proto__" }, "is not a valid name"],
    ["an unknown key", { type: "a", room: "b" }, "room"],
    ["a number past the range", '{"type":"a","data":1e400}', "too large"],
    ["half a surrogate pair", '{"type":"a","data":"\\ud800"}', "surrogate"],
    ["a prototype key", '{"type":"a","data":{"__proto__":1}}', "__proto__"],
    ["deep nesting", `{"type":"a","data":${"[".repeat(100)}${"]".repeat(100)}}`, "deeper"],
  ])("refuses %s with 400", async (_, body, words) => {
    const view = new WrittenView("ready", [chat]);
    const error = await errorOf(await open(view)("/api/applications/chat/emit", post(body)));
    expect(error).toMatchObject({ status: 400, code: "bad_request" });
    expect(error.message).toStartWith("Cannot emit: ");
    expect(error.message).toContain(words);
    expect(view.emitted).toEqual([]);
  });

  test("takes JSON only, as a form of another page can't send it", async () => {
    const ask = open(new WrittenView("ready", [chat]));
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const response = await ask(
        "/api/applications/chat/emit",
        post({ type: "a" }, { "content-type": type }),
      );
      expect(await errorOf(response)).toMatchObject({ status: 415, code: "unsupported_media_type" });
    }
    const charset = { "content-type": "Application/JSON; charset=utf-8" };
    expect((await ask("/api/applications/chat/emit", post({ type: "a" }, charset))).status).toBe(202);
  });

  test("refuses a body over 64 KB, with and without a length", async () => {
    const ask = open(new WrittenView("ready", [chat]));
    const big = { type: "a", data: "x".repeat(64 * 1024) };
    expect(await errorOf(await ask("/api/applications/chat/emit", post(big)))).toMatchObject({
      status: 413,
      code: "too_large",
    });
    const stream = new Blob([JSON.stringify(big)]).stream();
    const chunked = { ...post(""), body: stream, duplex: "half" } as RequestInit;
    expect(await errorOf(await ask("/api/applications/chat/emit", chunked))).toMatchObject({ status: 413 });
  });

  test.each([
    ["busy", 503],
    ["application_unavailable", 503],
    ["no_handler", 409],
    ["room_not_found", 404],
  ])("passes on %s as %d", async (code, status) => {
    const view = new WrittenView("ready", [chat]);
    view.refusal = new HotroomError(code, "Cannot emit.");
    const response = await open(view)("/api/applications/chat/emit", post({ type: "a" }));
    expect(await errorOf(response)).toEqual({ status, code, message: "Cannot emit." });
  });

  test("hides what went wrong in the server, and reports it", async () => {
    const view = new WrittenView("ready", [chat]);
    view.refusal = new Error("secret path");
    const seen: unknown[] = [];
    const ask = open(view, { onError: (error) => seen.push(error) });
    const error = await errorOf(await ask("/api/applications/chat/emit", post({ type: "a" })));
    expect(error).toEqual({
      status: 500,
      code: "internal",
      message: "The server failed; its log says more.",
    });
    expect(seen).toEqual([view.refusal]);
  });
});

test("DELETE closes a room: 200 when it is gone, 202 while it has events to handle, 404 where there is none", async () => {
  const view = new WrittenView("ready", [chat]);
  const ask = open(view);
  const remove = (path: string) => ask(`/api/applications/${path}`, { method: "DELETE" });
  for (const [status, closed] of [
    [202, false],
    [200, true],
  ] as const) {
    const answer = await remove("chat/rooms/lobby");
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ application: "chat", room: "lobby", closed });
  }
  expect(view.closed).toEqual(Array(2).fill({ application: "chat", room: "lobby" }));
  for (const [path, code] of [
    ["chat/rooms/none", "room_not_found"],
    ["none/rooms/lobby", "application_not_found"],
  ])
    expect(await errorOf(await remove(path as string))).toMatchObject({ status: 404, code });
});

describe("methods", () => {
  test("HEAD answers as GET without a body, others 405 with Allow", async () => {
    const ask = open(new WrittenView("ready", [chat]));
    for (const path of ["/", "/healthz", "/client.js", "/api/applications"]) {
      const head = await ask(path, { method: "HEAD" });
      expect(head.status).toBe(200);
      expect(await head.text()).toBe("");
      const deleted = await ask(path, { method: "DELETE" });
      expect(deleted.headers.get("allow")).toBe("GET, HEAD");
      expect(await errorOf(deleted)).toMatchObject({ status: 405, code: "method_not_allowed" });
    }
    const emit = await ask("/api/applications/chat/emit");
    expect(emit.headers.get("allow")).toBe("POST");
    expect(emit.status).toBe(405);
  });

  test("an address of WebSockets says so to others", async () => {
    const response = await open(new WrittenView())("/ws/chat");
    expect(response.headers.get("upgrade")).toBe("websocket");
    expect(await errorOf(response)).toMatchObject({ status: 426, code: "upgrade_required" });
  });
});

describe("the page", () => {
  test("may load from its own server only, and be framed by nobody", async () => {
    const response = await open(new WrittenView())("/");
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-frame-options")).toBe("DENY");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    expect(response.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });

  test("finds everything it names", async () => {
    const ask = open(new WrittenView());
    const html = await (await ask("/")).text();
    const paths = Array.from(html.matchAll(/(?:href|src)="(\/page\/[^"]+)"/g), ([, path]) => path as string);
    expect(paths.length).toBe(2);
    for (const path of [...paths, "/client.js"]) {
      const response = await ask(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toMatch(/^text\/(?:css|javascript); charset=utf-8$/);
    }
  });

  test("has no icon, which is no error in browsers' consoles", async () => {
    expect((await open(new WrittenView())("/favicon.ico")).status).toBe(204);
  });

  test("is not sent again while it has not changed", async () => {
    const ask = open(new WrittenView());
    const tag = (await ask("/client.js")).headers.get("etag") ?? "";
    for (const known of [tag, `W/${tag}`, `"other" , ${tag}`]) {
      const answer = await ask("/client.js", { headers: { "if-none-match": known } });
      expect(answer.status).toBe(304);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      expect(answer.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    }
  });

  test("the SDK may be imported by pages of other origins, and its types are beside it", async () => {
    for (const path of ["/client.js", "/client.d.ts"]) {
      const response = await open(new WrittenView())(path);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(response.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
      expect(await response.text()).toContain("HotroomClientError");
    }
  });
});
