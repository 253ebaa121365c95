import { expect, test } from "bun:test";
import { MAX_TIMER_MS, machineClock, systemClock } from "../../../src/core/ports/clock.ts";

const pause = (ms: number) => new Promise<void>((resolve) => systemClock.after(ms, resolve));

test("a time that is longer than the runtime's timers keep does not pass at once", async () => {
  let fired = 0;
  const count = () => fired++;
  const ends = [MAX_TIMER_MS + 1, 1e12, Number.MAX_VALUE].flatMap((ms) => [
    systemClock.after(ms, count),
    systemClock.every(ms, count),
  ]);
  // The runtime fires those that overflow before a timer of some ms.
  await pause(20);
  expect(fired).toBe(0);
  for (const end of ends) end();
});

test("a long time is waited for in parts, and to its end", async () => {
  const clock = machineClock(5);
  const start = performance.now();
  await new Promise<void>((resolve) => clock.after(23, resolve));
  // Each of the five timers may be a fraction of a ms early; one part alone takes 5 ms.
  expect(performance.now() - start).toBeGreaterThan(17);
});

test("a long time that is cancelled in a later part of it does not fire", async () => {
  const clock = machineClock(2);
  let fired = 0;
  const cancel = clock.after(15, () => fired++);
  await pause(7);
  cancel();
  await pause(20);
  expect(fired).toBe(0);
});

test("a long interval repeats until it is ended, also by its own task", async () => {
  const clock = machineClock(2);
  let fired = 0;
  await new Promise<void>((resolve) => {
    const end = clock.every(5, () => {
      if (++fired < 3) return;
      end();
      resolve();
    });
  });
  await pause(15);
  expect(fired).toBe(3);
});
