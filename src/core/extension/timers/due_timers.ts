import { type ScriptEvent, TAKEN_BACK, type TimerEvent } from "../../ports/event.ts";
import type { Outcome } from "../../ports/outcome.ts";
import { timerId } from "./timer_id.ts";

/** The timers of one extension that have fallen due and are not answered: as many as wait in its script's queue. */
export class DueTimers {
  /** By their ids: a script that sets thousands in one event, while as many wait, has none of these looked at for each. */
  readonly #waiting = new Map<string, Set<TimerEvent>>();
  /** Those that are dispatched for the second time. */
  readonly #again = new WeakSet<TimerEvent>();

  /** `dispatch` has the script hear one, `forget` forgets one that was kept. */
  constructor(
    private readonly dispatch: (event: TimerEvent) => void,
    private readonly forget: (event: TimerEvent) => void,
  ) {}

  /** Notes an event that is handed to the script; others than timers mean nothing. */
  add(event: ScriptEvent): void {
    if (event.kind !== "timer" || event.cron) return;
    const id = timerId(event.name, event.key);
    const same = this.#waiting.get(id);
    if (same) same.add(event);
    else this.#waiting.set(id, new Set([event]));
  }

  /** Takes back those of a name and key, which were set or cancelled by what the script has handled before them. */
  takeBack({ name, key }: { readonly name: string; readonly key?: string }): void {
    const id = timerId(name, key);
    const taken = this.#waiting.get(id);
    if (!taken) return;
    this.#waiting.delete(id);
    for (const event of taken) {
      event.known = TAKEN_BACK;
      this.forget(event);
    }
  }

  /**
   * Notes the outcome of an event. Returns true if it is a timer that has not been heard, since the script has set or cancelled it before: if
   * nothing came of that, because the event was refused or its handler failed, the timer is dispatched again.
   */
  isUnheard(event: ScriptEvent, { failure }: Outcome): boolean {
    if (event.kind !== "timer" || event.cron || failure?.code === "not_saved") return false;
    this.#answered(event);
    if (failure?.code !== "no_handler") return false;
    if (event.known === TAKEN_BACK) return true;
    // Then there is no handler.
    if (this.#again.has(event)) return false;
    const { kind, name, key, data } = event;
    const next: TimerEvent = {
      kind,
      name,
      ...(key !== undefined && { key }),
      ...(data !== undefined && { data }),
    };
    this.#again.add(next);
    this.dispatch(next);
    return true;
  }

  #answered(event: TimerEvent): void {
    const id = timerId(event.name, event.key);
    const same = this.#waiting.get(id);
    if (same?.delete(event) && same.size === 0) this.#waiting.delete(id);
  }
}
