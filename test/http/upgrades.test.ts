import { describe, expect, test } from "bun:test";
import type { Application } from "../../src/core/application/application.ts";
import type { ServerState } from "../../src/core/view/server_view.ts";
import { createUpgrades } from "../../src/http/upgrades.ts";

const handler = { open() {}, message() {}, close() {} };

/** Routes an upgrade where "chat" runs and "broken" has no version that works. */
function route(path: string, { offer, state = "ready" }: { offer?: string; state?: ServerState } = {}) {
  const upgrade = createUpgrades({
    applications: {
      find: (name) => (name === "chat" ? ({} as Application) : undefined),
      entry: (name) => (name === "broken" ? { name, quarantined: new Map() } : undefined),
    },
    connections: { accept: () => handler },
    state: () => state,
  });
  const headers = offer === undefined ? undefined : { "sec-websocket-protocol": offer };
  return upgrade(new Request(`http://localhost${path}`, { headers }));
}

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
