import { expect, test } from "bun:test";
import { Load } from "../../src/script/load.ts";
import type { Batch, Sandbox } from "../../src/script/sandbox.ts";
import { Turns } from "../../src/script/turns.ts";
import { buildOf } from "./harness.ts";

/** As much of a sandbox as turns look at. */
class Waiting {
  batch: { alone: boolean; undisturbed: boolean } | undefined;
  constructor(
    public waits = true,
    public wantsHostAlone = false,
  ) {}
}

/** Gives the next one away, as a host does. */
function give(turns: Turns): unknown {
  const next = turns.next();
  if (!next) return undefined;
  if (!(next instanceof Load)) {
    next.batch = { alone: next.wantsHostAlone, undisturbed: turns.inHand.size === 0 } as Batch;
  }
  turns.handed(next);
  return next;
}

function answer(turns: Turns, waiting: Waiting): void {
  turns.answered(waiting as unknown as Sandbox);
  waiting.batch = undefined;
}

const add = (turns: Turns, waiting: Waiting) => turns.add(waiting as unknown as Sandbox);

test("sandboxes take turns, and a batch that gets company is disturbed", () => {
  const turns = new Turns();
  const [one, two] = [new Waiting(), new Waiting()];
  add(turns, one);
  add(turns, two);
  expect(give(turns)).toBe(one);
  expect(one.batch?.undisturbed).toBe(true);
  expect(give(turns)).toBe(two);
  expect([one.batch?.undisturbed, two.batch?.undisturbed]).toEqual([false, false]);
});

test("who wants the host alone waits for empty hands, is overtaken by nobody, and shares with nobody", () => {
  const turns = new Turns();
  const [busy, lone, other] = [new Waiting(), new Waiting(true, true), new Waiting()];
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

test("a load is by itself, too", () => {
  const turns = new Turns();
  const other = new Waiting();
  const load = new Load(
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

test("a host has eight batches at most", () => {
  const turns = new Turns();
  const all = Array.from({ length: 9 }, () => new Waiting());
  for (const one of all) add(turns, one);
  for (let n = 0; n < 8; n++) expect(give(turns)).toBe(all[n]);
  expect(give(turns)).toBeUndefined();
  answer(turns, all[0] as Waiting);
  expect(give(turns)).toBe(all[8]);
});
