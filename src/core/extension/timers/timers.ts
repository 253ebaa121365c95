import type { DurableExtension } from "../durable_extension.ts";
import type { Budget } from "../../limit/budget.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Effect } from "../../ports/effect.ts";
import type { JsonText, ScriptEvent } from "../../ports/event.ts";
import type { Outcome } from "../../ports/outcome.ts";
import { DueTimers } from "./due_timers.ts";
import { Schedules } from "./schedules.ts";
import { partsOfTimerId, timerId } from "./timer_id.ts";

/** The timers of one extension: those that are to fall due, and those that have and are not answered. */
export class Timers {
  readonly #schedules: Schedules;
  readonly #due: DueTimers;

  /**
   * `most` bounds the schedules, `budget` their data in all rooms of the application; `dispatch` has the script hear an event; `durable`
   * is by what the extension is kept at the moment.
   */
  constructor(
    clock: Clock,
    most: () => number,
    budget: Budget,
    dispatch: (event: ScriptEvent) => void,
    durable: () => DurableExtension | undefined,
  ) {
    const fire = (id: string, data?: JsonText) => dispatch({ kind: "timer", ...partsOfTimerId(id), data });
    const keep = (id: string, text?: JsonText) => {
      if (text === undefined) durable()?.place.delete("schedule", id);
      else durable()?.place.put("schedule", id, text);
    };
    this.#schedules = new Schedules(clock, most, budget, fire, keep);
    this.#due = new DueTimers(dispatch, (event) => durable()?.pending.takeBack(event));
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
    for (const [id, text] of kept) this.#schedules.restore(id, text);
  }

  /** Keeps none any more; they go on. */
  forgetKept(): void {
    this.#schedules.forgetKept();
  }

  /** Keeps all from now on, as they are. */
  keepAll(): void {
    this.#schedules.keepAll();
  }

  /** Forgets all. */
  clear(): void {
    this.#schedules.clear();
  }
}
