import type { Clock } from "../ports/clock.ts";

/** How fast a bucket fills. */
export interface RateLimit {
  /** Tokens a second; 0 is no limit. */
  readonly rate: number;
  /** Tokens that it holds at most. */
  readonly burst: number;
}

/** A token bucket: it begins full, and who finds it empty waits or is refused. */
export class TokenBucket {
  #tokens: number | undefined;
  #at = 0;

  constructor(
    private readonly clock: Clock,
    /** Where it is set anew, as by an edit, what there is counts by the new one. */
    public limit: RateLimit,
  ) {}

  /** Takes `count` tokens; returns false, and takes none, if there are not so many. */
  take(count = 1): boolean {
    if (this.limit.rate === 0) return true;
    const tokens = this.#filled();
    if (tokens < count) return false;
    this.#tokens = tokens - count;
    return true;
  }

  /** Whether there is no token to take. */
  get isEmpty(): boolean {
    return this.limit.rate > 0 && this.#filled() < 1;
  }

  /** How long ago it was asked for something, ms; undefined where it never was, or has no limit. */
  get age(): number | undefined {
    return this.#tokens === undefined ? undefined : this.clock.monotonic() - this.#at;
  }

  /** Whether it is as it began. */
  get isFull(): boolean {
    return this.limit.rate === 0 || this.#filled() >= this.limit.burst;
  }

  /** Takes what was used already, also where there is less: the debt is filled up first. */
  spend(tokens: number): void {
    if (this.limit.rate > 0) this.#tokens = this.#filled() - tokens;
  }

  /** Returns how long it takes until the bucket holds something, ms; 0 if it does. */
  wait(): number {
    if (this.limit.rate === 0) return 0;
    const tokens = this.#filled();
    return tokens > 0 ? 0 : Math.ceil((-tokens / this.limit.rate) * 1000) + 1;
  }

  #filled(): number {
    const { rate, burst } = this.limit;
    const now = this.clock.monotonic();
    const gained = ((now - this.#at) / 1000) * rate;
    this.#at = now;
    this.#tokens = Math.min(burst, (this.#tokens ?? burst) + gained);
    return this.#tokens;
  }
}
