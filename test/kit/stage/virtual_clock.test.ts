import { expect, test } from "bun:test";
import { VirtualClock } from "../../../src/kit/stage/virtual_clock.ts";

test("time passes past nothing that is due", () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  clock.after(10, () => ran.push("ten"));
  clock.every(4, () => ran.push("four"));
  for (let { next } = clock; next <= 12; { next } = clock) {
    clock.passTo(12);
    ran.push(`${clock.monotonic()}`);
    clock.run();
  }
  expect(ran).toEqual(["4", "four", "8", "four", "10", "ten", "12", "four"]);
});

test("what one task takes back does not run any more, at the same time or later", () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  clock.after(0, () => cancel());
  const cancel = clock.after(0, () => ran.push("taken back"));
  expect(clock.run()).toBe(true);
  expect(ran).toEqual([]);
  expect(clock.next).toBe(Number.POSITIVE_INFINITY);
});

test("what comes every 0 ms lets time pass", () => {
  const clock = new VirtualClock();
  clock.every(0, () => {});
  expect(clock.next).toBe(1);
});
