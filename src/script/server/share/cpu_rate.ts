import type { Clock } from "../../../core/ports/clock.ts";
import type { Limits } from "../../../core/application/settings.ts";

/** What an application has of its CPU rate, on all hosts together: `cpuRate` ms a second, up to `cpuBurst` ms at once. */
export class CpuRate {
  #level: number | undefined;
  #at = 0;

  constructor(private readonly clock: Clock) {}

  /** CPU time was used; the level may fall below nothing, since that is only known afterwards. */
  spend(cpu: number, limits: Limits): void {
    if (limits.cpuRate > 0) this.#level = this.#filled(limits) - cpu;
  }

  /** Milliseconds until the application may go on; 0 where it may. */
  wait(limits: Limits): number {
    if (limits.cpuRate === 0) return 0;
    const level = this.#filled(limits);
    return level > 0 ? 0 : Math.ceil((-level / limits.cpuRate) * 1000) + 1;
  }

  #filled({ cpuRate, cpuBurst }: Limits): number {
    const now = this.clock.now();
    // A clock that was set back gives nothing and costs nothing.
    const gained = (Math.max(0, now - this.#at) / 1000) * cpuRate;
    this.#at = now;
    this.#level = Math.min(cpuBurst, (this.#level ?? cpuBurst) + gained);
    return this.#level;
  }
}

/** The CPU buckets of all applications; the hosts of a server share them. */
export class CpuRates {
  readonly #buckets = new Map<string, CpuRate>();

  constructor(private readonly clock: Clock) {}

  of(application: string): CpuRate {
    const found = this.#buckets.get(application);
    if (found) return found;
    const bucket = new CpuRate(this.clock);
    this.#buckets.set(application, bucket);
    return bucket;
  }
}
