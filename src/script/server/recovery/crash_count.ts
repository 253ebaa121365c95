/** Time in which crashes are counted together, ms. */
const WINDOW_MS = 60_000;
/** Crashes of one script in that time that are once too often. */
const MOST_SCRIPT_CRASHES = 3;

/** Counts how often a script, or any script of an application, has taken a sandbox or a host down in the last minute. */
export class CrashCount {
  #times: number[] = [];

  /**
   * `ofApplication` counts those of the whole application: many rooms that each crash now and then are no better than one
   * that does it often. `most` is how many are once too often.
   */
  constructor(
    private readonly ofApplication?: CrashCount,
    private readonly most = MOST_SCRIPT_CRASHES,
  ) {}

  /** Counts a crash at `now`, ms of the monotonic clock. Returns whose crashes were too many, if any were. */
  add(now: number): "it" | "its application" | undefined {
    const who = this.ofApplication?.add(now);
    this.#times = [...this.#times.filter((time) => time > now - WINDOW_MS), now];
    return this.#times.length >= this.most ? "it" : who && "its application";
  }
}
