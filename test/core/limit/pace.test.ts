import { expect, test } from "bun:test";
import { Pace } from "../../../src/core/limit/pace.ts";

/** Lets the loop turn once. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A pace with a clock on which each task takes `ms`. */
function make(ms: number) {
  let now = 0;
  const pace = new Pace(() => now);
  const done: number[] = [];
  const run = (n: number) =>
    pace.run(() => {
      now += ms;
      done.push(n);
    });
  return { done, run };
}

test("of a crowd a few are done in each turn of the loop, in their order", async () => {
  const { done, run } = make(0.25);
  for (let n = 0; n < 10; n++) run(n);
  const counts = [done.length];
  while (done.length < 10) {
    await turn();
    counts.push(done.length);
  }
  expect(counts).toEqual([4, 8, 10]);
  expect(done).toEqual(Array.from({ length: 10 }, (_, n) => n));
});

test("who comes alone is done at once, however long it takes, and again in the next turn", async () => {
  const { done, run } = make(50);
  run(1);
  expect(done).toEqual([1]);
  await turn();
  run(2);
  expect(done).toEqual([1, 2]);
});

test("who comes later does not overtake those who wait", async () => {
  const { done, run } = make(2);
  run(1);
  run(2);
  run(3);
  await turn();
  run(4);
  expect(done).toEqual([1, 2]);
  await turn();
  await turn();
  expect(done).toEqual([1, 2, 3, 4]);
});
