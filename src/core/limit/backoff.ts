/** How long to wait before the next attempt: not at all the first time, then 100 ms, doubling to 5 s. */
export class Backoff {
  #failures = 0;

  constructor(
    readonly first = 100,
    readonly most = 5000,
  ) {}

  /** Attempts that failed in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds until the next attempt, after one more failure. */
  failed(): number {
    const doublings = this.#failures++ - 1;
    return doublings < 0 ? 0 : Math.min(this.most, this.first * 2 ** Math.min(doublings, 30));
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
