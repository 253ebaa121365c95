import type { Clock } from "../ports/clock.ts";
import { TokenBucket } from "./token_bucket.ts";

/** Lines that may come at once, in seconds of the rate. */
const burst = 5;

/** How many lines an application may log in a second. What is more is dropped and counted. */
export class LogBudget {
  #rate: TokenBucket | undefined;
  #perSecond = 0;
  #dropped = 0;

  /** `tell` logs how many lines were dropped, a second after the first of them. */
  constructor(
    private readonly clock: Clock,
    private readonly perSecond: () => number,
    private readonly tell: (dropped: number) => void,
  ) {}

  /** Whether one more line may be logged. */
  take(): boolean {
    const perSecond = this.perSecond();
    if (!this.#rate || perSecond !== this.#perSecond) {
      this.#rate = new TokenBucket(this.clock, perSecond, perSecond * burst);
      this.#perSecond = perSecond;
    }
    if (this.#rate.take()) return true;
    if (this.#dropped++ === 0) this.clock.after(1000, () => this.#tellDropped());
    return false;
  }

  #tellDropped(): void {
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.tell(dropped);
  }
}
