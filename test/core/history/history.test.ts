/** What one history keeps, and says that it does not. */
import { expect, test } from "bun:test";
import { History, type HistoryLimits } from "../../../src/core/history/history.ts";
import { HistoryStore } from "../../../src/core/history/history_store.ts";
import { FakeClock } from "../fake_clock.ts";

test("frames that were not kept, since nothing was for a while, are not forgotten once older ones go", () => {
  const owner: { limits: HistoryLimits } = { limits: { frames: 10, bytes: 1e6 } };
  const history = new History(new HistoryStore(new FakeClock(), 1e9), owner);
  history.hold({ needsAfter: () => 0 });
  const push = (from: number, to: number) => {
    for (let number = from; number <= to; number++) history.push(number, "x");
  };
  push(1, 5);
  owner.limits = { frames: 0, bytes: 1e6 };
  push(6, 20);
  owner.limits = { frames: 10, bytes: 1e6 };
  push(21, 27);
  expect(history.gone).toBeGreaterThanOrEqual(20);
});
