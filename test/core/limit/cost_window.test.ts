import { expect, test } from "bun:test";
import { CostWindow } from "../../../src/core/limit/cost_window.ts";

test("as much starts as costs the bound together, and one that costs more goes by itself", () => {
  const window = new CostWindow(10);
  window.start(6);
  expect([window.fits(4), window.fits(5), window.isFull]).toEqual([true, false, false]);
  window.start(4);
  expect([window.fits(1), window.isFull, window.size]).toEqual([false, true, 2]);
  window.end(6);
  expect(window.fits(100)).toBe(false);
  window.end(4);
  expect(window.fits(100)).toBe(true);
});

test("rounding errors are gone once nothing is under way", () => {
  const window = new CostWindow(1e-20);
  for (const cost of [0.1, 0.2, 0.7]) window.start(cost);
  for (const cost of [0.1, 0.2, 0.7]) window.end(cost);
  window.start(0);
  expect(window.fits(0)).toBe(true);
});
