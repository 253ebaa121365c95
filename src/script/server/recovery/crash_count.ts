/** In what time what was taken down is counted together, ms. */
const WITHIN = 60_000;

/** Counts how often a script, or any of an application's, has taken a sandbox or a host down. */
export class CrashCount {
  #times: number[] = [];

  constructor(
    /** Those of the whole application: many rooms that each do it now and then are no better. */
    private readonly all?: CrashCount,
    /** How often is once too often. */
    private readonly most = 3,
  ) {}

  /** Notes one at `now`, ms; tells whose were once too many, if any. */
  tooMany(now: number): "it" | "its application" | undefined {
    const ofAll = this.all?.tooMany(now);
    this.#times = [...this.#times.filter((at) => at > now - WITHIN), now];
    return this.#times.length >= this.most ? "it" : ofAll && "its application";
  }
}
