import type { Clock } from "../../src/core/ports/clock.ts";

/** A clock whose time passes only by `advance`. */
export class FakeClock implements Clock {
  #now = 1_000_000;
  /** What the wall clock is ahead of the monotonic one, ms. */
  #ahead = 1_700_000_000_000;
  readonly #due = new Set<{ at: number; every?: number; task: () => void }>();

  now(): number {
    return this.#now + this.#ahead;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const entry = { at: this.#now + ms, task };
    this.#due.add(entry);
    return () => this.#due.delete(entry);
  }

  every(ms: number, task: () => void): () => void {
    const entry = { at: this.#now + ms, every: ms, task };
    this.#due.add(entry);
    return () => this.#due.delete(entry);
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#due.size;
  }

  /** Lets time pass, running what falls due in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#now = next.at;
      if (next.every === undefined) this.#due.delete(next);
      else next.at += next.every;
      next.task();
    }
    this.#now = end;
  }

  /** Sets the wall clock, as an administrator does: back where `ms` is less than 0. */
  jump(ms: number): void {
    this.#ahead += ms;
  }
}
