import { HotroomError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";

/** First time that it stays open, and longest, ms; each is twice the one before. */
const first = 1000;
const longest = 5 * 60_000;
/** Quiet time after it has closed, ms, that makes the next time the first again. */
const quiet = 10 * 60_000;

/**
 * Keeps people out of an application that takes script hosts down: while it is open no room is made or joined. What runs
 * goes on, and so do the other applications.
 */
export class Breaker {
  #until = 0;
  #time = 0;

  constructor(private readonly clock: Clock) {}

  /** When it closes, ms since the epoch; undefined where it is closed. */
  get openUntil(): number | undefined {
    return this.#until > this.clock.now() ? this.#until : undefined;
  }

  /** Opens, for longer than the last time; returns for how long, ms. */
  open(): number {
    const now = this.clock.now();
    const isFirst = this.#time === 0 || now >= this.#until + quiet;
    this.#time = isFirst ? first : Math.min(longest, this.#time * 2);
    this.#until = now + this.#time;
    return this.#time;
  }

  /** Forgets everything: there is a new version. */
  reset(): void {
    this.#until = this.#time = 0;
  }

  /** Throws where it is open. */
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
