import { expect, test } from "bun:test";
import { AllEventTimes, MOST_NAMED, OTHERS } from "../../../src/core/trace/event_times.ts";
import { BOUNDS_MS, Histogram } from "../../../src/core/trace/histogram.ts";

const moments = { acceptedAt: 10, handedAt: 11, answeredAt: 13, savedAt: 0 };

test("a time is counted in the first bucket that it fits in, its bound included", () => {
  const histogram = new Histogram();
  for (const bound of BOUNDS_MS) histogram.add(bound);
  histogram.add(0);
  histogram.add(10_000.1);
  const { counts, sum } = histogram.view();
  expect(counts).toEqual([2, ...BOUNDS_MS.slice(1).map(() => 1), 1]);
  expect(sum).toBeCloseTo(BOUNDS_MS.reduce((all, each) => all + each, 10_000.1));
});

test("the stages of an event together are the time from being taken to being carried out", () => {
  const all = new AllEventTimes();
  const times = all.open("chat");
  times.add(moments, 20);
  times.add({ ...moments, savedAt: 17 }, 20);
  const [{ application, queue, script, gate, delivery } = expect.unreachable()] = all.view();
  expect([application, queue.sum, script.sum, gate.sum, delivery.sum]).toEqual(["chat", 2, 4, 4, 7 + 3]);
  expect(queue.sum + script.sum + gate.sum + delivery.sum).toBe(2 * 10);
});

test("past a hundred applications the others are counted together, until one of the hundred has no scripts", () => {
  const all = new AllEventTimes();
  const names = Array.from({ length: MOST_NAMED + 2 }, (_, i) => `app${i}`);
  const opened = names.map((name) => all.open(name));
  for (const times of opened) times.add(moments, 20);
  expect(all.view().map(({ application }) => application)).toEqual([...names.slice(0, MOST_NAMED), OTHERS]);
  expect(
    all
      .view()
      .at(-1)
      ?.queue.counts.reduce((sum, count) => sum + count),
  ).toBe(2);
  const [first = expect.unreachable()] = opened;
  all.open("app0");
  all.close("app0", first);
  expect(all.open("late")).toBe(all.open("later"));
  all.close("app0", first);
  const late = all.open("late");
  late.add(moments, 20);
  const views = all.view();
  expect(views.some(({ application }) => application === "app0")).toBeFalse();
  expect(views.find(({ application }) => application === "late")?.queue.sum).toBe(1);
  // What scripts of it are counted among the others does not end its own.
  all.close("late", all.open("app101"));
  expect(all.open("late")).toBe(late);
});
