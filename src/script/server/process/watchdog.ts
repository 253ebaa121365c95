import type { Clock } from "../../../core/ports/clock.ts";

/** How long one look at the host's CPU time is from the next, ms: usually, and where the allowance is nearly used up. */
const SAMPLE = 50;
const SOON = 10;
/** Wall time that stands for 1 ms of CPU time where the latter can't be told. */
const WALL_PER_CPU = 4;

/** What a watchdog looks at. */
export interface Watched {
  /** CPU time so far, ms; undefined where it can't be told. */
  cpu(): number | undefined;
  /** CPU time that may pass without progress, ms; undefined while the host has nothing in hand. */
  allowance(): number | undefined;
  /** It did pass; `used` is in ms. */
  expired(used: number): void;
}

/**
 * Tells when a host works without getting anywhere. It counts the host's CPU time, so that a machine that is busy or
 * asleep fails nobody; and it looks a second time after the event loop has had the chance to read answers that were
 * waiting while this process was the busy one.
 */
export class Watchdog {
  #cancel: (() => void) | undefined;
  /** CPU time at the last progress, as far as is known; found out at the first look after it. */
  #base: number | undefined;
  /** When that was, ms since the epoch. */
  #since = 0;
  /** CPU time at the last look. */
  #last = 0;
  #wallBase = 0;
  #wallCpu = 0;
  #warned = false;
  #event: string | undefined;

  constructor(
    readonly clock: Clock,
    readonly watched: Watched,
  ) {}

  /** The host got something to do. */
  watch(): void {
    if (this.#cancel) return;
    this.#since = this.clock.now();
    this.#next(SAMPLE);
  }

  /** The host got somewhere, to `event` where it is not done with it: to the same again is no progress. */
  progress(event?: string): void {
    if (event !== undefined && event === this.#event) return;
    this.#event = event;
    this.#base = undefined;
    this.#since = this.clock.now();
    this.#warned = false;
  }

  /** The process is gone, or is to end: the next one's CPU time starts anew. */
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
    this.#wallBase = this.clock.now();
    this.#cancel = this.clock.after(delay, () => this.#look());
  }

  #look(): void {
    const allowance = this.watched.allowance();
    if (allowance === undefined) return this.#rest();
    const cpu = this.#cpu();
    // What it used since the progress is no more than the time since then, and than what it used since the last look.
    this.#base ??= Math.max(this.#last, cpu - Math.max(0, this.clock.now() - this.#since));
    this.#last = cpu;
    const used = cpu - this.#base;
    if (used <= allowance) this.#warned = false;
    else if (this.#warned) {
      this.#rest();
      return this.watched.expired(used);
    } else this.#warned = true;
    this.#next(Math.min(SAMPLE, Math.max(SOON, allowance - used)));
  }

  #cpu(): number {
    // A look that comes late counts as one that came on time: the machine slept, or this process was busy.
    this.#wallCpu += Math.min(Math.max(this.clock.now() - this.#wallBase, 0), 2 * SAMPLE) / WALL_PER_CPU;
    return this.watched.cpu() ?? this.#wallCpu;
  }
}
