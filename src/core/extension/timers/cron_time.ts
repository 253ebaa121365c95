import type { CronEntry } from "../../ports/build.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Months in which every pattern comes once that comes at all: 29 February on one weekday, over a century without it. */
const MAX_MONTHS = 41 * 12;

/** What was found last of an entry, which all rooms of a type share. */
const found = new WeakMap<CronEntry, { readonly from: number; readonly due: number | undefined }>();

/** Returns the first time after `time` at which an entry is due, ms since the epoch; undefined where it never is. */
export function nextTime(entry: CronEntry, time: number): number | undefined {
  const known = found.get(entry);
  if (known && time >= known.from && (known.due === undefined || time < known.due)) return known.due;
  const due = search(entry, time);
  found.set(entry, { from: time, due });
  return due;
}

function search(entry: CronEntry, time: number): number | undefined {
  const first = Math.floor(time / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const today = Math.floor(first / DAY_MS) * DAY_MS;
  const began = new Date(first);
  for (let n = 0; n < MAX_MONTHS; n++) {
    const month = began.getUTCMonth() + n;
    const year = began.getUTCFullYear();
    if (!entry.months.includes((month % 12) + 1)) continue;
    const end = Date.UTC(year, month + 1);
    for (let day = Math.max(Date.UTC(year, month), today); day < end; day += DAY_MS) {
      const due = isDay(entry, new Date(day)) ? timeIn(entry, day, first) : undefined;
      if (due !== undefined) return due;
    }
  }
  return undefined;
}

function isDay({ days, weekdays, isEither }: CronEntry, day: Date): boolean {
  const isDayOfMonth = days.includes(day.getUTCDate());
  const isWeekday = weekdays.includes(day.getUTCDay());
  return isEither ? isDayOfMonth || isWeekday : isDayOfMonth && isWeekday;
}

/** Returns the first time of a day that is not before `first`. */
function timeIn({ hours, minutes }: CronEntry, day: number, first: number): number | undefined {
  for (const hour of hours) {
    const begin = day + hour * HOUR_MS;
    if (begin + HOUR_MS <= first) continue;
    const minute = minutes.find((each) => begin + each * MINUTE_MS >= first);
    if (minute !== undefined) return begin + minute * MINUTE_MS;
  }
  return undefined;
}
