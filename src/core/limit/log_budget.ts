import type { Clock } from "../ports/clock.ts";
import { TokenBucket } from "./token_bucket.ts";

/** Lines that may come at once, in seconds of the rate. */
const BURST_SECONDS = 5;
/** How long dropped lines are counted before their number is logged, ms. */
const REPORT_MS = 1000;

/** How many lines an application may log in a second. What is more is dropped and counted. */
export class LogBudget {
  #lines: TokenBucket | undefined;
  #perSecond = 0;
  #dropped = 0;

  /** `perSecond` is asked for each line, since an edit may change it; `report` logs how many lines were dropped. */
  constructor(
    private readonly clock: Clock,
    private readonly perSecond: () => number,
    private readonly report: (dropped: number) => void,
  ) {}

  /** Counts one more line; returns false if it must not be logged. */
  take(): boolean {
    const rate = this.perSecond();
    if (!this.#lines || rate !== this.#perSecond) {
      this.#lines = new TokenBucket(this.clock, () => ({ rate, burst: rate * BURST_SECONDS }));
      this.#perSecond = rate;
    }
    if (this.#lines.take()) return true;
    if (this.#dropped++ === 0) this.clock.after(REPORT_MS, () => this.#reportDropped());
    return false;
  }

  #reportDropped(): void {
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.report(dropped);
  }
}
