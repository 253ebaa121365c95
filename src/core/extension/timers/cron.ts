import type { CronEntry } from "../../ports/build.ts";
import type { Clock } from "../../ports/clock.ts";
import { nextTime } from "./cron_time.ts";

/** How often it is looked whether the machine's clock has been set, ms. */
const LOOK_MS = 60_000;
/**
 * Where a clock is set back by less, what has run at an hour of the day does not run again; where by more all goes by the new time. What
 * runs in each hour always does. So it is with cron.
 */
const MAX_BACK_MS = 3 * 60 * 60 * 1000;
const HOURS = 24;

/** What runs by the wall clock in one extension: an entry that is overdue runs once, however often it was due meanwhile. */
export class Cron {
  #entries: readonly CronEntry[] = [];
  #text = "[]";
  /** When each of them is due, ms since the epoch. */
  #due: (number | undefined)[] = [];
  /** Up to when it is decided what has run, ms since the epoch. */
  #at = 0;
  /** The highest time that was seen, and the one at which it went by its entries first, ms since the epoch. */
  #seen = 0;
  #began = 0;
  #stop: (() => void) | undefined;

  /**
   * `delay` is added to each time, ms, so that not all extensions run in the same moment. `run` has the script hear a timer; `ran` is
   * called when there are entries, with the time up to which it is decided which have run.
   */
  constructor(
    private readonly clock: Clock,
    private readonly delay: number,
    private readonly run: (timer: string) => void,
    private readonly ran: (at: number) => void,
  ) {}

  /** The time up to which it is decided what has run; undefined where there are no entries. */
  get at(): number | undefined {
    return this.#entries.length > 0 ? this.#at : undefined;
  }

  /** Goes by these entries from now on, or, where that is given, from a time before. */
  set(entries: readonly CronEntry[] = [], from?: number): void {
    if (entries === this.#entries) return;
    const text = JSON.stringify(entries);
    if (text === this.#text) return;
    this.clear();
    this.#text = text;
    this.#entries = entries;
    if (entries.length === 0) return;
    const now = this.clock.now();
    // A time to come that is far away was noted by a clock that was wrong.
    this.#at = from !== undefined && from - now < MAX_BACK_MS ? from : now;
    this.#seen = this.#began = now;
    this.#due = entries.map((entry) => nextTime(entry, this.#at));
    if (this.#at !== from) this.ran(this.#at);
    this.#wait();
  }

  /** Forgets all. */
  clear(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#entries = [];
    this.#text = "[]";
  }

  #look(): void {
    const now = this.clock.now();
    if (now < this.#seen - LOOK_MS) this.#setBack(now);
    this.#seen = Math.max(this.#seen, now);
    const timers = new Set<string>();
    for (const [i, entry] of this.#entries.entries()) {
      if (!(now >= this.#wanted(i))) continue;
      timers.add(entry.timer);
      this.#due[i] = nextTime(entry, now);
    }
    this.#wait();
    if (timers.size === 0) return;
    this.#at = now;
    this.ran(now);
    for (const timer of timers) this.run(timer);
  }

  /** Goes by a clock that was set back. */
  #setBack(now: number): void {
    const isFar = now < this.#seen - MAX_BACK_MS;
    for (const [i, entry] of this.#entries.entries())
      if (isFar || entry.hours.length === HOURS) this.#due[i] = nextTime(entry, now);
    this.#seen = this.#began = now;
  }

  #wait(): void {
    const next = Math.min(...this.#due.map((_, i) => this.#wanted(i)));
    const ms = Math.min(Math.max(next - this.clock.now(), 0), LOOK_MS);
    this.#stop = this.clock.after(ms, () => this.#look());
  }

  /** When an entry is to run, ms since the epoch. */
  #wanted(i: number): number {
    return Math.max(this.#due[i] ?? Number.POSITIVE_INFINITY, this.#began) + this.delay;
  }
}
