import { expect, test } from "bun:test";
import { RecentLines } from "../../../src/core/view/recent_lines.ts";
import { FakeClock } from "../fake_clock.ts";

const query = { application: "chat", level: "info" as const };

test("long lines are kept as their beginnings, and passed on whole", () => {
  const passed: string[] = [];
  const recent = new RecentLines(new FakeClock(), (_, text) => passed.push(text));
  recent.log("info", "x".repeat(100_000), { application: "chat" });
  expect(recent.after(0, query).lines.map(({ text }) => text)).toEqual([`${"x".repeat(1999)}…`]);
  expect(passed[0]).toHaveLength(100_000);
});

test("of a great many lines the newest are told, and how many came before them", () => {
  const clock = new FakeClock();
  const recent = new RecentLines(clock, () => {});
  for (let each = 1; each <= 20_000; each++) {
    recent.log("info", `line ${each}`, { application: "chat" });
    clock.advance(10);
  }
  const { lines, dropped, last } = recent.after(0, query);
  expect(lines.at(-1)).toMatchObject({ id: 20_000, text: "line 20000" });
  expect(last).toBe(20_000);
  expect(lines).toHaveLength(200);
  expect(lines.length + dropped).toBeLessThanOrEqual(2_000);
  expect(recent.after(last, query).lines).toEqual([]);
});

test("of a flood a hundred lines a second are kept, of each application, and it is said how many more there were", () => {
  const clock = new FakeClock();
  let passed = 0;
  const recent = new RecentLines(clock, () => passed++);
  for (let each = 1; each <= 5_000; each++) recent.log("info", `line ${each}`, { application: "chat" });
  recent.log("info", "quiet", { application: "quiz" });
  expect(passed).toBe(5_001);
  expect(recent.after(0, { application: "quiz", level: "info" }).lines).toHaveLength(1);
  clock.advance(1_000);
  recent.log("info", "later", { application: "chat" });
  const { lines, dropped } = recent.after(0, query);
  expect(dropped).toBe(0);
  expect(lines.map(({ text }) => text).slice(-3)).toEqual([
    "line 100",
    "4900 lines are not shown: more than 100 came in a second.",
    "later",
  ]);
});
