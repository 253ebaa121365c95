import { expect, test } from "bun:test";
import { Cron } from "../../../../src/core/extension/timers/cron.ts";
import { nextTime } from "../../../../src/core/extension/timers/cron_time.ts";
import type { CronEntry } from "../../../../src/core/ports/build.ts";
import { FakeClock } from "../../fake_clock.ts";

const all = (least: number, most: number) => Array.from({ length: most - least + 1 }, (_, i) => least + i);
const every: CronEntry = {
  timer: "t",
  minutes: all(0, 59),
  hours: all(0, 23),
  days: all(1, 31),
  months: all(1, 12),
  weekdays: all(0, 6),
  isEither: false,
};
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The same by looking at each minute. */
function bruteForce(entry: CronEntry, time: number): number {
  for (let at = Math.floor(time / MINUTE) * MINUTE + MINUTE; ; at += MINUTE) {
    const date = new Date(at);
    const isDay = entry.days.includes(date.getUTCDate());
    const isWeekday = entry.weekdays.includes(date.getUTCDay());
    const isWanted = entry.isEither ? isDay || isWeekday : isDay && isWeekday;
    if (!isWanted || !entry.months.includes(date.getUTCMonth() + 1)) continue;
    if (entry.hours.includes(date.getUTCHours()) && entry.minutes.includes(date.getUTCMinutes())) return at;
  }
}

test("the next time is the first minute that fits", () => {
  const entries: CronEntry[] = [
    every,
    { ...every, minutes: [0], hours: [4] },
    { ...every, minutes: [5, 50], hours: [0, 23], days: [31] },
    { ...every, minutes: [59], hours: [23], weekdays: [0, 6] },
    { ...every, minutes: [0], hours: [0], days: [13], weekdays: [5], isEither: true },
    { ...every, minutes: [0], hours: [0], days: [13], weekdays: [5] },
    { ...every, minutes: [30], hours: [12], months: [2], days: [28] },
  ];
  const times = [
    "2026-02-28T23:59:59.999Z",
    "2027-12-31T23:59:00Z",
    "2026-11-29T04:00:00Z",
    "2026-03-01T00:00:00.001Z",
  ];
  for (const entry of entries) {
    for (const text of times) {
      const time = Date.parse(text);
      expect(nextTime(entry, time)).toBe(bruteForce(entry, time));
    }
  }
});

test("29 February comes, also over a century without it and on a certain weekday, and 30 February never", () => {
  const leap = { ...every, minutes: [0], hours: [0], months: [2], days: [29] };
  const time = Date.parse("2096-03-01T00:00:00Z");
  expect(new Date(nextTime(leap, time) as number).toISOString()).toBe("2104-02-29T00:00:00.000Z");
  expect(nextTime({ ...leap, weekdays: [1] }, Date.parse("2072-03-01T00:00:00Z"))).toBeGreaterThan(time);
  expect(nextTime({ ...leap, days: [30] }, time)).toBeUndefined();
});

/** What runs by some entries, from 03:30 on, with the hours and minutes at which it does. */
function running(entries: readonly CronEntry[], delay = 0, from?: (now: number) => number) {
  const clock = new FakeClock();
  clock.jump(Date.parse("2026-11-29T03:30:00Z") - clock.now());
  const told: string[] = [];
  const ran: number[] = [];
  const run = (timer: string) => told.push(`${timer} ${new Date(clock.now()).toISOString().slice(11, 19)}`);
  const cron = new Cron(clock, delay, run, (at) => ran.push(at));
  cron.set(entries, from?.(clock.now()));
  return { clock, told, cron, ran };
}

const atFour: CronEntry = { ...every, minutes: [0], hours: [4] };
const hourly: CronEntry = { ...every, timer: "hourly", minutes: [15] };

test("a timer runs when it is due, each time once", () => {
  const { clock, told } = running([atFour]);
  clock.advance(30 * MINUTE - 1);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual(["t 04:00:00"]);
  clock.advance(2 * DAY);
  expect(told).toHaveLength(3);
});

test("with a delay it runs later, each time once", () => {
  const { clock, told } = running([atFour, hourly], 7_000);
  clock.advance(2 * HOUR);
  expect(told).toEqual(["t 04:00:07", "hourly 04:15:07", "hourly 05:15:07"]);
});

test("a clock that is set forth runs what it has jumped over, once", () => {
  const { clock, told } = running([atFour, hourly]);
  clock.jump(5 * HOUR);
  clock.advance(MINUTE);
  expect(told).toEqual(["t 08:31:00", "hourly 08:31:00"]);
  clock.advance(HOUR);
  expect(told).toHaveLength(3);
});

test("a clock that is set back a little runs nothing twice, but what runs in each hour goes on", () => {
  const { clock, told } = running([atFour, hourly]);
  clock.advance(HOUR);
  clock.jump(-2 * HOUR);
  clock.advance(23 * HOUR);
  expect(told.filter((each) => each.startsWith("t "))).toEqual(["t 04:00:00"]);
  expect(told.filter((each) => each.startsWith("hourly "))).toHaveLength(24);
  clock.advance(5 * HOUR);
  expect(told.filter((each) => each.startsWith("t "))).toHaveLength(2);
});

test("a clock that was far ahead does not stop anything", () => {
  const { clock, told } = running([atFour]);
  clock.jump(300 * DAY);
  clock.advance(HOUR);
  clock.jump(-300 * DAY);
  told.length = 0;
  clock.advance(DAY);
  expect(told).toHaveLength(1);
});

test("an edit changes what runs, and what stays the same is not begun again", () => {
  const { clock, told, cron } = running([atFour]);
  clock.jump(HOUR);
  cron.set([{ ...atFour }]);
  clock.advance(MINUTE);
  expect(told).toEqual(["t 04:31:00"]);
  cron.set([hourly]);
  clock.advance(DAY);
  expect(told.filter((each) => each.startsWith("t "))).toHaveLength(1);
  cron.set([]);
  const { length } = told;
  clock.advance(DAY);
  expect(told).toHaveLength(length);
  expect(clock.pending).toBe(0);
});

test("what was due since a time that is known runs once; a time that is wrong means nothing", () => {
  const overdue = running([atFour, hourly], 0, (now) => now - 3 * DAY);
  overdue.clock.advance(0);
  expect(overdue.told).toEqual(["t 03:30:00", "hourly 03:30:00"]);
  expect(overdue.ran).toEqual([overdue.clock.now()]);
  const wrong = running([atFour], 0, (now) => now + 300 * DAY);
  wrong.clock.advance(DAY);
  expect(wrong.told).toEqual(["t 04:00:00"]);
});
