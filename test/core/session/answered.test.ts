/** Which frames of a client were answered, so that it sends no other one again. */
import { expect, test } from "bun:test";
import { Answered } from "../../../src/core/session/answered.ts";
import { Random } from "../../torture/random.ts";

test("frames that were answered in any order are known, each once, as the ones up to a number and those beyond it", () => {
  const random = new Random(17);
  for (let round = 0; round < 50; round++) {
    const all = Array.from({ length: 30 }, (_, at) => at + 1);
    const answered = new Answered();
    const done = new Set<number>();
    while (all.length > 0) {
      const [number] = all.splice(random.below(all.length), 1) as [number];
      answered.add(number);
      done.add(number);
      const { upTo, beyond } = answered;
      const known = [...Array.from({ length: upTo }, (_, at) => at + 1), ...beyond];
      expect(known).toEqual([...done].sort((a, b) => a - b));
      expect(done.has(upTo + 1)).toBe(false);
      expect(Answered.parse(answered.list()).list()).toEqual(answered.list());
    }
  }
});

test("a frame that is never answered does not make the others grow for ever", () => {
  const answered = new Answered();
  for (let number = 2; number <= 10_002; number++) answered.add(number);
  expect(answered.list()).toEqual([10_002]);
});
