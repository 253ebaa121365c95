/** Sandboxes that a script may take down before it is closed, and in what time, ms. */
const MOST = 3;
const WITHIN = 60_000;

/** Counts how often one script has taken a sandbox or a host down. */
export class Kills {
  #times: number[] = [];

  /** Notes one at `now`, ms; tells whether that was once too often. */
  tooMany(now: number): boolean {
    this.#times = [...this.#times.filter((at) => at > now - WITHIN), now];
    return this.#times.length >= MOST;
  }
}
