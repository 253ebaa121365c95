import { expect, test } from "bun:test";
import { createLog } from "../../../src/cli/log.ts";
import { LogBudget } from "../../../src/core/limit/log_budget.ts";
import type { Outcome } from "../../../src/core/ports/outcome.ts";
import { Usage } from "../../../src/core/limit/usage.ts";
import { FakeClock } from "../fake_clock.ts";

const failed = (limit?: "cpu" | "host"): Outcome => ({
  version: "v1",
  cpu: 20,
  failure: { code: "handler_failed", message: "Cannot.", ...(limit && { limit }) },
  effects: [{ kind: "log", level: "info", text: "x" }],
});

test("a room's events count for its application, too, by what they came to", () => {
  const whole = new Usage();
  const [one, two] = [new Usage(whole), new Usage(whole)];
  one.event({
    version: "v1",
    cpu: 0.5,
    value: '"four"',
    effects: [
      { kind: "broadcast", type: "x", data: "12345" },
      { kind: "cancel", name: "y" },
    ],
  });
  one.event(failed("cpu"));
  two.event(failed());
  two.event(failed("host"));
  two.breach("schedules");
  two.lineDropped();
  expect(one.view()).toEqual({
    cpu: 20.5,
    events: 2,
    effects: 2,
    bytes: 11,
    failures: { cpu: 1 },
    logLinesDropped: 0,
  });
  expect(whole.view()).toEqual({
    cpu: 60.5,
    events: 4,
    effects: 2,
    bytes: 11,
    failures: { cpu: 1, handler_failed: 1, host: 1, schedules: 1 },
    logLinesDropped: 1,
  });
});

test("log lines beyond the rate are dropped, and a second later it is told how many", () => {
  const clock = new FakeClock();
  const told: number[] = [];
  let rate = 10;
  const logs = new LogBudget(
    clock,
    () => ({ logRate: rate, logBytes: 1_000_000 }),
    (dropped) => told.push(dropped),
  );
  const taken = (count: number) =>
    Array.from({ length: count }, () => logs.take("line")).filter(Boolean).length;
  expect(taken(70)).toBe(50);
  expect(told).toEqual([]);
  clock.advance(1000);
  expect(told).toEqual([20]);
  expect(taken(20)).toBe(10);
  clock.advance(1000);
  expect(told).toEqual([20, 10]);
  // An edit of the settings counts at once.
  rate = 100;
  expect(taken(600)).toBe(500);
});

test.each([
  ["plain", "x".repeat(800), 1],
  ["escapes", "\u0000\u001b\u009b\u2028".repeat(200), 6],
  ["halves of pairs", "\ud800".repeat(800), 6],
  ["quotes", '"'.repeat(800), 2],
])("log lines are counted by the bytes that are written: %s", (_, text, bytes) => {
  const rates = { logRate: 1000, logBytes: 10_000 };
  const logs = new LogBudget(
    new FakeClock(),
    () => rates,
    () => {},
  );
  let written = 0;
  while (logs.take(text)) {
    for (const format of ["text", "json"] as const) {
      const log = createLog({
        format,
        level: "info",
        write: (line) => expect(Buffer.byteLength(line)).toBeLessThan(200 + 800 * bytes),
      });
      log("info", text, { application: "chat", room: "lobby", version: "v1·3fa9c1" });
    }
    written += 200 + 800 * bytes;
  }
  expect(written).toBeGreaterThan(50_000 - 200 - 800 * bytes);
  expect(written).toBeLessThanOrEqual(50_000);
});
