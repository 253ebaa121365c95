import type { Clock } from "../ports/clock.ts";

/** A token bucket: it gets `rate` tokens a second, and holds `burst` at most, as at first. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  /** A rate of 0 is no limit. */
  constructor(
    private readonly clock: Clock,
    private rate: number,
    private burst: number,
  ) {
    this.#tokens = burst;
    this.#at = clock.now();
  }

  /** Changes what the bucket gets and holds from now on; the tokens in it stay, as far as it holds them. */
  adjust(rate: number, burst: number): void {
    if (rate === this.rate && burst === this.burst) return;
    this.#fill();
    this.rate = rate;
    this.burst = burst;
    this.#tokens = Math.min(burst, this.#tokens);
  }

  /** Takes one token. Returns false if there is none. */
  take(): boolean {
    if (this.rate === 0) return true;
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Takes tokens for what was used already: the bucket may owe some then. */
  spend(tokens: number): void {
    this.#fill();
    this.#tokens -= tokens;
  }

  /** Returns the ms until the bucket owes no tokens and is not empty; 0 if that is so. */
  wait(): number {
    if (this.rate === 0) return 0;
    this.#fill();
    return this.#tokens > 0 ? 0 : Math.ceil((-this.#tokens / this.rate) * 1000) + 1;
  }

  #fill(): void {
    const now = this.clock.now();
    // A clock that was set back gives nothing and costs nothing.
    this.#tokens = Math.min(this.burst, this.#tokens + (Math.max(0, now - this.#at) / 1000) * this.rate);
    this.#at = now;
  }
}
