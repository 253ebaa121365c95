/** How long a client waits before it tries to come back; all in ms. */
export interface BackoffOptions {
  /** The first wait is a random part of this. */
  minDelay: number;
  /** No wait is longer than this. */
  maxDelay: number;
  /** Clients of a server that stops come back at random moments within this time. */
  spread: number;
}

/** Unless the caller says otherwise: ms. */
export const DEFAULT_BACKOFF: BackoffOptions = { minDelay: 500, maxDelay: 10_000, spread: 10_000 };

/** Doublings past which a wait is `maxDelay` whatever it began with. */
const MOST_DOUBLINGS = 20;

const sharedCodes: ReadonlySet<number> = new Set([1001, 1012, 1013, 4000]);

/** Returns true if all clients of a server get the close code at once: it stops, restarts, or has too much to do. */
export function isForAll(code: number): boolean {
  return sharedCodes.has(code);
}

/**
 * The waits between tries to connect. Each is a random part of a time that doubles (full jitter), so that those who were cut
 * off together don't come back together.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: Partial<BackoffOptions> = {}) {
    this.#options = { ...DEFAULT_BACKOFF, ...options };
  }

  /** Returns how long to wait before the next try, ms. */
  next(): number {
    const { minDelay, maxDelay } = this.#options;
    const most = Math.min(maxDelay, minDelay * 2 ** Math.min(this.#failures++, MOST_DOUBLINGS));
    return Math.random() * most;
  }

  /**
   * Returns how long to wait after a connection has closed with `code`, ms; `grace` is for how long the session is kept, 0 where
   * there is none: the spread leaves half of it for further tries.
   */
  after(code: number, grace: number): number {
    if (!isForAll(code)) return this.next();
    this.#failures++;
    return Math.random() * (grace > 0 ? Math.min(this.#options.spread, grace / 2) : this.#options.spread);
  }

  /** Returns a short wait, for when there is news that a try may succeed, ms. */
  soon(): number {
    return Math.random() * this.#options.minDelay;
  }

  /** Starts over: a connection has held. */
  reset(): void {
    this.#failures = 0;
  }
}
