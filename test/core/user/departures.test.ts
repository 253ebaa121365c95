import { expect, test } from "bun:test";
import { Departures } from "../../../src/core/user/departures.ts";
import { FakeClock } from "../fake_clock.ts";

/** A clock of which each timer falls due in a turn of its own. */
class TurningClock extends FakeClock {
  readonly tasks: (() => void)[] = [];

  override after(_: number, task: () => void): () => void {
    this.tasks.push(task);
    return () => {};
  }
}

function make() {
  const clock = new TurningClock();
  const departures = new Departures(clock);
  const gone: number[] = [];
  const leave = (n: number, frames: number) => {
    const turn = departures.turn(frames);
    if (!turn) gone.push(n);
    else void turn.then(() => gone.push(n));
  };
  /** Lets the loop turn once. */
  const next = async () => {
    for (const task of clock.tasks.splice(0)) task();
    await Promise.resolve();
  };
  return { clock, gone, leave, next };
}

test("who leaves alone leaves at once, however many are told of it", () => {
  const { gone, leave } = make();
  leave(1, 100_000);
  expect(gone).toEqual([1]);
});

test("of a crowd a few leave in each turn of the loop, in their order", async () => {
  const { gone, leave, next } = make();
  for (let n = 0; n < 20; n++) leave(n, 2000);
  const counts = [gone.length];
  while (gone.length < 20) {
    await next();
    counts.push(gone.length);
  }
  expect(counts).toEqual([3, 6, 9, 12, 15, 18, 20]);
  expect(gone).toEqual(Array.from({ length: 20 }, (_, n) => n));
});

test("who comes to leave later does not overtake those who wait", async () => {
  const { gone, leave, next } = make();
  leave(1, 5000);
  leave(2, 5000);
  leave(3, 1);
  await next();
  leave(4, 1);
  expect(gone).toEqual([1, 2]);
  await next();
  expect(gone).toEqual([1, 2, 3, 4]);
});

test("nothing is left to do once all have left", async () => {
  const { clock, leave, next } = make();
  for (let n = 0; n < 10; n++) leave(n, 5000);
  for (let n = 0; n < 12; n++) await next();
  expect(clock.tasks).toEqual([]);
});

test("of those of whom nobody is told a few leave in each turn, too", async () => {
  const { gone, leave, next } = make();
  for (let n = 0; n < 50; n++) leave(n, 0);
  expect(gone).toHaveLength(20);
  await next();
  expect(gone).toHaveLength(40);
  await next();
  expect(gone).toHaveLength(50);
});
