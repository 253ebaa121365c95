import { expect, test } from "bun:test";
import { Budget } from "../../../../src/core/limit/budget.ts";
import { Schedules } from "../../../../src/core/extension/timers/schedules.ts";
import { FakeClock } from "../../fake_clock.ts";

function make(most = 64, budget = new Budget(() => 1000)) {
  const clock = new FakeClock();
  const fired: string[] = [];
  const schedules = new Schedules(
    clock,
    () => most,
    budget,
    (name, data) => fired.push(data === undefined ? name : `${name} ${data}`),
  );
  return { clock, fired, schedules };
}

test("a schedule fires once, with its data, when it is due", () => {
  const { clock, fired, schedules } = make();
  schedules.set("round", 5000, '{"n":1}');
  clock.advance(4999);
  expect(fired).toEqual([]);
  clock.advance(10_000);
  expect(fired).toEqual(['round {"n":1}']);
  expect(schedules.size).toBe(0);
});

test("setting a schedule again moves it", () => {
  const { clock, fired, schedules } = make();
  schedules.set("round", 1000);
  schedules.set("round", 3000);
  clock.advance(2000);
  expect(fired).toEqual([]);
  clock.advance(1000);
  expect(fired).toEqual(["round"]);
});

test("a cancelled schedule does not fire", () => {
  const { clock, fired, schedules } = make();
  schedules.set("a", 10);
  schedules.set("b", 10);
  schedules.cancel("a");
  schedules.cancel("never set");
  clock.advance(10);
  expect(fired).toEqual(["b"]);
});

test("a schedule over the limit is not taken, but one that is there may be moved", () => {
  const { schedules } = make(2);
  expect(schedules.set("a", 10)).toBe(true);
  expect(schedules.set("b", 10)).toBe(true);
  expect(schedules.set("c", 10)).toBe(false);
  expect(schedules.set("a", 20)).toBe(true);
});

test("a handler may set its own schedule again", () => {
  const clock = new FakeClock();
  let count = 0;
  const schedules: Schedules = new Schedules(
    clock,
    () => 1,
    new Budget(() => 1000),
    (name) => {
      if (++count < 3) expect(schedules.set(name, 100)).toBe(true);
    },
  );
  schedules.set("again", 100);
  clock.advance(1000);
  expect(count).toBe(3);
});

test("a delay longer than timers keep does not fire at once", () => {
  const { clock, fired, schedules } = make();
  schedules.set("far", 1e15);
  clock.advance(2 ** 31 - 2);
  expect(fired).toEqual([]);
});

test("clearing leaves no timer behind", () => {
  const { clock, schedules } = make();
  schedules.set("a", 10);
  schedules.set("b", 10);
  schedules.clear();
  expect(clock.pending).toBe(0);
});

test("the data of all schedules that share a budget is bounded, and given back with them", () => {
  const budget = new Budget(() => 100);
  const [one, two] = [make(64, budget), make(64, budget)];
  expect(one.schedules.set("a", 100, "x".repeat(59))).toBe(true);
  expect(two.schedules.set("b", 100, "x".repeat(59))).toBe(false);
  expect(two.schedules.set("b", 100, "x".repeat(39))).toBe(true);
  expect(two.schedules.set("c", 100)).toBe(false);
  one.clock.advance(100);
  expect(two.schedules.set("c", 100)).toBe(true);
  two.schedules.cancel("b");
  two.schedules.clear();
  expect(budget.used).toBe(0);
});

test("a schedule that there is no room for is refused with the setting", () => {
  const { schedules } = make(1, new Budget(() => 10));
  expect(schedules.set("a", 10)).toBe(true);
  expect(schedules.set("b", 10)).toBe(false);
  expect(schedules.refusal("b")).toBe("it has 1 schedule, the most that it may have (limits.schedules)");
  expect(schedules.set("a", 10, '"too much data"')).toBe(false);
  expect(schedules.refusal("a")).toBe(
    "the data of the application's schedules would be more than may be held (limits.held)",
  );
});
