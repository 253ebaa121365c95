import { Budget } from "../limit/budget.ts";

/** Requests of an application that are under way at one time, and that wait for one of these to end. */
const MOST_FETCHES = 20;
const MOST_WAITING = 200;

/** The fetches of one application, of all its scripts together: some are under way, and others wait for them in their order. */
export class FetchQueue {
  /** For what scripts want to send, and have given for their answers. */
  readonly budget: Budget;
  #running = 0;
  readonly #waiting = new Set<() => Promise<unknown>>();

  /** `held` is how many bytes may be kept for the application. */
  constructor(held: () => number) {
    this.budget = new Budget(held);
  }

  /** How many are under way, or wait. */
  get size(): number {
    return this.#running + this.#waiting.size;
  }

  /** Begins a fetch when it is its turn, unless it is taken out before; returns false if too many wait already. */
  add(fetch: () => Promise<unknown>): boolean {
    if (this.#running < MOST_FETCHES) {
      this.#begin(fetch);
      return true;
    }
    if (this.#waiting.size >= MOST_WAITING) return false;
    this.#waiting.add(fetch);
    return true;
  }

  /** Takes a fetch out that waits; nothing happens where it does not. */
  remove(fetch: () => Promise<unknown>): void {
    this.#waiting.delete(fetch);
  }

  #begin(fetch: () => Promise<unknown>): void {
    this.#running++;
    void fetch().finally(() => {
      this.#running--;
      const [next] = this.#waiting;
      if (!next) return;
      this.#waiting.delete(next);
      this.#begin(next);
    });
  }
}
