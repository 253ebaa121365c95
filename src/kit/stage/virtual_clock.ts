import type { Clock } from "../../core/ports/clock.ts";

/** When tests begin, ms since the epoch: always the same, so that they come to the same. */
const BEGINNING = Date.UTC(2026, 0, 1);

interface Due {
  at: number;
  /** Set where it comes again and again, ms. */
  readonly every?: number;
  readonly task: () => void;
}

/** A clock whose time passes only when it is told to. */
export class VirtualClock implements Clock {
  #time = 0;
  /** In the order in which they were set. */
  readonly #due = new Set<Due>();

  now(): number {
    return BEGINNING + this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  after(ms: number, task: () => void): () => void {
    return this.#add({ at: this.#time + Math.max(0, ms), task });
  }

  every(ms: number, task: () => void): () => void {
    // Not 0: time would not get past it.
    const every = Math.max(1, ms);
    return this.#add({ at: this.#time + every, every, task });
  }

  /** When the next task is due, ms by `monotonic`; Infinity where there is none. */
  get next(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { at } of this.#due) next = Math.min(next, at);
    return next;
  }

  /** Lets time pass until then, ms by `monotonic`, past nothing that is due. */
  passTo(time: number): void {
    this.#time = Math.max(this.#time, Math.min(time, this.next));
  }

  /** Runs what is due now, in the order in which it was set; returns whether there was any. */
  run(): boolean {
    const now = [...this.#due].filter(({ at }) => at <= this.#time).sort((a, b) => a.at - b.at);
    for (const each of now) {
      // One of those before may have taken it back.
      if (!this.#due.has(each)) continue;
      if (each.every === undefined) this.#due.delete(each);
      else each.at = this.#time + each.every;
      each.task();
    }
    return now.length > 0;
  }

  #add(due: Due): () => void {
    this.#due.add(due);
    return () => this.#due.delete(due);
  }
}
