import { expect, spyOn, test } from "bun:test";
import { Hono } from "hono";
import * as v from "valibot";
import { Budget } from "../../../src/core/limit/budget.ts";
import { type BodyLimits, readBody } from "../../../src/http/api/body.ts";

/** Sends a body, in parts where it is several; without an end where `isOpen` is true. */
async function send(parts: string[], limits: BodyLimits, isOpen = false) {
  const app = new Hono();
  app.post("/", async (c) => {
    const read = await readBody(c, "do it", v.strictObject({ a: v.number() }), limits);
    return read.ok ? c.json(read.output) : read.answer;
  });
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      if (!isOpen) controller.close();
    },
  });
  const headers = { "content-type": "application/json" };
  const answer = await app.request(new Request("http://localhost/", { method: "POST", headers, body }));
  return [answer.status, ((await answer.json()) as { error?: { code: string } }).error?.code];
}

test("a body that comes in parts is one, and is too large as soon as its parts are", async () => {
  expect(await send(['{"a"', ":1}"], { bytes: 7 })).toEqual([200, undefined]);
  expect(await send(['{"a"', ":12}"], { bytes: 7 })).toEqual([413, "too_large"]);
  expect(await send(['{"a":1}', " ".repeat(100)], { bytes: 20 }, true)).toEqual([413, "too_large"]);
});

test("a body that does not come to its end is given up", async () => {
  expect(await send(['{"a"'], { bytes: 100, ms: 5 }, true)).toEqual([408, "timeout"]);
});

test("all bodies together have their bound, and give back what they took", async () => {
  const all = new Budget(() => 10);
  expect(await send(['{"a":1}', "      "], { bytes: 100, all })).toEqual([503, "busy"]);
  expect(all.used).toBe(0);
  expect(await send(['{"a":1}'], { bytes: 100, all })).toEqual([200, undefined]);
  expect(all.used).toBe(0);
});

test("a body with more values, keys or levels than a frame may have is not parsed", async () => {
  const bytes = 4 * 1024 * 1024;
  const parse = spyOn(JSON, "parse");
  try {
    for (const more of [
      `[${"1,".repeat(70_000)}1]`,
      `{${Array.from({ length: 17_000 }, (_, at) => `"${at}":1`).join(",")}}`,
      `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    ])
      expect(await send([`{"a":${more}}`], { bytes })).toEqual([400, "bad_request"]);
    expect(parse).not.toHaveBeenCalled();
  } finally {
    parse.mockRestore();
  }
});
