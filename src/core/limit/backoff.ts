/** How long to wait before the next attempt: each failure in a row makes it twice as long, up to a bound. */
export class Backoff {
  #failures = 0;

  /** The wait after `free` failures that cost none is `first`, then it doubles up to `most`; ms. */
  constructor(
    private readonly first = 100,
    private readonly most = 5000,
    private readonly free = 1,
  ) {}

  /** Attempts that failed in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Notes one more failure; returns how long to wait until the next attempt, ms. */
  failed(): number {
    const doublings = this.#failures++ - this.free;
    return doublings < 0 ? 0 : Math.min(this.most, this.first * 2 ** Math.min(doublings, 30));
  }

  /** Forgets the failures. */
  succeeded(): void {
    this.#failures = 0;
  }
}
