/** What bounds the bodies of assistants' requests. */
import { expect, test } from "bun:test";
import type { Budget } from "../../../src/core/limit/budget.ts";
import { createHttp } from "../../../src/http/app.ts";
import { assistantsWith } from "../../../src/http/mcp/assistants.ts";
import { WrittenView } from "../view.ts";

const init = { jsonrpc: "2.0", id: 1, method: "tools/list" };

function open() {
  const found: { bodies?: Budget } = {};
  const add = assistantsWith({ mayEdit: false, types: "" });
  const http = createHttp(new WrittenView(), {
    assistants: (to) => {
      found.bodies = to.bodies;
      add(to);
    },
  });
  const ask = (path: string, body: string) =>
    http.fetch(
      new Request(`http://127.0.0.1${path}`, {
        method: "POST",
        headers: {
          host: "127.0.0.1",
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          "mcp-protocol-version": "2025-06-18",
        },
        body,
      }),
      { remote: "127.0.0.1" },
    );
  return { ask, bodies: found.bodies as Budget };
}

test("they are bounded together with those of the API, and give back what they took", async () => {
  const { ask, bodies } = open();
  expect((await ask("/mcp", JSON.stringify(init))).status).toBe(200);
  expect(bodies.used).toBe(0);

  const others = 64 * 1024 * 1024 - 10;
  bodies.owe(others);
  const busy = await ask("/mcp", JSON.stringify(init));
  expect([busy.status, busy.headers.get("connection")]).toEqual([503, "close"]);
  bodies.give(others);
  expect(bodies.used).toBe(0);
  expect((await ask("/mcp", JSON.stringify(init))).status).toBe(200);
});

test("one that is too large ends its connection: the rest would be taken for a request", async () => {
  const { ask } = open();
  const answer = await ask("/mcp", " ".repeat(2 * 1024 * 1024 + 1));
  expect([answer.status, answer.headers.get("connection")]).toEqual([413, "close"]);
});
