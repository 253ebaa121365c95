import type { Clock } from "../core/ports.ts";

/** How long one look at the host's CPU time is from the next, ms. */
const SAMPLE = 50;
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
  /** CPU time at the first look after the last progress. */
  #base: number | undefined;
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
    if (!this.#cancel) this.#next();
  }

  /** The host got somewhere, to `event` where it is not done with it: to the same again is no progress. */
  progress(event?: string): void {
    if (event !== undefined && event === this.#event) return;
    this.#event = event;
    this.#base = undefined;
    this.#warned = false;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.progress();
  }

  #next(): void {
    this.#wallBase = this.clock.now();
    this.#cancel = this.clock.after(SAMPLE, () => this.#look());
  }

  #look(): void {
    const allowance = this.watched.allowance();
    if (allowance === undefined) return this.stop();
    const cpu = this.#cpu();
    this.#base ??= cpu;
    const used = cpu - this.#base;
    if (used <= allowance) this.#warned = false;
    else if (this.#warned) {
      this.stop();
      return this.watched.expired(used);
    } else this.#warned = true;
    this.#next();
  }

  #cpu(): number {
    // A look that comes late counts as one that came on time: the machine slept, or this process was busy.
    this.#wallCpu += Math.min(Math.max(this.clock.now() - this.#wallBase, 0), 2 * SAMPLE) / WALL_PER_CPU;
    return this.watched.cpu() ?? this.#wallCpu;
  }
}
