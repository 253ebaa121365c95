import { expect, test } from "bun:test";
import { RecordNumbers } from "../../../../src/core/durable/journal/record_numbers.ts";
import { Random } from "../../../torture/random.ts";

test("a long log of records that follow each other is known by its events", () => {
  const numbers = new RecordNumbers();
  for (let seq = 5; seq < 1005; seq++) numbers.set(seq, seq + 100);
  expect([4, 5, 504, 1004, 1005].map((seq) => numbers.of(seq))).toEqual([
    undefined,
    105,
    604,
    1104,
    undefined,
  ]);
  numbers.dropUpTo(604);
  expect([504, 505].map((seq) => numbers.of(seq))).toEqual([undefined, 605]);
});

test("whatever is noted, dropped and taken back, in any order, the numbers are those of a map", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed);
    const numbers = new RecordNumbers();
    const map = new Map<number, number>();
    let last = 0;
    for (let step = 0; step < 60; step++) {
      const seq = random.below(30);
      const kind = random.next();
      if (kind < 0.6) {
        // Most follow each other; an event that has a record may get another one.
        const next = random.next() < 0.7 ? step : seq;
        numbers.set(next, ++last);
        map.set(next, last);
      } else if (kind < 0.85) {
        numbers.delete(seq);
        map.delete(seq);
      } else {
        const upTo = random.below(last + 1);
        numbers.dropUpTo(upTo);
        for (const [each, number] of map) if (number <= upTo) map.delete(each);
      }
      for (let each = 0; each < 60; each++) {
        if (numbers.of(each) === map.get(each) && numbers.has(each) === map.has(each)) continue;
        expect({ seed, step, each, number: numbers.of(each) }).toEqual({
          seed,
          step,
          each,
          number: map.get(each),
        });
      }
    }
  }
});
