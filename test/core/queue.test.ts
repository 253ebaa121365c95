import { expect, test } from "bun:test";
import { Queue } from "../../src/core/queue.ts";

/** Returns what is left in a queue, in order. */
function rest<T>(queue: Queue<T>): T[] {
  return [...queue];
}

test("what is put back goes before what waits, one by one or at once, in any number", () => {
  for (const taken of [0, 1, 5, 40, 90]) {
    const queue = new Queue<number>();
    for (let n = 0; n < 100; n++) queue.push(n);
    const items = Array.from({ length: taken }, () => queue.shift() as number);
    for (const item of items.toReversed()) queue.putBack([item]);
    queue.putBack([-2, -1]);
    queue.push(100);
    expect(rest(queue)).toEqual(Array.from({ length: 103 }, (_, n) => n - 2));
    expect([queue.length, queue.at(0), queue.shift()]).toEqual([103, -2, -2]);
  }
});

test("to put back many one by one before many that wait moves these a few times, not each time", () => {
  const queue = new Queue<number>();
  for (let n = 0; n < 150_000; n++) queue.push(n);
  for (let n = 1; n <= 150_000; n++) queue.putBack([-n]);
  expect([queue.length, queue.shift(), queue.at(149_999)]).toEqual([300_000, -150_000, 0]);
});
