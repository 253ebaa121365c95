import type { Clock } from "../ports/clock.ts";

/** Ticks of many extensions: all of one rate tick in the same turn of the loop, so that their events share batches. */
export class Ticker {
  readonly #rates = new Map<number, { tasks: Set<() => void>; stop: () => void }>();

  constructor(private readonly clock: Clock) {}

  /** Runs `task` `rate` times a second; returns a function that ends it. */
  add(rate: number, task: () => void): () => void {
    let group = this.#rates.get(rate);
    if (!group) {
      const tasks = new Set<() => void>();
      const stop = this.clock.every(1000 / rate, () => {
        for (const each of tasks) each();
      });
      group = { tasks, stop };
      this.#rates.set(rate, group);
    }
    const { tasks, stop } = group;
    tasks.add(task);
    return () => {
      tasks.delete(task);
      if (tasks.size > 0 || this.#rates.get(rate)?.tasks !== tasks) return;
      stop();
      this.#rates.delete(rate);
    };
  }
}
