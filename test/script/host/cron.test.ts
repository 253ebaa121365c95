import { expect, test } from "bun:test";
import type { CronEntry } from "../../../src/core/ports/build.ts";
import { loadRequest, Stage } from "./stage.ts";

/** Loads a room with such a `cron`, written over two lines, and returns its entries, or why it is refused and where. */
async function load(cron: string): Promise<{ entries?: readonly CronEntry[]; refusal?: string }> {
  const source = `import { defineRoom } from "hotroom";\nexport default defineRoom({ timers: { run() {} }, cron: ${cron} });`;
  const loaded = await new Stage().load(loadRequest({ "rooms/m.ts": source }));
  if (!loaded.ok) return { refusal: `${loaded.position?.line}: ${loaded.message}` };
  const { cron: entries } = loaded.rooms[0]?.[1] ?? {};
  return entries ? { entries } : {};
}

const of = async (pattern: string) => (await load(JSON.stringify({ [pattern]: "run" }))).entries?.[0];
const from = (least: number, most: number) => Array.from({ length: most - least + 1 }, (_, i) => least + i);

test("a pattern is the numbers that it stands for", async () => {
  expect(await of("0 4 * * *")).toEqual({
    timer: "run",
    minutes: [0],
    hours: [4],
    days: from(1, 31),
    months: from(1, 12),
    weekdays: from(0, 6),
    isEither: false,
  });
  expect(await of("  */15\t0-4,22  1-31/10 feb-APR,12 Mon-fri ")).toEqual({
    timer: "run",
    minutes: [0, 15, 30, 45],
    hours: [0, 1, 2, 3, 4, 22],
    days: [1, 11, 21, 31],
    months: [2, 3, 4, 12],
    weekdays: [1, 2, 3, 4, 5],
    isEither: true,
  });
  expect((await of("50/4 * * * *"))?.minutes).toEqual([50, 54, 58]);
});

test("Sunday is 0 and 7, and day and weekday are either, or both where one begins with a star", async () => {
  expect((await of("* * * * 7"))?.weekdays).toEqual([0]);
  expect((await of("* * * * sat-sun"))?.weekdays).toEqual([0, 6]);
  expect((await of("* * * * 5-7"))?.weekdays).toEqual([0, 5, 6]);
  expect((await of("* * 13 * 5"))?.isEither).toBe(true);
  expect((await of("* * */2 * 5"))?.isEither).toBe(false);
});

test("what is no pattern is refused where it stands", async () => {
  const wrong: Record<string, string> = {
    "61 * * * *": '"61" is no minute: numbers from 0 to 59, with - , and /, or *',
    "* 24 * * *": '"24" is no hour: numbers from 0 to 23',
    "* * 0 * *": '"0" is no day: numbers from 1 to 31',
    "* * * foo *": '"foo" is no month: numbers from 1 to 12, or names as jan feb',
    "* * * * 8": '"8" is no weekday: numbers from 0 to 7, or names as sun mon',
    "5-1 * * * *": '"5-1" is no minute',
    "1,,2 * * * *": '"1,,2" is no minute',
    "*/0 * * * *": '"*/0" is no minute',
    "1/2/3 * * * *": '"1/2/3" is no minute',
    "1-2-3 * * * *": '"1-2-3" is no minute',
    "-1 * * * *": '"-1" is no minute',
    "1.5 * * * *": '"1.5" is no minute',
    "* * * *": "there must be 5 fields, minute, hour, day, month and weekday, not 4",
    "@daily": "there must be 5 fields, minute, hour, day, month and weekday, not 1",
    "0 0 30 2 *": "there is no such day",
    "0 0 31 4,6,9,11 *": "there is no such day",
  };
  for (const [pattern, why] of Object.entries(wrong)) {
    const { refusal } = await load(JSON.stringify({ [pattern]: "run" }));
    expect(refusal).toStartWith("2: TypeError: ");
    expect(refusal).toContain(`defineRoom: cron ${JSON.stringify(pattern)}: ${why}`);
  }
  expect((await load('{ "* * * * *": "walk" }')).refusal).toContain(
    'cron "* * * * *": there is no timers.walk to run',
  );
  expect((await load('{ "* * * * *": 5 }')).refusal).toContain("there is no timers.5 to run");
  expect((await load('["* * * * *"]')).refusal).toContain("cron must be an object, not an array");
});

test("patterns are bounded in length and number", async () => {
  expect((await load(`{ ["* * * * *" + " ".repeat(100)]: "run" }`)).refusal).toContain(
    "it has more than 100 characters",
  );
  const many = (count: number) =>
    load(`Object.fromEntries(Array.from({ length: ${count} }, (_, i) => [i + " * * * *", "run"]))`);
  expect((await many(16)).entries).toHaveLength(16);
  expect((await many(17)).refusal).toContain("cron may have 16 entries, not 17");
});
