import { expect, test } from "bun:test";
import { Ticker } from "../../../src/core/extension/ticker.ts";
import { FakeClock } from "../fake_clock.ts";

test("all tasks of one rate share one timer and tick in the same turn", () => {
  const clock = new FakeClock();
  const ticker = new Ticker(clock);
  const times: number[] = [];
  for (let i = 0; i < 10; i++) ticker.add(20, () => times.push(clock.now()));
  expect(clock.pending).toBe(1);
  clock.advance(50);
  expect(times.length).toBe(10);
  expect(new Set(times).size).toBe(1);
});

test("rates are kept apart", () => {
  const clock = new FakeClock();
  const ticker = new Ticker(clock);
  const counts = { slow: 0, fast: 0 };
  ticker.add(1, () => counts.slow++);
  ticker.add(60, () => counts.fast++);
  clock.advance(1000);
  expect(counts).toEqual({ slow: 1, fast: 60 });
});

test("the last task of a rate takes its timer with it, even from inside a tick", () => {
  const clock = new FakeClock();
  const ticker = new Ticker(clock);
  let count = 0;
  const stop = ticker.add(10, () => {
    count++;
    stop();
  });
  clock.advance(1000);
  stop();
  expect(count).toBe(1);
  expect(clock.pending).toBe(0);
});
