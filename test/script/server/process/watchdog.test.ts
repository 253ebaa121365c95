import { expect, test } from "bun:test";
import type { Clock } from "../../../../src/core/ports/clock.ts";
import { Watchdog } from "../../../../src/script/server/process/watchdog.ts";

/** A clock that stands still until it is told, and a host whose CPU time is told too. */
class Bench implements Clock {
  time = 0;
  cpu: number | undefined = 0;
  expired: number[] = [];
  #task: (() => void) | undefined;
  readonly dog = new Watchdog(this, {
    cpu: () => this.cpu,
    allowance: () => 500,
    expired: (used) => this.expired.push(used),
  });

  now(): number {
    return this.time;
  }
  monotonic(): number {
    return this.time;
  }
  after(_: number, task: () => void): () => void {
    this.#task = task;
    return () => {
      this.#task = undefined;
    };
  }
  every(): () => void {
    throw new Error("not used");
  }
  /** Passes `wall` ms in which the host uses `cpu` ms; the timer comes once, however long that was. */
  pass(wall: number, cpu: number): void {
    this.time += wall;
    if (this.cpu !== undefined) this.cpu += cpu;
    this.#task?.();
  }
}

test("[B6] CPU time without progress expires, at the second look past the allowance", () => {
  const bench = new Bench();
  bench.dog.watch();
  bench.pass(50, 50);
  bench.pass(500, 451);
  expect(bench.expired).toEqual([]);
  bench.pass(10, 10);
  expect(bench.expired).toEqual([511]);
});

test("an answer between the two looks saves the host: this process was the slow one", () => {
  const bench = new Bench();
  bench.dog.watch();
  bench.pass(50, 50);
  bench.pass(5000, 5000);
  bench.dog.progress();
  bench.pass(50, 50);
  bench.pass(50, 50);
  expect(bench.expired).toEqual([]);
});

test("CPU time from before the host got its work does not count", () => {
  const bench = new Bench();
  bench.cpu = 10_000;
  bench.dog.watch();
  bench.pass(50, 30);
  bench.dog.progress();
  bench.pass(20, 20);
  for (let n = 0; n < 10; n++) bench.pass(50, 47);
  expect(bench.expired).toEqual([]);
  bench.pass(50, 47);
  bench.pass(10, 10);
  expect(bench.expired).toEqual([20 + 11 * 47 + 10]);
});

test("what an earlier process used allows the next one nothing", () => {
  const bench = new Bench();
  bench.cpu = 10_000;
  bench.dog.watch();
  bench.pass(50, 50);
  bench.dog.stop();
  bench.cpu = 100;
  bench.dog.watch();
  for (let n = 0; n < 10; n++) bench.pass(50, 50);
  expect(bench.expired).toEqual([]);
  bench.pass(50, 50);
  bench.pass(10, 10);
  expect(bench.expired).toEqual([560]);
});

test("[B6] wall time alone expires nothing", () => {
  const bench = new Bench();
  bench.dog.watch();
  for (let n = 0; n < 100; n++) bench.pass(60_000, 4);
  expect(bench.expired).toEqual([]);
});

test("where CPU time can't be told, four times the wall time expires, but not while the machine sleeps", () => {
  const bench = new Bench();
  bench.cpu = undefined;
  bench.dog.watch();
  for (let n = 0; n < 3; n++) bench.pass(3_600_000, 0);
  expect(bench.expired).toEqual([]);
  for (let n = 0; n < 34; n++) bench.pass(50, 0);
  expect(bench.expired).toEqual([]);
  for (let n = 0; n < 12; n++) bench.pass(50, 0);
  expect(bench.expired).toHaveLength(1);
});
