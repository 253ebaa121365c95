/** Numbers of frames that go on after the server's end. */
import { expect, test } from "bun:test";
import { FrameNumbers } from "../../../src/core/history/frame_numbers.ts";

test("after a server that has stopped numbers go on, and all are known", () => {
  const before = new FrameNumbers();
  for (let n = 0; n < 5; n++) before.next();
  const after = new FrameNumbers();
  after.goOn(before.kept, true);
  expect(after.next()).toBe(6);
  expect(after.knownBefore(6)).toBeUndefined();
});

test("after a server that was killed no number comes twice, and those between are known to be unknown, after the next kill, too", () => {
  const first = new FrameNumbers();
  first.goOn({ last: 40, gaps: [], again: [] }, false);
  const next = first.next();
  expect(next).toBeGreaterThan(40 + 1_000_000);
  expect(first.knownBefore(40)).toBeUndefined();
  expect(first.knownBefore(41)).toBe(40);
  expect(first.knownBefore(next)).toBeUndefined();

  const second = new FrameNumbers();
  second.goOn(first.kept, false);
  expect(second.knownBefore(41)).toBe(40);
  expect(second.knownBefore(next + 1)).toBe(next);
});

test("what is made again is told from what is new", () => {
  const numbers = new FrameNumbers();
  const old = numbers.next();
  numbers.beginAgain();
  const again = [numbers.next(), numbers.next()];
  numbers.endAgain();
  const fresh = numbers.next();
  const kept = new FrameNumbers();
  kept.goOn(numbers.kept, true);
  for (const each of [numbers, kept]) {
    expect(again.map((number) => each.isAgain(number))).toEqual([true, true]);
    expect([old, fresh].map((number) => each.isAgain(number))).toEqual([false, false]);
  }
});
