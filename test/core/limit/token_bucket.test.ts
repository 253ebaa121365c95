import { expect, test } from "bun:test";
import { TokenBucket } from "../../../src/core/limit/token_bucket.ts";
import { FakeClock } from "../fake_clock.ts";

const takeAll = (bucket: TokenBucket, most = 1000) => {
  let taken = 0;
  while (taken < most && bucket.take()) taken++;
  return taken;
};

test("a bucket gives its burst at once, then its rate", () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, { rate: 50, burst: 100 });
  expect(takeAll(bucket)).toBe(100);
  clock.advance(1000);
  expect(takeAll(bucket)).toBe(50);
  clock.advance(100);
  expect(takeAll(bucket)).toBe(5);
});

test("a bucket never holds more than its burst", () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, { rate: 50, burst: 100 });
  clock.advance(3_600_000);
  expect(takeAll(bucket)).toBe(100);
});

test("a rate of 0 is no limit", () => {
  expect(takeAll(new TokenBucket(new FakeClock(), { rate: 0, burst: 100 }), 5000)).toBe(5000);
});

test("a clock that is set forth or back gives nothing and takes nothing away", () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, { rate: 50, burst: 100 });
  expect(takeAll(bucket)).toBe(100);
  for (const hour of [-3_600_000, 7_200_000]) {
    clock.jump(hour);
    expect(bucket.take()).toBe(false);
  }
  clock.advance(1000);
  expect(takeAll(bucket)).toBe(50);
});

test("what was used already may leave a debt, which is filled up first", () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, { rate: 50, burst: 100 });
  expect(bucket.wait()).toBe(0);
  bucket.spend(150);
  expect(bucket.take()).toBe(false);
  expect(bucket.wait()).toBe(1001);
  clock.advance(1001);
  expect(bucket.wait()).toBe(0);
  clock.advance(1000);
  expect(takeAll(bucket)).toBe(50);
});

test("a limit that is changed counts at once, and without one nothing is owed", () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, { rate: 50, burst: 100 });
  bucket.limit = { rate: 10, burst: 20 };
  expect(takeAll(bucket)).toBe(20);
  bucket.limit = { rate: 0, burst: 1 };
  bucket.spend(1_000_000);
  expect(bucket.wait()).toBe(0);
  expect(bucket.take()).toBe(true);
});
