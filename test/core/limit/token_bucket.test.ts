import { expect, test } from "bun:test";
import { TokenBucket } from "../../../src/core/limit/token_bucket.ts";
import { FakeClock } from "../fake_clock.ts";

const takeAll = (limit: TokenBucket, most = 1000) => {
  let taken = 0;
  while (taken < most && limit.take()) taken++;
  return taken;
};

test("a bucket gives its burst at once, then its rate", () => {
  const clock = new FakeClock();
  const limit = new TokenBucket(clock, 50, 100);
  expect(takeAll(limit)).toBe(100);
  clock.advance(1000);
  expect(takeAll(limit)).toBe(50);
  clock.advance(100);
  expect(takeAll(limit)).toBe(5);
});

test("a bucket never holds more than its burst", () => {
  const clock = new FakeClock();
  const limit = new TokenBucket(clock, 50, 100);
  clock.advance(3_600_000);
  expect(takeAll(limit)).toBe(100);
});

test("a rate of 0 is no limit", () => {
  expect(takeAll(new TokenBucket(new FakeClock(), 0, 100), 5000)).toBe(5000);
});

test("a clock that is set back takes nothing away", () => {
  const clock = new FakeClock();
  const limit = new TokenBucket(clock, 50, 100);
  expect(takeAll(limit)).toBe(100);
  clock.setBack(3_600_000);
  expect(limit.take()).toBe(false);
  clock.advance(1000);
  expect(takeAll(limit)).toBe(50);
});
