/** How what answers came to is applied: in slices of the loop's turns, and in turns of the applications. */
import { expect, test } from "bun:test";
import { DeliveryCount } from "../../../../src/core/delivery_count.ts";
import type { Outcomes } from "../../../../src/script/server/sandbox/outcomes.ts";
import type { Sandbox } from "../../../../src/script/server/sandbox/sandbox.ts";
import { OutcomeQueue } from "../../../../src/script/server/share/outcome_queue.ts";

/** Resolves when the loop has turned once. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A queue on a clock that only what is applied moves. */
function start() {
  let now = 0;
  const deliveries = new DeliveryCount();
  const queue = new OutcomeQueue({ deliveries, cpu: () => now, now: () => now });
  const applied: string[] = [];
  const ended: string[] = [];
  const sandboxes = new Map<string, Sandbox>();
  /** What an answer of an application came to: so many outcomes, each of which takes `ms` and sends `frames`. */
  const outcomes = (name: string, count: number, ms: number, frames = 0): Outcomes => {
    const application = name.replace(/\d+$/, "");
    let next = 0;
    const sandbox = sandboxes.get(name) ?? ({ application } as Sandbox);
    sandboxes.set(name, sandbox);
    return {
      sandbox,
      expectedMs: 0,
      next() {
        if (next >= count) return false;
        applied.push(`${name}.${++next}`);
        now += ms;
        if (frames > 0) deliveries.add(0, frames);
        return true;
      },
      sent() {},
      spend() {},
      end: () => ended.push(name),
    } as unknown as Outcomes;
  };
  return { queue, applied, ended, outcomes, sandboxes };
}

test("what takes little is applied at once", () => {
  const { queue, applied, ended, outcomes } = start();
  queue.apply(outcomes("a", 3, 0.1));
  queue.apply(outcomes("b", 2, 0.1));
  expect(applied).toEqual(["a.1", "a.2", "a.3", "b.1", "b.2"]);
  expect(ended).toEqual(["a", "b"]);
});

test("[F8] what takes long is applied a few ms at a time, and the loop turns between", async () => {
  const { queue, applied, ended, outcomes } = start();
  queue.apply(outcomes("a", 40, 1));
  const counts: number[] = [];
  while (ended.length === 0) {
    counts.push(applied.length);
    await turn();
  }
  expect(applied).toEqual(Array.from({ length: 40 }, (_, n) => `a.${n + 1}`));
  expect(counts.length).toBeGreaterThanOrEqual(9);
  for (const [n, count] of counts.entries()) expect(count - (counts[n - 1] ?? 0)).toBeLessThanOrEqual(4);
});

test("[F7] what is written to sockets later counts as well", async () => {
  const { queue, applied, outcomes, ended } = start();
  queue.apply(outcomes("a", 10, 0, 10_000));
  expect(applied.length).toBe(1);
  while (ended.length === 0) await turn();
  expect(queue.of("a").used).toBeGreaterThan(4);
});

test("an application's outcomes stay in order, whichever sandboxes they come from", async () => {
  const { queue, applied, ended, outcomes } = start();
  for (const name of ["a1", "a2", "a3"]) queue.apply(outcomes(name, 3, 2));
  while (ended.length < 3) await turn();
  expect(applied).toEqual(["a1", "a2", "a3"].flatMap((name) => [1, 2, 3].map((n) => `${name}.${n}`)));
});

test("one that was idle goes before those whose outcomes wait, and these take turns by the time they take", async () => {
  const { queue, applied, ended, outcomes } = start();
  queue.apply(outcomes("dear", 20, 4));
  queue.apply(outcomes("cheap", 80, 1));
  await turn();
  await turn();
  queue.apply(outcomes("late", 1, 0.1));
  const before = applied.length;
  await turn();
  expect(applied[before]).toBe("late.1");
  while (ended.length < 2) await turn();
  const half = applied.slice(0, 50);
  const times = (name: string, ms: number) => half.filter((each) => each.startsWith(name)).length * ms;
  expect(Math.abs(times("dear", 4) - times("cheap", 1))).toBeLessThanOrEqual(12);
});

test("what waits of a sandbox that is given up is applied before, and once", async () => {
  const { queue, applied, ended, outcomes, sandboxes } = start();
  queue.apply(outcomes("a1", 6, 2));
  queue.apply(outcomes("a2", 2, 2));
  queue.finish(sandboxes.get("a2") as Sandbox);
  expect(applied).toContain("a2.2");
  while (ended.length < 2) await turn();
  expect(applied.toSorted()).toEqual(["a1.1", "a1.2", "a1.3", "a1.4", "a1.5", "a1.6", "a2.1", "a2.2"]);
});
