import { HotroomError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import { Backoff } from "./backoff.ts";

/** The first time that a breaker stays open, and the longest, ms. */
const FIRST_OPEN_MS = 1000;
const LONGEST_OPEN_MS = 5 * 60_000;
/** How long a breaker must have been closed for the next time to be the first again, ms. */
const FORGIVEN_MS = 10 * 60_000;

/**
 * Keeps people out of an application that takes script hosts down: while it is open no room is made or joined. What runs
 * goes on, and so do the other applications.
 */
export class Breaker {
  readonly #times = new Backoff(FIRST_OPEN_MS, LONGEST_OPEN_MS, 0);
  /** When it closes, by the monotonic clock. */
  #until = 0;

  constructor(private readonly clock: Clock) {}

  /** When it closes, ms since the epoch; undefined where it is closed. */
  get openUntil(): number | undefined {
    const rest = this.#until - this.clock.monotonic();
    return rest > 0 ? Math.ceil(this.clock.now() + rest) : undefined;
  }

  /** Opens, for twice as long as the last time; returns for how long, ms. */
  open(): number {
    const now = this.clock.monotonic();
    if (now >= this.#until + FORGIVEN_MS) this.#times.succeeded();
    const time = this.#times.failed();
    this.#until = now + time;
    return time;
  }

  /** Closes and forgets: there is a new version. */
  reset(): void {
    this.#until = 0;
    this.#times.succeeded();
  }

  /** Throws HotroomError while it is open: `application_unavailable`. */
  check(doing: string): void {
    const until = this.openUntil;
    if (until === undefined) return;
    const time = new Date(until).toISOString();
    throw new HotroomError(
      "application_unavailable",
      `Cannot ${doing}: the application took its script host down too often and is closed until ${time}.`,
    );
  }
}
