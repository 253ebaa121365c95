import { expect, test } from "bun:test";
import { Breaker } from "../../../src/core/limit/breaker.ts";
import { FakeClock } from "../fake_clock.ts";

test("a breaker opens for a time that doubles, up to five minutes", () => {
  const clock = new FakeClock();
  const breaker = new Breaker(clock);
  const times = Array.from({ length: 11 }, () => {
    const ms = breaker.open();
    clock.advance(ms);
    return ms / 1000;
  });
  expect(times).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test("it refuses while it is open, saying until when", () => {
  const clock = new FakeClock();
  const breaker = new Breaker(clock);
  breaker.check('join room "x"');
  breaker.open();
  const until = new Date(clock.now() + 1000).toISOString();
  expect(() => breaker.check('join room "x"')).toThrow(
    `Cannot join room "x": the application took its script host down too often and is closed until ${until}.`,
  );
  expect(breaker.openUntil).toBe(clock.now() + 1000);
  clock.advance(1000);
  breaker.check('join room "x"');
  expect(breaker.openUntil).toBeUndefined();
});

test("a quiet time makes it begin at a second again; so does a new version, at once", () => {
  const clock = new FakeClock();
  const breaker = new Breaker(clock);
  breaker.open();
  clock.advance(1000 + 10 * 60_000 - 1);
  expect(breaker.open()).toBe(2000);
  clock.advance(2000 + 10 * 60_000);
  expect(breaker.open()).toBe(1000);
  expect(breaker.open()).toBe(2000);
  breaker.reset();
  breaker.check("go on");
  expect(breaker.open()).toBe(1000);
});

test("it is open as long where the clock is set meanwhile, and says until when by the new time", () => {
  for (const hour of [-3_600_000, 3_600_000]) {
    const clock = new FakeClock();
    const breaker = new Breaker(clock);
    breaker.open();
    clock.jump(hour);
    expect(breaker.openUntil).toBe(clock.now() + 1000);
    clock.advance(1000);
    expect(breaker.openUntil).toBeUndefined();
  }
});
