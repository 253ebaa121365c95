import { type Clock, systemClock } from "../../core/ports/clock.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/**
 * The clock of script hosts in tests: scripts are told the time of the test that runs, and hosts are watched by the machine's, since
 * what they use of it is real.
 */
export class StageClock implements Clock {
  /** Of the test that runs. */
  current: VirtualClock | undefined;
  readonly monotonic = systemClock.monotonic;
  readonly after = systemClock.after;
  readonly every = systemClock.every;

  now(): number {
    return (this.current ?? systemClock).now();
  }
}
