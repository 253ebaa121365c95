/** Numbers, times and data as people read them. */

/** `1 room`, `2 rooms`, `12,000 rooms`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** How long ago a time was, short: `12 s`, `3 min`, `5 h`, `2 days`. */
export function age(since: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - since) / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

/** A time of the day with milliseconds, as a log has it. */
export function clock(at: number): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, "0");
  const rest = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${rest}`;
}

/** A span of milliseconds: `0.4 ms`, `12 ms`, `3.2 s`. */
export function span(ms: number): string {
  if (ms < 10) return `${Math.round(ms * 100) / 100} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 90_000) return `${Math.round(ms / 100) / 10} s`;
  return `${Math.round(ms / 6000) / 10} min`;
}

/** An amount of memory: `512 B`, `1.4 MB`. */
export function bytes(amount: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let rest = amount;
  let at = 0;
  while (rest >= 1000 && at < units.length - 1) {
    rest /= 1000;
    at++;
  }
  return `${at === 0 || rest >= 100 ? Math.round(rest) : Math.round(rest * 10) / 10} ${units[at]}`;
}

/** Characters of one text in a tree that are drawn. */
export const SHOWN_TEXT = 300;

/** A text of at most `most` characters; what was cut is told. */
export function cut(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text.slice(0, most)}… (${text.length.toLocaleString("en")} characters)`;
}

/** Data in one line, cut. */
export function inLine(data: unknown, most: number): string {
  return data === undefined ? "" : cut(JSON.stringify(data) ?? String(data), most);
}

/** Why a version runs, in words. */
export const standings: Readonly<Record<string, string>> = {
  new: "as it was loaded",
  swapped: "moved to by an edit",
  pinned: "pinned: edits wait",
  rolled_back: "rolled back: the newer one failed",
  by_hand: "gone back to by hand",
  quarantined: "quarantined: it failed",
};
