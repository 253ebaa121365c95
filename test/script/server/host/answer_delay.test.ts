import { expect, test } from "bun:test";
import type { Batch } from "../../../../src/script/server/sandbox/batch.ts";
import { AnswerDelay } from "../../../../src/script/server/host/answer_delay.ts";
import { FakeClock } from "../../../core/fake_clock.ts";
import { ask, buildOf, freshPath, message, Room, startHosts, stateOf } from "../harness.ts";

function start() {
  const clock = new FakeClock();
  const delay = new AnswerDelay(clock);
  const applied: number[] = [];
  return {
    clock,
    delay,
    applied,
    apply: (answer: number, next?: Batch) => delay.apply(() => applied.push(answer), next),
  };
}

/** A batch that is expected to take so many ms. */
function batch(expected: number, alone = false): Batch {
  return { posted: [], alone, unpolled: 500, polled: 500, expected, eventMs: expected };
}

test("an answer is applied at once where the host has nothing else in hand of its sandbox", () => {
  const { applied, apply } = start();
  apply(1);
  expect(applied).toEqual([1]);
});

test("an answer waits for the next one that is close behind, and is applied before it", () => {
  const { applied, apply, clock } = start();
  apply(1, batch(0.2));
  expect(applied).toEqual([]);
  apply(2, batch(0.2));
  expect(applied).toEqual([1, 2]);
  apply(3, batch(0.2));
  expect(applied).toEqual([1, 2]);
  apply(4);
  expect(applied).toEqual([1, 2, 3, 4]);
  expect(clock.pending).toBe(0);
});

test("nothing waits for a batch that takes long, or is tried by itself since it is suspected", () => {
  const { applied, apply } = start();
  apply(1, batch(1));
  apply(2, batch(0.2, true));
  expect(applied).toEqual([1, 2]);
});

test("an answer waits 2 ms, however long the next one takes then", () => {
  const { applied, apply, clock } = start();
  apply(1, batch(0.2));
  clock.advance(1.9);
  expect(applied).toEqual([]);
  clock.advance(0.1);
  expect(applied).toEqual([1]);
  apply(2);
  expect(applied).toEqual([1, 2]);
});

test("what waits is applied when it is released, once", () => {
  const { delay, applied, apply, clock } = start();
  delay.release();
  apply(1, batch(0.2));
  delay.release();
  delay.release();
  clock.advance(10);
  expect(applied).toEqual([1]);
});

test("what waits is not lost with the host, nor is its event handled again", async () => {
  const { hosts } = startHosts();
  const room = new Room("lobby");
  const script = hosts.open(await hosts.load(buildOf()), room);
  // Until little is expected of an event.
  for (let n = 0; n < 5; n++) await ask(script, "count", n);
  for (let n = 5; n < 25; n += 2) {
    const before = room.outcomes.length;
    script.dispatch(message("count", n));
    // The host has it in hand.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    script.dispatch(message("count", n + 1));
    expect(await ask(script, "die", freshPath())).toMatchObject({ effects: [] });
    const counts = room.outcomes.slice(before, before + 2).map(([event]) => "data" in event && event.data);
    expect(counts).toEqual([String(n), String(n + 1)]);
  }
  const numbers = Array.from({ length: 25 }, (_, n) => String(n));
  // `die` counts too, once it no longer dies.
  expect(await stateOf(script)).toMatchObject({ count: 25 + 10, seen: numbers });
});
