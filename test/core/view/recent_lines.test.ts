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
  const recent = new RecentLines(new FakeClock(), () => {});
  for (let each = 1; each <= 20_000; each++) recent.log("info", `line ${each}`, { application: "chat" });
  const { lines, dropped, last } = recent.after(0, query);
  expect(lines.at(-1)).toMatchObject({ id: 20_000, text: "line 20000" });
  expect(last).toBe(20_000);
  expect(lines).toHaveLength(200);
  expect(lines.length + dropped).toBeLessThanOrEqual(10_000);
  expect(recent.after(last, query).lines).toEqual([]);
});
