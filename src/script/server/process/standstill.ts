import type { ProcessUsage } from "../../../process/process_cpu.ts";

/** How long a host may do nothing with work in hand before it is given up, ms: the busiest machine gives it some CPU time. */
const STILL_MS = 10_000;
/** How long it may be stopped by a signal, ms. */
const STOPPED_MS = 2000;

/** Why a host that a signal has stopped is given up. */
export const stoppedBySignal = "it does not run: a signal has stopped it";

/** For how long a host that has work has not run: something has stopped or frozen it, and it will not tell. */
export class Standstill {
  #cpu: number | undefined;
  #stillMs = 0;
  #stoppedMs = 0;

  /**
   * Takes what the system says of the host, `elapsed` ms after it was taken last. Returns why the host is to be given up;
   * undefined as long as it runs, or may go on.
   */
  look({ cpu, isStopped }: ProcessUsage, elapsed: number): string | undefined {
    this.#stillMs = cpu === this.#cpu ? this.#stillMs + elapsed : 0;
    this.#stoppedMs = isStopped ? this.#stoppedMs + elapsed : 0;
    this.#cpu = cpu;
    if (this.#stoppedMs >= STOPPED_MS) return stoppedBySignal;
    if (this.#stillMs < STILL_MS) return undefined;
    return `it does not run: it used no CPU time for ${STILL_MS / 1000} s`;
  }

  /** Notes that the host got somewhere, or has nothing to do. */
  end(): void {
    this.#cpu = undefined;
    this.#stillMs = this.#stoppedMs = 0;
  }
}
