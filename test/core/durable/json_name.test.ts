import { expect, test } from "bun:test";
import { jsonName } from "../../../src/core/durable/json_name.ts";

test.each([
  "",
  "lobby",
  "room 1",
  "a-b_c.d:e@f/g",
  'a "b"',
  "back\\slash",
  "line\nend",
  "nul\0",
  "ä",
  "\u2028",
  "\ud800",
  "'",
])("%j is as JSON has it", (name) => {
  expect(jsonName(name)).toBe(JSON.stringify(name));
});
