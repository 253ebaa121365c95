import { expect, test } from "bun:test";
import * as v from "valibot";
import {
  bounded,
  type CeilingKey,
  ceilingKeys,
  ceilingsOf,
  overCeilings,
} from "../../../src/core/application/ceilings.ts";
import {
  limitsSchema,
  settingsOf,
  settingsSchema,
  type SettingsInput,
} from "../../../src/core/application/settings.ts";

const settings = (input: SettingsInput = {}) => settingsOf(v.parse(settingsSchema, input), false);

test("each setting that is a number has a ceiling, which is no less than its default", () => {
  const { limits, session, ...rest } = settings();
  const numbers = Object.entries({ ...rest, ...limits, ...session }).filter(
    ([, value]) => typeof value === "number",
  );
  expect(numbers.map(([key]) => key).sort()).toEqual([...ceilingKeys].sort());
  const ceilings = ceilingsOf();
  // 0 is no limit, and no ceiling.
  const low = numbers.filter(
    ([key, value]) => key !== "cpuRate" && Number(value) > ceilings[key as CeilingKey],
  );
  expect(low).toEqual([]);
});

test("a file may set what is at a ceiling, and is told of what is over one", () => {
  const ceilings = ceilingsOf({ cpuHard: 700, maxRooms: 5 });
  const told = (file: SettingsInput) => overCeilings(settings(file), file, ceilings);
  expect(told({ maxRooms: 5, limits: { cpuHard: 700 } })).toEqual([]);
  expect(told({ maxRooms: 6, limits: { cpuHard: 700.5 } })).toEqual([
    { path: ["maxRooms"], value: 6, ceiling: 5 },
    { path: ["limits", "cpuHard"], value: 700.5, ceiling: 700 },
  ]);
});

test("a default that is over a ceiling is the ceiling, and nobody is told", () => {
  const ceilings = ceilingsOf({ cpuHard: 100, maxRooms: 5 });
  expect(overCeilings(settings(), {}, ceilings)).toEqual([]);
  const { limits, ...rest } = bounded(settings({ limits: { queue: 7 } }), ceilings);
  expect([rest.maxRooms, limits.cpuHard, limits.queue]).toEqual([5, 100, 7]);
  expect(limits.memory).toBe(settings().limits.memory);
});

test("no limit of CPU time is more than any ceiling of it", () => {
  const ceilings = ceilingsOf({ cpuRate: 300 });
  const over = { path: ["limits", "cpuRate"], value: 0, ceiling: 300 };
  expect(overCeilings(settings(), { limits: { cpuRate: 0 } }, ceilings)).toEqual([over]);
  expect(overCeilings(settings(), {}, ceilings)).toEqual([]);
  expect(bounded(settings(), ceilings).limits.cpuRate).toBe(300);
  expect(bounded(settings({ limits: { cpuRate: 200 } }), ceilings).limits.cpuRate).toBe(200);
});

test("a ceiling can be nothing that the setting itself can't be", () => {
  expect(() => ceilingsOf({ memory: 4 * 2 ** 30 })).toThrow();
  expect(() => ceilingsOf({ memory: 1 })).toThrow();
  expect(() => ceilingsOf({ queue: 0.5 })).toThrow();
  expect(() => v.parse(limitsSchema, { memory: 3 * 2 ** 30 })).toThrow();
  expect(() => v.parse(settingsSchema, { emptyGrace: 1e12 })).toThrow();
});
