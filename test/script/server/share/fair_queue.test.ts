import { expect, test } from "bun:test";
import * as v from "valibot";
import { PerApplication } from "../../../../src/core/application/per_application.ts";
import { DeliveryCount } from "../../../../src/core/delivery_count.ts";
import { limitsSchema } from "../../../../src/core/application/settings.ts";
import { CpuRate } from "../../../../src/script/server/share/cpu_rate.ts";
import type { Outcomes } from "../../../../src/script/server/sandbox/outcomes.ts";
import { Validation } from "../../../../src/script/server/sandbox/validation.ts";
import type { Sandbox } from "../../../../src/script/server/sandbox/sandbox.ts";
import { OutcomeQueue } from "../../../../src/script/server/share/outcome_queue.ts";
import { FairQueue } from "../../../../src/script/server/share/fair_queue.ts";
import { Credit } from "../../../../src/core/turns.ts";
import { FakeClock } from "../../../core/fake_clock.ts";
import { buildOf } from "../harness.ts";

/** As much of a sandbox as turns look at. */
class Waiting {
  readonly credit = new Credit(10);
  batch: { alone: boolean; expected: number } | undefined;
  waits = false;
  expected = 0;
  constructor(
    readonly application = "app",
    public wantsHostAlone = false,
    readonly limits = v.parse(limitsSchema, {}),
  ) {}
}

function startTurns() {
  const clock = new FakeClock();
  let woken = 0;
  const outcomes = new OutcomeQueue({ deliveries: new DeliveryCount(), cpu: () => 0, now: () => 0 });
  const rates = new PerApplication(() => new CpuRate(clock));
  const turns = new FairQueue(clock, rates, outcomes, () => woken++);
  return { turns, clock, outcomes, woken: () => woken };
}

/** Gives the next one away, as a host does. */
function give(turns: FairQueue): Waiting | Validation | undefined {
  const next = turns.next() as Waiting | Validation | undefined;
  if (!next) return undefined;
  if (next instanceof Waiting) {
    const { wantsHostAlone: alone, expected } = next;
    next.batch = { alone, expected };
    next.waits = false;
  }
  turns.handed(next as unknown as Sandbox);
  return next;
}

function answer(turns: FairQueue, waiting: Waiting, cpu = 0): void {
  waiting.batch = undefined;
  turns.answered(waiting as unknown as Sandbox, cpu);
}

function add(turns: FairQueue, waiting: Waiting): void {
  waiting.waits = true;
  turns.add(waiting as unknown as Sandbox);
}

/** CPU time that each application got of `total` ms, where each always has something to do, in batches of `costs` ms. */
function shares(turns: FairQueue, costs: Record<string, number>, total: number): Record<string, number> {
  const used: Record<string, number> = {};
  for (const name of Object.keys(costs)) add(turns, new Waiting(name));
  for (let spent = 0; spent < total; ) {
    const next = give(turns) as Waiting;
    const cost = costs[next.application] ?? 0;
    used[next.application] = (used[next.application] ?? 0) + cost;
    spent += cost;
    answer(turns, next, cost);
    add(turns, next);
  }
  return used;
}

test("sandboxes take turns, and the host works on the oldest", () => {
  const { turns } = startTurns();
  const [one, two] = [new Waiting(), new Waiting()];
  add(turns, one);
  add(turns, two);
  expect(give(turns)).toBe(one);
  expect(turns.oldest as unknown).toBe(one);
  expect(give(turns)).toBe(two);
  expect(turns.oldest as unknown).toBe(one);
  answer(turns, one);
  expect(turns.oldest as unknown).toBe(two);
});

test("[F5] who wants the host alone waits for empty hands, is overtaken by nobody, and shares with nobody", () => {
  const { turns } = startTurns();
  const [busy, lone, other] = [new Waiting(), new Waiting("app", true), new Waiting()];
  add(turns, busy);
  expect(give(turns)).toBe(busy);
  add(turns, lone);
  add(turns, other);
  expect(give(turns)).toBeUndefined();
  answer(turns, busy);
  expect(give(turns)).toBe(lone);
  expect(give(turns)).toBeUndefined();
  answer(turns, lone);
  expect(give(turns)).toBe(other);
});

test("[F5] a load is by itself, too", () => {
  const { turns } = startTurns();
  const other = new Waiting();
  const load = new Validation(
    1,
    buildOf(),
    () => {},
    () => {},
  );
  turns.addLoad(load);
  add(turns, other);
  expect(give(turns)).toBe(load);
  expect(give(turns)).toBeUndefined();
  expect(turns.takeLoading()).toBe(load);
  expect(give(turns)).toBe(other);
});

test("[F4] a host has eight batches at most", () => {
  const { turns } = startTurns();
  const all = Array.from({ length: 9 }, () => new Waiting());
  for (const one of all) add(turns, one);
  for (let n = 0; n < 8; n++) expect(give(turns)).toBe(all[n]);
  expect(give(turns)).toBeUndefined();
  answer(turns, all[0] as Waiting);
  expect(give(turns)).toBe(all[8]);
});

