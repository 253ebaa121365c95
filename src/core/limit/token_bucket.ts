import type { Clock } from "../ports/clock.ts";

/** A token bucket: `rate` a second, `burst` at once. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  /** A rate of 0 is no limit. */
  constructor(
    private readonly clock: Clock,
    private readonly rate: number,
    private readonly burst: number,
  ) {
    this.#tokens = burst;
    this.#at = clock.now();
  }

  /** Takes one token; false where there is none. */
  take(): boolean {
    if (this.rate === 0) return true;
    const now = this.clock.now();
    // A clock that was set back gives nothing and costs nothing.
    this.#tokens = Math.min(this.burst, this.#tokens + (Math.max(0, now - this.#at) / 1000) * this.rate);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
