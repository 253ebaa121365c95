import { Queue } from "../queue.ts";

/** How much of one turn of the loop it takes, ms. */
const TURN_MS = 1;

/**
 * Spreads over turns of the loop what crowds cause: where thousands connect, or are lost, at once, whoever else is waited for by a
 * turn would wait for all of them.
 */
export class Pace {
  readonly #waiting = new Queue<() => void>();
  #left = TURN_MS;
  #isRenewing = false;

  /** `now` is a clock, ms. */
  constructor(private readonly now: () => number) {}

  /** Runs a task, at once where there is time left in this turn, else in one of the next, after all that came before. */
  run(task: () => void): void {
    this.#renewSoon();
    if (this.#waiting.length > 0 || this.#left <= 0) this.#waiting.push(task);
    else this.#spend(task);
  }

  #spend(task: () => void): void {
    const since = this.now();
    task();
    this.#left -= this.now() - since;
  }

  #renewSoon(): void {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    setImmediate(() => this.#renew());
  }

  #renew(): void {
    this.#isRenewing = false;
    this.#left = TURN_MS;
    for (let next = this.#next(); next; next = this.#next()) this.#spend(next);
    if (this.#waiting.length > 0) this.#renewSoon();
  }

  #next(): (() => void) | undefined {
    return this.#left > 0 ? this.#waiting.shift() : undefined;
  }
}
