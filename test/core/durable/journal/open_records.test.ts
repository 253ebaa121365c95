import { expect, test } from "bun:test";
import { OpenRecords, type WrittenDelivery } from "../../../../src/core/durable/journal/open_records.ts";
import { Random } from "../../../torture/random.ts";

/** Returns how many effects of a record are carried out, as a start reads it; all where the record is not open. */
function read(written: WrittenDelivery, number: number): number | "all" {
  return new Map(written.open).get(number) ?? (number <= written.last ? "all" : 0);
}

test("records that are carried out in their order are one number", () => {
  const open = new OpenRecords(0);
  for (let number = 1; number <= 3; number++) open.add(number);
  open.delete(1);
  open.delete(2);
  expect(open.text()).toBe('{"last":2,"open":[]}');
  expect([1, 2, 3, 4].map((number) => open.has(number))).toEqual([false, false, true, false]);
});

test("one that waits is written by itself while others are carried out, and keeps how many of its effects are", () => {
  const open = new OpenRecords(0);
  for (let number = 1; number <= 4; number++) open.add(number);
  open.begin(1, 2);
  open.delete(3);
  expect(JSON.parse(open.text())).toEqual({
    last: 3,
    open: [
      [1, 2],
      [2, 0],
    ],
  });
  open.delete(1);
  open.delete(2);
  expect(open.text()).toBe('{"last":3,"open":[]}');
});

test("whatever is added, begun and carried out, in any order, a start reads what a map of all open ones tells", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    let last = random.below(5);
    const before = new Map<number, number>();
    for (let number = 1; number <= last; number++)
      if (random.next() < 0.5) before.set(number, random.below(3));
    const open = new OpenRecords(last, before);
    const map = new Map(before);
    for (let step = 0; step < 40; step++) {
      const [number] = [...map.keys()].sort(() => random.next() - 0.5);
      const kind = random.next();
      if (kind < 0.4 || number === undefined) {
        open.add(++last);
        map.set(last, 0);
      } else if (kind < 0.55) {
        open.begin(number, 1 + (map.get(number) ?? 0));
        map.set(number, 1 + (map.get(number) ?? 0));
      } else {
        open.delete(number);
        map.delete(number);
      }
      const written = JSON.parse(open.text()) as WrittenDelivery;
      const state = [];
      const expected = [];
      for (let each = 1; each <= last; each++) {
        state.push([each, open.has(each), open.effectsOf(each), read(written, each)]);
        expected.push([each, map.has(each), map.get(each), map.get(each) ?? "all"]);
      }
      // Of one that no one has heard of yet, and behind the last one that is carried out, a start finds that nothing is.
      const upTo = random.below(last + 1);
      expect({ seed, step, state }).toEqual({ seed, step, state: expected as typeof state });
      expect(open.upTo(upTo).sort((a, b) => a - b)).toEqual(
        [...map.keys()].filter((each) => each <= upTo).sort((a, b) => a - b),
      );
    }
  }
});
