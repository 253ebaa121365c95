import { expect, test } from "bun:test";
import { Call } from "../../../../src/script/server/sandbox/call.ts";
import type { Batch } from "../../../../src/script/server/sandbox/sandbox.ts";
import type { Posted } from "../../../../src/script/server/sandbox/slot.ts";
import { hostEnded, sandboxPoisoned } from "../../../../src/script/server/sandbox/suspicion.ts";

function batchOf(calls: Call[]): Batch {
  const posted = calls.map((call) => ({ call, slot: { number: 1 }, muted: false }) as unknown as Posted);
  return { posted, alone: false, unpolled: 500, polled: 500, expected: 0 };
}

const call = (seq = 1) => new Call({ kind: "init" }, seq);
const times = (count: number, action: () => void) => Array.from({ length: count }).forEach(action);

test("[B1] events that ran together are suspected and never convicted", () => {
  const [one, two] = [call(1), call(2)];
  times(10, () => hostEnded(batchOf([one, two]), "watchdog", "why"));
  for (const { suspicion } of [one, two]) {
    expect(suspicion).toMatchObject({ alone: true, verdict: undefined });
  }
});

test("[B2] an event by itself is convicted by the watchdog at once, by a crash the second time, by a foreign kill the fourth", () => {
  for (const [ending, needed] of [
    ["watchdog", 1],
    ["crash", 2],
    ["killed", 4],
  ] as const) {
    const one = call();
    times(needed - 1, () => hostEnded(batchOf([one]), ending, "why"));
    expect(one.suspicion.verdict).toBeUndefined();
    hostEnded(batchOf([one]), ending, "why");
    expect(one.suspicion.verdict).toBe("why");
  }
});

test("[B3] a poisoned sandbox convicts the named event only where no other script ever was in it", () => {
  const [one, two] = [call(1), call(2)];
  sandboxPoisoned(batchOf([one, two]), "why", [1, 2], false);
  expect(two.suspicion).toMatchObject({ alone: true, solo: true, verdict: undefined });
  expect(one.suspicion.alone).toBe(false);
  sandboxPoisoned(batchOf([two]), "why", [1, 2], true);
  expect(two.suspicion.verdict).toBe("why");
});

test("an event that may not have run when its sandbox was given up is not convicted at once", () => {
  const one = call();
  times(3, () => sandboxPoisoned(batchOf([one]), "why", undefined, true));
  expect(one.suspicion.verdict).toBeUndefined();
});

test("[B4] an answer clears what was held against an event", () => {
  const one = call();
  hostEnded(batchOf([one]), "crash", "why");
  one.suspicion.clear();
  hostEnded(batchOf([one]), "crash", "why");
  expect(one.suspicion.verdict).toBeUndefined();
});
