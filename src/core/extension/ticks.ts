import type { Clock } from "../ports/clock.ts";
import type { Ticker } from "./ticker.ts";

/**
 * The ticks of one extension. A tick that falls due while the last one waits for the script is left out: the next one tells
 * how much time has passed.
 */
export class Ticks {
  #rate?: number;
  #stop?: () => void;

  /** `tick` gets the time since the last tick, ms, and calls `handled` when the script has handled it. */
  constructor(
    private readonly ticker: Ticker,
    private readonly clock: Clock,
    private readonly tick: (elapsed: number, handled: () => void) => void,
    /** Whether a tick that is due now makes sense. */
    private readonly isWanted: () => boolean = () => true,
  ) {}

  /** Ticks `rate` times a second from now on; undefined ends it. */
  setRate(rate: number | undefined): void {
    if (rate === this.#rate) return;
    this.#stop?.();
    this.#stop = undefined;
    this.#rate = rate;
    if (rate === undefined) return;
    // Whole ms: as differences of these the elapsed times add up to what has passed.
    let last = Math.round(this.clock.monotonic());
    let waiting = false;
    this.#stop = this.ticker.add(rate, () => {
      if (waiting || !this.isWanted()) return;
      waiting = true;
      const now = Math.round(this.clock.monotonic());
      const elapsed = now - last;
      last = now;
      this.tick(elapsed, () => {
        waiting = false;
      });
    });
  }
}
