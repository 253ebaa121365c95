import { afterEach, expect, test } from "bun:test";
import { Ticker } from "../../../src/core/extension/ticker.ts";
import { Ticks } from "../../../src/core/extension/ticks.ts";
import { type Clock, systemClock } from "../../../src/core/ports/clock.ts";
import { FakeClock } from "../fake_clock.ts";

const dateNow = Date.now;
afterEach(() => {
  Date.now = dateNow;
});

/** Ticks of one extension, and the times that they were given. */
function ticking(clock: Clock, elapsed: (ms: number, handled: () => void) => void): Ticks {
  const ticks = new Ticks(new Ticker(clock), clock, elapsed);
  ticks.setRate(20);
  return ticks;
}

test("a tick tells the time since the last one, also where that waited long for the script", () => {
  const clock = new FakeClock();
  const times: number[] = [];
  let handled = () => {};
  ticking(clock, (elapsed, done) => {
    times.push(elapsed);
    handled = done;
  });
  clock.advance(50);
  clock.advance(150);
  handled();
  clock.advance(50);
  expect(times).toEqual([50, 200]);
});

test("a wall clock that is set forth or back is no time that has passed", () => {
  const clock = new FakeClock();
  const times: number[] = [];
  ticking(clock, (elapsed, handled) => {
    times.push(elapsed);
    handled();
  });
  for (const hour of [-3_600_000, 3_600_000]) {
    clock.advance(50);
    clock.jump(hour);
    clock.advance(50);
  }
  expect(times).toEqual([50, 50, 50, 50]);
});

test("nor is that of the machine", async () => {
  const times: number[] = [];
  const seen = Promise.withResolvers<void>();
  const ticks = ticking(systemClock, (elapsed, handled) => {
    times.push(elapsed);
    if (times.length === 1) Date.now = () => dateNow() - 3_600_000;
    if (times.length === 3) Date.now = () => dateNow() + 3_600_000;
    if (times.length === 5) seen.resolve();
    handled();
  });
  await seen.promise;
  ticks.setRate(undefined);
  for (const elapsed of times) {
    expect(Number.isInteger(elapsed) && elapsed >= 0 && elapsed < 600_000).toBe(true);
  }
});
