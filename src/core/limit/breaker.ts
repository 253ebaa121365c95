import { HotroomError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import { Backoff } from "./backoff.ts";

/** First and longest time that it stays open, ms. */
const FIRST_OPEN_MS = 1000;
const LONGEST_OPEN_MS = 5 * 60_000;
/** Time for which it must have been closed, ms, to open for the first time again. */
const QUIET_MS = 10 * 60_000;

/**
 * Keeps people out of an application that takes script hosts down: while it is open no room is made or joined. What runs
 * goes on, and so do the other applications.
 */
export class Breaker {
  readonly #backoff = new Backoff(FIRST_OPEN_MS, LONGEST_OPEN_MS);
  #until = 0;

  constructor(private readonly clock: Clock) {}

  /** When it closes, ms since the epoch; undefined where it is closed. */
  get openUntil(): number | undefined {
    return this.#until > this.clock.now() ? this.#until : undefined;
  }

  /** Opens it, for twice as long as the last time. Returns for how long, ms. */
  open(): number {
    const now = this.clock.now();
    if (now >= this.#until + QUIET_MS) this.#backoff.succeeded();
    const ms = this.#backoff.failed();
    this.#until = now + ms;
    return ms;
  }

  /** Closes it and forgets how often it was open: there is a new version. */
  reset(): void {
    this.#until = 0;
    this.#backoff.succeeded();
  }

  /** Throws `application_unavailable` if it is open. */
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
