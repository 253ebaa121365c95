import type { Clock } from "../../../core/ports/clock.ts";
import type { ProcessUsage } from "../../../process/process_cpu.ts";
import { Standstill } from "./standstill.ts";

/** Time between two looks at the host's CPU time, ms. */
const LOOK_MS = 50;
/** Least time between two looks, ms: when the allowance is nearly used up. */
const LEAST_LOOK_MS = 10;
/** Wall time that counts as 1 ms of CPU time on a system that does not tell CPU time, ms. */
const WALL_MS_PER_CPU_MS = 4;

/** A host as its watchdog sees it. */
export interface Watched {
  /** Returns what it has used so far; undefined if the system does not tell. */
  usage(): ProcessUsage | undefined;
  /** Returns the CPU time that it may use without progress, ms; undefined while it has nothing in hand. */
  allowance(): number | undefined;
  /** Hears that it has used more, `used` ms. */
  expired(used: number): void;
  /** Hears why it is no use to wait for it, though what it has in hand is not to blame. */
  stuck(reason: string): void;
}

/**
 * Notices that a host works without getting anywhere, or does not run at all. It counts the host's CPU time, so that nothing
 * fails because the machine is busy or asleep. And it looks a second time, after the event loop has had the chance to read
 * answers that were waiting while this process was the busy one.
 */
export class Watchdog {
  #cancel: (() => void) | undefined;
  /** CPU time at the last progress, ms; estimated at the first look after it. */
  #base: number | undefined;
  /** Time of the last progress, ms since the epoch. */
  #since = 0;
  /** CPU time at the last look, ms. */
  #last = 0;
  /** Time of the last look, ms since the epoch. */
  #lookedAt = 0;
  /** CPU time by wall time, ms. */
  #wallCpu = 0;
  /** Whether the last look was past the allowance. */
  #isPast = false;
  readonly #standstill = new Standstill();
  /** The event of the last progress. */
  #event: string | undefined;

  constructor(
    readonly clock: Clock,
    readonly watched: Watched,
  ) {}

  /** Begins to look: the host got something to do. */
  watch(): void {
    if (this.#cancel) return;
    this.#since = this.clock.monotonic();
    this.#next(LOOK_MS);
  }

  /** Notes that the host got somewhere: to `event` if it is still at that. Getting to the same one again is no progress. */
  progress(event?: string): void {
    if (event !== undefined && event === this.#event) return;
    this.#event = event;
    this.#base = undefined;
    this.#since = this.clock.monotonic();
    this.#isPast = false;
    this.#standstill.end();
  }

  /** Ends looking: the process is gone or is to end, and the CPU time of the next one starts at 0. */
  stop(): void {
    this.#rest();
    this.#last = 0;
  }

  #rest(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.progress();
  }

  #next(delay: number): void {
    this.#lookedAt = this.clock.monotonic();
    this.#cancel = this.clock.after(delay, () => this.#look());
  }

  #look(): void {
    const allowance = this.watched.allowance();
    if (allowance === undefined) return this.#rest();
    const elapsed = this.#elapsed();
    const usage = this.watched.usage();
    const stuck = usage && this.#standstill.look(usage, elapsed);
    if (stuck !== undefined) {
      this.#rest();
      return this.watched.stuck(stuck);
    }
    this.#wallCpu += elapsed / WALL_MS_PER_CPU_MS;
    const cpu = usage?.cpu ?? this.#wallCpu;
    // Since the progress it can't have used more than the time since then, nor more than since the last look.
    this.#base ??= Math.max(this.#last, cpu - (this.clock.monotonic() - this.#since));
    this.#last = cpu;
    const used = cpu - this.#base;
    if (used <= allowance) this.#isPast = false;
    else if (this.#isPast) {
      this.#rest();
      return this.watched.expired(used);
    } else this.#isPast = true;
    this.#next(Math.min(LOOK_MS, Math.max(LEAST_LOOK_MS, allowance - used)));
  }

  /** Returns the time since the last look, ms. One that comes late counts as if on time: the machine slept, or this process was busy. */
  #elapsed(): number {
    return Math.min(this.clock.monotonic() - this.#lookedAt, 2 * LOOK_MS);
  }
}
