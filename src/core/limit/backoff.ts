/** Longest exponent that is computed; any larger one is past `most` in any case. */
const MOST_DOUBLINGS = 30;

/** Tells how long to wait before the next attempt: `first` ms, and twice as long after each further failure, up to `most` ms. */
export class Backoff {
  #failures = 0;

  /** After the first `free` failures in a row the next attempt comes at once. */
  constructor(
    private readonly first: number,
    private readonly most: number,
    private readonly free = 0,
  ) {}

  /** Attempts that failed in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts one more failure. Returns the ms until the next attempt. */
  failed(): number {
    const doublings = this.#failures++ - this.free;
    return doublings < 0 ? 0 : Math.min(this.most, this.first * 2 ** Math.min(doublings, MOST_DOUBLINGS));
  }

  /** Starts anew: an attempt has succeeded. */
  succeeded(): void {
    this.#failures = 0;
  }
}
