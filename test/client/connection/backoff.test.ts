import { afterEach, expect, spyOn, test } from "bun:test";
import { Backoff, isForAll } from "../../../src/client/connection/backoff.ts";

const random = spyOn(Math, "random");
afterEach(() => {
  random.mockReset();
});

test("each wait is a random part of one that doubles up to its bound, until a connection has held", () => {
  const backoff = new Backoff({ minDelay: 100, maxDelay: 1_000 });
  random.mockReturnValue(1);
  expect(Array.from({ length: 6 }, () => backoff.next())).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  random.mockReturnValue(0.25);
  expect(backoff.next()).toBe(250);
  random.mockReturnValue(0);
  expect(backoff.next()).toBe(0);
  backoff.reset();
  random.mockReturnValue(1);
  expect(backoff.next()).toBe(100);
  for (let tries = 0; tries < 2_000; tries++) expect(backoff.next()).toBeLessThanOrEqual(1_000);
});

test("[P100] clients of a server that stops come back over a window, of at most half the time that their places are kept", () => {
  const backoff = new Backoff({ minDelay: 100, spread: 8_000 });
  random.mockReturnValue(1);
  expect(backoff.after(4000, 30_000)).toBe(8_000);
  expect(backoff.after(4000, 4_000)).toBe(2_000);
  expect(backoff.after(4000, 0)).toBe(8_000);
  random.mockReturnValue(0.5);
  expect(backoff.after(1012, 30_000)).toBe(4_000);
  // A link that broke is one client's own.
  backoff.reset();
  random.mockReturnValue(1);
  expect(backoff.after(1006, 30_000)).toBe(100);
  expect([1001, 1005, 1006, 1011, 1012, 1013, 4000, 4001].filter(isForAll)).toEqual([1001, 1012, 1013, 4000]);
});
