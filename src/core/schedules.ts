import type { Clock, JsonText } from "./ports.ts";

/** Longest delay that both runtimes' timers keep, in ms; a longer one fires at once (2³¹ − 1). */
export const longestDelay = 2 ** 31 - 1;

/**
 * The schedules of one extension: names with a time. They live in the server, so they outlive reloads and script hosts.
 */
export class Schedules {
  readonly #live = new Map<string, () => void>();

  /** `fire` runs when a schedule is due, after it was forgotten, so that its handler can set it again. */
  constructor(
    private readonly clock: Clock,
    private readonly most: number,
    private readonly fire: (name: string, data?: JsonText) => void,
  ) {}

  get size(): number {
    return this.#live.size;
  }

  /** Sets or moves the schedule of that name; returns whether there was room for it. */
  set(name: string, ms: number, data?: JsonText): boolean {
    const earlier = this.#live.get(name);
    if (!earlier && this.#live.size >= this.most) return false;
    earlier?.();
    const delay = Math.min(Math.max(ms, 0), longestDelay);
    this.#live.set(
      name,
      this.clock.after(delay, () => {
        this.#live.delete(name);
        this.fire(name, data);
      }),
    );
    return true;
  }

  /** Forgets the schedule of that name, where there is one. */
  cancel(name: string): void {
    this.#live.get(name)?.();
    this.#live.delete(name);
  }

  /** Forgets all. */
  clear(): void {
    for (const cancel of this.#live.values()) cancel();
    this.#live.clear();
  }
}
