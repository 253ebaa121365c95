import { expect, test } from "bun:test";
import type { Clock } from "../../../../src/core/ports/clock.ts";
import { Watchdog } from "../../../../src/script/server/process/watchdog.ts";

/** A clock that stands still until it is told, and a host whose CPU time is told too. */
class Bench implements Clock {
  time = 0;
  cpu: number | undefined = 0;
  isStopped = false;
  expired: number[] = [];
  stuck: string[] = [];
  #task: (() => void) | undefined;
  readonly dog = new Watchdog(this, {
    usage: () => (this.cpu === undefined ? undefined : { cpu: this.cpu, isStopped: this.isStopped }),
    allowance: () => 500,
    expired: (used) => this.expired.push(used),
    stuck: (reason) => this.stuck.push(reason),
  });

  now(): number {
    throw new Error("the wall clock may jump");
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

test("[B7] a host that uses no CPU time for ten seconds is given up; an answer, or any CPU time, begins them anew", () => {
  const bench = new Bench();
  const pass = (looks: number) => {
    for (let n = 0; n < looks; n++) bench.pass(50, 0);
  };
  bench.dog.watch();
  pass(150);
  bench.pass(50, 10);
  pass(150);
  bench.dog.progress();
  pass(200);
  expect(bench.stuck).toEqual([]);
  pass(1);
  expect(bench.stuck).toEqual(["it does not run: it used no CPU time for 10 s"]);
  expect(bench.expired).toEqual([]);
});

test("[B7] a host that a signal has stopped is given up after two seconds, one that goes on before is not", () => {
  const bench = new Bench();
  bench.dog.watch();
  bench.isStopped = true;
  for (let n = 0; n < 39; n++) bench.pass(50, 0);
  bench.isStopped = false;
  bench.pass(50, 0);
  bench.isStopped = true;
  for (let n = 0; n < 39; n++) bench.pass(50, 0);
  expect(bench.stuck).toEqual([]);
  bench.pass(50, 0);
  expect(bench.stuck).toEqual(["it does not run: a signal has stopped it"]);
});

test("[B7] a machine that sleeps, or a server that is busy itself, gives up no host: a late look counts as one in time", () => {
  const bench = new Bench();
  bench.dog.watch();
  bench.isStopped = true;
  for (let n = 0; n < 19; n++) bench.pass(3_600_000, 0);
  expect(bench.stuck).toEqual([]);
});
