import { expect, test } from "bun:test";
import { Evidence, type Findings } from "./evidence.ts";
import { bookOf, type Line, sumOf } from "./ledger.ts";

/** Events of a room as they should be told, from what was said in order. */
function linesOf(...said: [by: string, n: number][]): Line[] {
  let sum = 0;
  return said.map(([by, n], i) => {
    const line = { at: i + 1, by, n, luck: n / 10, sum: 0 };
    line.sum = sum = sumOf(sum, line);
    return line;
  });
}

const [ann1, bob1, ann2] = linesOf(["ann", 1], ["bob", 1], ["ann", 2]) as [Line, Line, Line];
const all = [ann1, bob1, ann2];

/** What a run finds in which these were told, each as an answer, and in which the room's book is that of `kept` in the end. */
function found(told: readonly Line[], kept: readonly Line[] = told): Partial<Findings> {
  const evidence = new Evidence();
  for (const line of told) evidence.told("room", line, "acknowledged");
  evidence.compare("room", bookOf(kept));
  return Object.fromEntries(Object.entries(evidence.findings).filter(([, count]) => count > 0));
}

test("nothing is wrong where the book is what was told", () => {
  expect(found(all)).toEqual({});
  expect(found([ann1, ann1, bob1, ann2], all)).toEqual({});
});

test("an acknowledged event is lost where another takes its place, or where the book ends before it", () => {
  const instead = { ...ann2, by: "cat" };
  expect(found([...all, instead], [ann1, bob1, instead])).toMatchObject({ lost: 1 });
  expect(found(all, [ann1, bob1])).toEqual({ lost: 1, unequal: 1 });
});

test("an event that was only heard of is taken back, not lost", () => {
  const evidence = new Evidence();
  evidence.told("room", ann1, "heard");
  evidence.compare("room", bookOf([]));
  expect(evidence.findings).toMatchObject({ lost: 0, takenBack: 1 });
});

test("an event is repeated where it is told at two places", () => {
  const again = linesOf(["ann", 1], ["bob", 1], ["bob", 1]);
  expect(found(again)).toEqual({ repeated: 1 });
});

test("a replay that comes to something else shows in the event, in the book, and where nobody was told", () => {
  expect(found([ann1, { ...ann1, luck: 0.9 }], [ann1])).toEqual({ changed: 1 });
  expect(found(all, [ann1, { ...bob1, luck: 0.9 }, ann2])).toEqual({ unequal: 1 });
  expect(found([ann1, ann2], all)).toEqual({ unequal: 1 });
});
