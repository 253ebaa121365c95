import { expect, test } from "bun:test";
import { withPoints } from "../../../extensions/quiz/lib/leaderboard.ts";

test("points add up, and the most come first; of as many who had them first", () => {
  let scores = withPoints([], "ann", 3);
  scores = withPoints(scores, "bob", 3);
  scores = withPoints(scores, "constructor", 4);
  expect(scores.map(({ name }) => name)).toEqual(["constructor", "ann", "bob"]);
  scores = withPoints(scores, "bob", 1);
  expect(scores).toEqual([
    { name: "constructor", points: 4 },
    { name: "bob", points: 4 },
    { name: "ann", points: 3 },
  ]);
});

test("a thousand places are kept", () => {
  const full = Array.from({ length: 1000 }, (_, n) => ({ name: `player ${n}`, points: 5000 - n }));
  expect(withPoints(full, "late", 1)).toEqual(full);
  const next = withPoints(full, "great", 9000);
  expect(next).toHaveLength(1000);
  expect(next[0]).toEqual({ name: "great", points: 9000 });
});
