import { counted } from "../../text/counted.ts";
import type { Budget } from "../../limit/budget.ts";
import type { Clock } from "../../ports/clock.ts";
import type { JsonText } from "../../ports/event.ts";

/** Longest delay of a schedule, ms: 24 days, which scripts are told. */
export const MAX_DELAY_MS = 2 ** 31 - 1;

/** A schedule as it is kept. */
interface KeptSchedule {
  /** When it is due, ms since the epoch. */
  readonly dueAt: number;
  /** What it was set to, ms. */
  readonly delay: number;
  readonly data?: JsonText;
}

/**
 * The schedules of one extension: names with a time. They live in the server, so they outlive reloads and script hosts.
 */
export class Schedules {
  readonly #live = new Map<string, { cancel: () => void; bytes: number; schedule: KeptSchedule }>();

  /**
   * `most` bounds their number and is asked each time, since an edit may change it; `budget` bounds their data in all rooms of the
   * application. `fire` runs when a schedule is due, after it was forgotten, so that its handler can set it again.
   */
  constructor(
    private readonly clock: Clock,
    private readonly most: () => number,
    private readonly budget: Budget,
    private readonly fire: (name: string, data?: JsonText) => void,
    /** Keeps the schedule of that name, or forgets it where there is no text. */
    private readonly keep: (name: string, text?: JsonText) => void = () => {},
  ) {}

  get size(): number {
    return this.#live.size;
  }

  /** Sets or moves the schedule of that name, due in `ms`; returns false if there is no room for it. */
  set(name: string, ms: number, data?: JsonText): boolean {
    if (!this.#live.has(name) && this.#live.size >= this.most()) return false;
    const bytes = name.length + (data?.length ?? 0);
    if (!this.budget.take(bytes)) return false;
    this.cancel(name);
    const delay = Math.min(Math.max(ms, 0), MAX_DELAY_MS);
    const schedule: KeptSchedule = {
      dueAt: this.clock.now() + delay,
      delay,
      ...(data !== undefined && { data }),
    };
    this.#wait(name, delay, schedule, bytes);
    this.keep(name, JSON.stringify(schedule));
    return true;
  }

  /** Sets a schedule that was kept: it is due when it was to be, and after its own delay at the latest, since clocks may be set back. */
  restore(name: string, text: JsonText): void {
    const schedule: KeptSchedule = JSON.parse(text);
    const { dueAt, delay, data } = schedule;
    const bytes = name.length + (data?.length ?? 0);
    this.budget.owe(bytes);
    this.#wait(name, Math.min(Math.max(dueAt - this.clock.now(), 0), delay), schedule, bytes);
  }

  /** Keeps none any more; they go on. */
  forgetKept(): void {
    for (const name of this.#live.keys()) this.keep(name);
  }

  /** Keeps all from now on, as they are. */
  keepAll(): void {
    for (const [name, { schedule }] of this.#live) this.keep(name, JSON.stringify(schedule));
  }

  /** Returns why `set` has refused a schedule of that name, with the setting. */
  refusal(name: string): string {
    const isTooMany = !this.#live.has(name) && this.#live.size >= this.most();
    if (isTooMany)
      return `it has ${counted(this.#live.size, "schedule")}, the most that it may have (limits.schedules)`;
    return "the data of the application's schedules would be more than may be held (limits.held)";
  }

  /** Forgets the schedule of that name, where there is one. */
  cancel(name: string): void {
    this.#live.get(name)?.cancel();
    this.#forget(name);
  }

  /** Forgets all. */
  clear(): void {
    for (const name of [...this.#live.keys()]) this.cancel(name);
  }

  #wait(name: string, ms: number, schedule: KeptSchedule, bytes: number): void {
    const cancel = this.clock.after(ms, () => {
      this.#forget(name);
      this.fire(name, schedule.data);
    });
    this.#live.set(name, { cancel, bytes, schedule });
  }

  #forget(name: string): void {
    if (!this.#live.has(name)) return;
    this.keep(name);
    this.budget.give(this.#live.get(name)?.bytes ?? 0);
    this.#live.delete(name);
  }
}
