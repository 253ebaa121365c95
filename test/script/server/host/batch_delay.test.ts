import { expect, test } from "bun:test";
import { FakeClock } from "../../../core/fake_clock.ts";
import { BatchDelay } from "../../../../src/script/server/host/batch_delay.ts";

/** Loop turns in which a wait may go on: more than any takes. */
const MANY = 200;

/** Lets loop turns pass until `delay` is over; each begins with what `turn` does. Tells how many passed, each of which took `ms`. */
async function turnsOf(last: number, turn: (n: number, delay: BatchDelay) => void, ms = 0): Promise<number> {
  let isOver = false;
  const clock = new FakeClock();
  const delay = new BatchDelay(clock, () => {
    isOver = true;
  });
  delay.lastBatch(last);
  delay.event();
  for (let n = 1; n <= MANY; n++) {
    turn(n, delay);
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
    if (isOver) return n;
  }
  throw new Error("The wait does not end.");
}

test("a wait is over at the end of the loop turn where the last batch was small", async () => {
  expect(await turnsOf(0, () => {})).toBe(1);
  expect(await turnsOf(7, (_, delay) => delay.event())).toBe(1);
});

test("it goes on while events come, and ends a few turns after the last", async () => {
  const quiet = await turnsOf(8, () => {});
  expect(quiet).toBeGreaterThan(1);
  const comes = await turnsOf(8, (n, delay) => {
    if (n <= 30 && n % 3 === 0) delay.event();
  });
  expect(comes).toBeGreaterThan(30);
  expect(comes).toBeLessThanOrEqual(30 + quiet + 1);
});

test("it ends with enough events, and after enough turns, whatever comes", async () => {
  const full = await turnsOf(8, (_, delay) => {
    for (let i = 0; i < 20; i++) delay.event();
  });
  expect(full).toBeLessThanOrEqual(5);
  expect(
    await turnsOf(8, (n, delay) => {
      if (n % 5 === 0) delay.event();
    }),
  ).toBeLessThan(MANY);
});

test("where a turn of the loop takes long, few of them end it", async () => {
  expect(await turnsOf(8, () => {}, 3)).toBe(1);
  expect(await turnsOf(8, (_, delay) => delay.event(), 3)).toBe(3);
  expect(await turnsOf(8, (n, delay) => n % 2 && delay.event(), 0.6)).toBeLessThan(20);
});

test("each wait calls once, and the next may begin in the call", async () => {
  let calls = 0;
  const done = Promise.withResolvers<void>();
  const delay: BatchDelay = new BatchDelay(new FakeClock(), () => {
    if (++calls === 3) return done.resolve();
    delay.event();
    delay.wait();
  });
  delay.wait();
  delay.event();
  await done.promise;
  for (let n = 0; n < 3; n++) await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toBe(3);
});
