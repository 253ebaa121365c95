import type { DurableExtension } from "../durable_extension.ts";
import type { Budget } from "../../limit/budget.ts";
import type { CronEntry } from "../../ports/build.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Effect } from "../../ports/effect.ts";
import type { JsonText, ScriptEvent } from "../../ports/event.ts";
import type { Outcome } from "../../ports/outcome.ts";
import { Cron } from "./cron.ts";
import { DueTimers } from "./due_timers.ts";
import { Schedules } from "./schedules.ts";
import { partsOfTimerId, timerId } from "./timer_id.ts";

/** Under what it is kept up to when it is decided what has run by `cron`; no timer has that id. */
const CRON_ID = "\ncron";
/** Time within which the rooms of an application run what falls due for all of them at once, ms. */
const SPREAD_MS = 10_000;

/** The timers of one extension: those that are to fall due, and those that have and are not answered. */
export class Timers {
  readonly #schedules: Schedules;
  readonly #due: DueTimers;
  readonly #cron: Cron;
  readonly #keep: (id: string, text?: JsonText) => void;
  /** Timers that run by `cron` and are not answered. */
  readonly #running = new Set<string>();
  /** Up to when it was decided what had run by `cron`, in the life of the server before, ms since the epoch. */
  #cronAt: number | undefined;

  /**
   * `most` bounds the schedules, `budget` their data in all rooms of the application; `dispatch` has the script hear an event; `durable`
   * is by what the extension is kept at the moment; `room` is the name of the room whose it is.
   */
  constructor(
    clock: Clock,
    most: () => number,
    budget: Budget,
    dispatch: (event: ScriptEvent, on?: { after: () => void }) => void,
    durable: () => DurableExtension | undefined,
    room: string | undefined,
  ) {
    const fire = (id: string, data?: JsonText) => dispatch({ kind: "timer", ...partsOfTimerId(id), data });
    const keep = (id: string, text?: JsonText) => {
      if (text === undefined) durable()?.place.delete("schedule", id);
      else durable()?.place.put("schedule", id, text);
    };
    this.#keep = keep;
    this.#schedules = new Schedules(clock, most, budget, fire, keep);
    this.#due = new DueTimers(dispatch, (event) => durable()?.pending.takeBack(event));
    const run = (name: string) => {
      if (this.#running.has(name)) return;
      this.#running.add(name);
      dispatch({ kind: "timer", name, cron: true }, { after: () => this.#running.delete(name) });
    };
    this.#cron = new Cron(clock, delayOf(room), run, (at) => keep(CRON_ID, JSON.stringify(at)));
  }

  /** Notes an event that is handed to the script; others than timers mean nothing. */
  add(event: ScriptEvent): void {
    this.#due.add(event);
  }

  /** Notes the outcome of an event; see `DueTimers`. */
  isUnheard(event: ScriptEvent, outcome: Outcome): boolean {
    return this.#due.isUnheard(event, outcome);
  }

  /** Sets or moves a schedule; returns why it can't, with the setting, else undefined. */
  set(effect: Extract<Effect, { kind: "schedule" }>): string | undefined {
    const id = timerId(effect.name, effect.key);
    if (!this.#schedules.set(id, effect.ms, effect.data)) return this.#schedules.refusal(id);
    this.#due.takeBack(effect);
    return undefined;
  }

  /** Forgets a schedule, where there is one. */
  cancel(effect: Extract<Effect, { kind: "cancel" }>): void {
    this.#due.takeBack(effect);
    this.#schedules.cancel(timerId(effect.name, effect.key));
  }

  /** Sets schedules that were kept, by their ids. */
  restore(kept: ReadonlyMap<string, JsonText>): void {
    for (const [id, text] of kept) {
      if (id === CRON_ID) this.#cronAt = JSON.parse(text);
      else this.#schedules.restore(id, text);
    }
  }

  /** Runs by these entries from now on. */
  setCron(entries: readonly CronEntry[] | undefined): void {
    const had = this.#cronAt !== undefined || this.#cron.at !== undefined;
    this.#cron.set(entries, this.#cronAt);
    this.#cronAt = undefined;
    if (had && this.#cron.at === undefined) this.#keep(CRON_ID);
  }

  /** Keeps none any more; they go on. */
  forgetKept(): void {
    this.#schedules.forgetKept();
    if (this.#cron.at !== undefined) this.#keep(CRON_ID);
  }

  /** Keeps all from now on, as they are. */
  keepAll(): void {
    this.#schedules.keepAll();
    if (this.#cron.at !== undefined) this.#keep(CRON_ID, JSON.stringify(this.#cron.at));
  }

  /** Forgets all. */
  clear(): void {
    this.#schedules.clear();
    this.#cron.clear();
  }
}

/** Returns how much later than others a room runs by `cron`, ms; the same for a name each time. */
function delayOf(room = ""): number {
  let sum = 0;
  for (let i = 0; i < room.length; i++) sum = (sum * 31 + room.charCodeAt(i)) % 1_000_003;
  return (sum * 7919) % SPREAD_MS;
}
