import { describe, expect, test } from "bun:test";
import type { Application } from "../../src/core/application/application.ts";
import type { Peer } from "../../src/core/connection/peer.ts";
import type { ServerState } from "../../src/core/view/server_view.ts";
import { createUpgrades } from "../../src/http/upgrades.ts";

const handler = { open() {}, message() {}, close() {} };
const chat = { settings: { headers: ["user-agent", "x-long"] } } as unknown as Application;
let seen: Peer | undefined;

/** Routes an upgrade where "chat" runs and "broken" has no version that works. */
function route(
  path: string,
  {
    offer,
    state = "ready",
    headers,
  }: { offer?: string; state?: ServerState; headers?: Record<string, string> } = {},
) {
  const upgrade = createUpgrades({
    applications: {
      find: (name) => (name === "chat" ? chat : undefined),
      all: () => [{ application: chat }],
      entry: (name) => (name === "broken" ? { application: undefined } : undefined),
    },
    connections: {
      accept: (_codec, _application, peer) => {
        seen = peer;
        return handler;
      },
    },
    state: () => state,
  });
  const offered: Record<string, string> = offer === undefined ? {} : { "sec-websocket-protocol": offer };
  return upgrade(
    new Request(`http://localhost${path}`, { headers: { ...headers, ...offered } }),
    "192.0.2.1",
  );
}

test.each(["/ws/chat", "/"])(
  "of a connection at %s the headers are kept that an application chooses",
  (path) => {
    const headers = { "User-Agent": "test", cookie: "secret", authorization: "Bearer secret" };
    route(path, { headers });
    expect(seen).toEqual({ address: "192.0.2.1", counted: "192.0.2.1", headers: { "user-agent": "test" } });
    route(path, { headers: { "x-long": "x".repeat(4096), "user-agent": "y" } });
    expect(seen).toEqual({ address: "192.0.2.1", counted: "192.0.2.1", headers: { "user-agent": "y" } });
  },
);

describe("the subprotocol is confirmed", () => {
  test.each(["hotroom.v1", "other, hotroom.v1", "other , \thotroom.v1,third", ",,hotroom.v1"])(
    "where %p offers it",
    (offer) => {
      expect(route("/ws/chat", { offer })).toEqual({ handler, protocol: "hotroom.v1" });
    },
  );

  test.each([undefined, "other", "hotroom.v2", "hotroom .v1", "HOTROOM.V1", "hotroom.v1;q=1"])(
    "and not where %p does not",
    (offer) => {
      expect(route("/ws/chat", { offer })).toEqual({ handler });
    },
  );

  test("and a header longer than 1 KB offers nothing", () => {
    const padded = (length: number) => "hotroom.v1,".padEnd(length, "x");
    expect(route("/ws/chat", { offer: padded(1024) })).toEqual({ handler, protocol: "hotroom.v1" });
    expect(route("/ws/chat", { offer: padded(1025) })).toEqual({ handler });
  });
});

test("the root speaks the wire of goroomserver, without a subprotocol", () => {
  expect(route("/", { offer: "hotroom.v1" })).toEqual({ handler });
});

test("a path without WebSockets is left to HTTP", () => {
  expect(route("/healthz")).toBeUndefined();
  expect(route("/ws")).toBeUndefined();
});

test.each([
  ["/ws/nobody", "ready", 404, "application_not_found"],
  ["/ws/%ff", "ready", 404, "application_not_found"],
  ["/ws/broken", "ready", 503, "application_unavailable"],
  ["/ws/nobody", "starting", 503, "starting"],
  ["/ws/chat", "draining", 503, "draining"],
  ["/", "draining", 503, "draining"],
] as const)("%s is refused while the server is %s: %d %s", async (path, state, status, code) => {
  const answer = route(path, { state }) as Response;
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.json()).toMatchObject({ error: { code } });
});
