import { expect, test } from "bun:test";
import { EmitLimit } from "../../../src/core/extension/emit_limit.ts";

test("emits past the limit are dropped, which is told once with the setting, and counted", () => {
  const told: string[] = [];
  const limit = new EmitLimit(
    () => 2,
    (text) => told.push(text),
  );
  expect([1, 2, 3, 4].map(() => limit.enter())).toEqual([true, true, false, false]);
  expect(told).toEqual(["Emits are dropped: 2 wait, the most that may (limits.queue)."]);
  limit.leave();
  limit.leave();
  expect(told[1]).toBe("2 emits were dropped while too many waited.");
});
