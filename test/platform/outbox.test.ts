import { expect, test } from "bun:test";
import { Outbox } from "../../src/platform/outbox.ts";

test("frames come out in the order in which they went in", () => {
  const outbox = new Outbox();
  expect(outbox.shift()).toBeUndefined();
  for (const frame of ["a", "b", "", "c"]) outbox.push(frame);
  expect(outbox.length).toBe(4);
  expect([outbox.shift(), outbox.shift(), outbox.shift()]).toEqual(["a", "b", ""]);
  outbox.push("d");
  expect([outbox.shift(), outbox.shift(), outbox.shift()]).toEqual(["c", "d", undefined]);
  expect(outbox.length).toBe(0);
});

test("its bytes are those of UTF-8 of what waits, whenever they are asked for", () => {
  const outbox = new Outbox();
  expect(outbox.bytes).toBe(0);
  outbox.push("é");
  outbox.push("€uro");
  expect(outbox.bytes).toBe(2 + 6);
  outbox.push("a");
  outbox.shift();
  expect(outbox.bytes).toBe(6 + 1);
  outbox.shift();
  outbox.push("😀");
  outbox.shift();
  // The last was never asked about while it waited behind others.
  expect(outbox.bytes).toBe(4);
  outbox.shift();
  expect(outbox.bytes).toBe(0);
});

test("frames that were taken out before anybody asked do not count later", () => {
  const outbox = new Outbox();
  for (let i = 0; i < 5; i++) outbox.push("abc");
  outbox.shift();
  outbox.shift();
  expect(outbox.bytes).toBe(9);
  outbox.clear();
  expect([outbox.bytes, outbox.length]).toEqual([0, 0]);
  outbox.push("ab");
  expect(outbox.bytes).toBe(2);
});

test("many frames are forgotten like few", () => {
  const outbox = new Outbox();
  for (let i = 0; i < 1000; i++) outbox.push("x");
  outbox.clear();
  outbox.push("y");
  expect([outbox.length, outbox.bytes, outbox.shift(), outbox.length]).toEqual([1, 1, "y", 0]);
});
