import { expect, test } from "bun:test";
import type { Page } from "../../../src/core/view/pages.ts";
import { pageAnswer } from "../../../src/http/apps/page_answer.ts";

const page: Page = { name: "a.txt", tag: '"abc"', size: 1, read: async () => new Uint8Array([65]) };

async function statusFor(known: string): Promise<number> {
  const request = new Request("http://here/apps/chat/a.txt", { headers: { "if-none-match": known } });
  return (await pageAnswer(page, request)).status;
}

test.each([
  ["a module of its own", { origin: "null", "sec-fetch-dest": "script" }, "null"],
  ["a text", { origin: "null", "sec-fetch-dest": "empty" }, null],
  ["something, as who is no browser", { origin: "null" }, null],
  [
    "a module, from another origin",
    { origin: "https://elsewhere.example", "sec-fetch-dest": "script" },
    null,
  ],
])("a frame without an origin asks for %s", async (_, headers: Record<string, string>, allowed) => {
  const answer = await pageAnswer(page, new Request("http://here/apps/chat/a.txt", { headers }));
  expect(answer.headers.get("access-control-allow-origin")).toBe(allowed);
});

test.each([
  ["the tag", '"abc"', 304],
  ["a weak one", 'W/"abc"', 304],
  ["one of several", '"x" ,  W/"abc" , "y"', 304],
  ["any", "*", 304],
  ["another one", '"abcd"', 200],
  ["one with more in it", 'W/W/"abc"', 200],
  // A pattern that goes back would take minutes.
  ["a text that is long to compare", `x${" ".repeat(1_000_000)}y`, 200],
])("what a client has is known by %s", async (_, known, status) => {
  expect(await statusFor(known)).toBe(status);
});
