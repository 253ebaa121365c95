import { describe, expect, test } from "bun:test";
import { createHttp } from "../../../src/http/app.ts";
import { WrittenView } from "../view.ts";

function status(headers: Record<string, string>, remote?: string, adminToken?: string, method = "GET") {
  const view = new WrittenView("ready", [{ name: "chat" }]);
  const path = method === "POST" ? "/api/applications/chat/emit" : "/api/applications";
  const init: RequestInit = { method, headers: { host: "127.0.0.1:8080", ...headers } };
  if (method === "POST") {
    init.body = '{"type":"a"}';
    init.headers = { "content-type": "application/json", ...init.headers };
  }
  const env = remote === undefined ? {} : { remote };
  const response = createHttp(view, { adminToken }).fetch(
    new Request(`http://placeholder${path}`, init),
    env,
  );
  return Promise.resolve(response).then((answer) => answer.status);
}

describe("without a token", () => {
  test.each([
    "127.0.0.1:8080",
    "localhost:8080",
    "localhost",
    "chat.localhost:8080",
    "[::1]:8080",
    "127.8.9.1",
  ])("a peer of this machine may ask by the name %s", async (host) => {
    expect(await status({ host }, "127.0.0.1")).toBe(200);
    expect(await status({ host }, "::1")).toBe(200);
  });

  test.each([
    "evil.example:8080",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "192.168.1.5",
    "",
    "a b",
    "notlocalhost",
  ])("a rebound name %p is refused", async (host) => {
    expect(await status({ host }, "127.0.0.1")).toBe(403);
  });

  test.each(["203.0.113.9", "192.168.1.5", "::ffff:203.0.113.9", "unknown", "127.evil", undefined])(
    "the peer %p is refused whatever name it gives",
    async (remote) => {
      expect(await status({ host: "localhost" }, remote)).toBe(403);
    },
  );

  test.each([
    "x-forwarded-for",
    "forwarded",
    "via",
    "x-real-ip",
    "x-forwarded-host",
    "X-Forwarded-Proto",
    "x-original-forwarded-for",
    "cf-connecting-ip",
    "cdn-loop",
  ])("what came through a proxy (%s) is refused", async (header) => {
    expect(await status({ [header]: "203.0.113.9" }, "127.0.0.1")).toBe(403);
  });
});

describe("with a token", () => {
  const token = "a-long-secret";

  test("whoever shows it may ask, from anywhere", async () => {
    const headers = { host: "rooms.example", authorization: `Bearer ${token}` };
    expect(await status(headers, "203.0.113.9", token)).toBe(200);
    expect(await status({ ...headers, authorization: `bearer ${token}` }, "203.0.113.9", token)).toBe(200);
  });

  test.each([
    undefined,
    "",
    "Bearer",
    "Bearer a-long-secre",
    "Bearer a-long-secret2",
    "Basic a-long-secret",
    "a-long-secret",
  ])("%p does not open, not even here", async (authorization) => {
    expect(await status(authorization === undefined ? {} : { authorization }, "127.0.0.1", token)).toBe(401);
  });

  test("a refusal says how to ask, and does not repeat what was shown", async () => {
    const http = createHttp(new WrittenView(), { adminToken: token });
    const headers = { authorization: "Bearer wrong-guess" };
    const response = await http.fetch(new Request("http://localhost/api/applications", { headers }), {});
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="hotroom"');
    expect(await response.text()).not.toContain("guess");
  });
});

describe("a page of another origin", () => {
  test.each(["https://evil.example", "http://127.0.0.1:9999", "null", "http://localhost.evil.example"])(
    "%p can't emit, with or without a token",
    async (origin) => {
      expect(await status({ origin }, "127.0.0.1", undefined, "POST")).toBe(403);
      const authorization = "Bearer a-long-secret";
      expect(await status({ origin, authorization }, "127.0.0.1", "a-long-secret", "POST")).toBe(403);
    },
  );

  test("nor can a page of the server's own origin without a token, but what sends no origin can", async () => {
    expect(await status({ origin: "http://127.0.0.1:8080" }, "127.0.0.1", undefined, "POST")).toBe(401);
    expect(await status({}, "127.0.0.1", undefined, "POST")).toBe(202);
  });
});
