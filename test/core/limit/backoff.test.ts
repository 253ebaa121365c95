import { expect, test } from "bun:test";
import { Backoff } from "../../../src/core/limit/backoff.ts";

const waits = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.failed());

test("the first failures may be free, then the wait doubles up to a bound", () => {
  expect(waits(new Backoff(), 9)).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(waits(new Backoff(1000, 3000, 0), 4)).toEqual([1000, 2000, 3000, 3000]);
});

test("a success makes the next failure the first, however many there were", () => {
  const backoff = new Backoff();
  waits(backoff, 5000);
  expect(backoff.failed()).toBe(5000);
  backoff.succeeded();
  expect(backoff.failures).toBe(0);
  expect(waits(backoff, 2)).toEqual([0, 100]);
});