test("[F4] what a host has is bounded by the time that it will take, too", () => {
  const { turns } = startTurns();
  const all = Array.from({ length: 3 }, () => Object.assign(new Waiting(), { expected: 3 }));
  for (const one of all) add(turns, one);
  expect([give(turns), give(turns), give(turns)]).toEqual([all[0], all[1], undefined]);
  answer(turns, all[0] as Waiting, 3);
  expect(give(turns)).toBe(all[2]);
});

test("[F1] applications get the same CPU time, whatever a batch of theirs costs", () => {
  const used = shares(startTurns().turns, { cheap: 1, middling: 10, dear: 25 }, 3000);
  for (const cpu of Object.values(used)) expect(Math.abs(cpu - 1000)).toBeLessThanOrEqual(35);
});

test("[F1] an application gets no more by spreading over many sandboxes", () => {
  const { turns } = startTurns();
  for (let n = 0; n < 5; n++) add(turns, new Waiting("many"));
  expect(shares(turns, { one: 10, many: 10 }, 2000)).toEqual({ one: 1000, many: 1000 });
});

test("[F2] one that was idle goes before those that use all they can get, and its credit ends", () => {
  const { turns } = startTurns();
  shares(turns, { busy: 10, other: 10 }, 200);
  const late = new Waiting("late");
  add(turns, late);
  expect(give(turns)).toBe(late);
  answer(turns, late, 30);
  add(turns, late);
  const next = Array.from({ length: 6 }, () => {
    const given = give(turns) as Waiting;
    answer(turns, given, 10);
    add(turns, given);
    return given.application;
  });
  // It is 20 ms behind: the others have two turns each before it has one.
  expect(next.slice(0, 4).sort()).toEqual(["busy", "busy", "other", "other"]);
  expect(next).toContain("late");
});

test("[F2] idle moments earn no more than the share of an application", () => {
  const { turns, clock } = startTurns();
  const used = { busy: 0, tricky: 0 };
  const [busy, tricky] = [new Waiting("busy"), new Waiting("tricky")];
  add(turns, busy);
  while (used.busy + used.tricky < 2000) {
    // It always comes back after a pause of 1 ms.
    clock.advance(1);
    if (!tricky.batch) add(turns, tricky);
    const next = give(turns) as Waiting;
    clock.advance(10);
    used[next.application as keyof typeof used] += 10;
    answer(turns, next, 10);
    if (next === busy) add(turns, busy);
  }
  expect(used.tricky).toBeLessThan(1250);
});

test("[F3] past its CPU rate an application waits until there is something in its bucket", () => {
  const { turns, clock, woken } = startTurns();
  const limits = { ...v.parse(limitsSchema, {}), cpuRate: 100, cpuBurst: 50 };
  const [limited, other] = [new Waiting("limited", false, limits), new Waiting("other")];
  add(turns, limited);
  expect(give(turns)).toBe(limited);
  answer(turns, limited, 60);
  add(turns, limited);
  expect(give(turns)).toBeUndefined();
  add(turns, other);
  expect(give(turns)).toBe(other);
  expect(give(turns)).toBeUndefined();
  clock.advance(100);
  expect(woken()).toBe(0);
  clock.advance(1);
  expect(woken()).toBe(1);
  expect(give(turns)).toBe(limited);
});

test("[F7] what the server spends on what an application's scripts asked for counts as if they had used it", () => {
  const { turns, clock } = startTurns();
  const limits = { ...v.parse(limitsSchema, {}), cpuRate: 100, cpuBurst: 50 };
  const [talker, other] = [new Waiting("talker", false, limits), new Waiting("other")];
  add(turns, talker);
  expect(give(turns)).toBe(talker);
  answer(turns, talker, 1);
  turns.spent(talker as unknown as Sandbox, 59);
  add(turns, talker);
  expect(give(turns)).toBeUndefined();
  clock.advance(101);
  expect(give(turns)).toBe(talker);
  add(turns, other);
  answer(turns, talker, 1);
  turns.spent(talker as unknown as Sandbox, 30);
  clock.advance(5000);
  add(turns, talker);
  // It is behind by two turns.
  for (let n = 0; n < 3; n++) {
    expect(give(turns)).toBe(other);
    answer(turns, other, 10);
    add(turns, other);
  }
});

test("[F8] an application whose outcomes wait is given nothing, and goes on when they have been applied", () => {
  const { turns, outcomes, woken } = startTurns();
  const [behind, other] = [new Waiting("behind"), new Waiting("other")];
  const loop = outcomes.of("behind");
  add(turns, behind);
  loop.add({} as Outcomes);
  add(turns, other);
  expect(give(turns)).toBe(other);
  expect(give(turns)).toBeUndefined();
  expect(woken()).toBe(0);
  loop.shift();
  expect(woken()).toBe(1);
  expect(give(turns)).toBe(behind);
  turns.stop();
  loop.add({} as Outcomes);
  loop.shift();
  expect(woken()).toBe(1);
});
