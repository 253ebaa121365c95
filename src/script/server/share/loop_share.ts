import { Queue } from "../../../core/queue.ts";
import { Credit, type TakesTurns } from "../../../core/turns.ts";
import type { Told } from "../sandbox/outcomes.ts";

/** Time of the server's own loop that an application gets at each of its turns, ms. */
const TURN_MS = 4;

/** One application's share of the server's own loop: the outcomes that wait to be applied, and what applying them has taken. */
export class LoopShare implements TakesTurns {
  readonly credit = new Credit(TURN_MS);
  readonly #waiting = new Queue<Told>();
  readonly #listeners = new Set<() => void>();
  #used = 0;

  /** Time that it has taken in all, with what is written to sockets, ms. */
  get used(): number {
    return this.#used;
  }

  /** Whether outcomes wait: then the application is behind, and its scripts have to wait for the server. */
  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  /** The outcomes that are applied next. */
  get first(): Told | undefined {
    return this.#waiting.at(0);
  }

  add(outcomes: Told): void {
    this.#waiting.push(outcomes);
  }

  /** Takes out the first outcomes, which have been applied. */
  shift(): void {
    this.#waiting.shift();
    if (!this.waits) for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` whenever nothing waits any more; returns what ends that. */
  onCaughtUp(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Notes that `ms` were taken. */
  spend(ms: number): void {
    this.#used += ms;
    this.credit.spend(ms);
  }

  [Symbol.iterator](): Iterator<Told> {
    return this.#waiting[Symbol.iterator]();
  }
}
