import type { Limits } from "../../../core/application/settings.ts";
import { TokenBucket } from "../../../core/limit/token_bucket.ts";
import type { Clock } from "../../../core/ports/clock.ts";

/** What an application may still use of its CPU rate on all hosts: `cpuRate` ms a second, up to `cpuBurst` ms at once. */
export class CpuRate {
  /** Its tokens are ms; made when a version first has a limit. */
  #bucket: TokenBucket | undefined;

  constructor(private readonly clock: Clock) {}

  /** Notes that `cpu` ms of CPU time were used; what is known only afterwards may be more than there was. */
  spend(cpu: number, limits: Limits): void {
    if (limits.cpuRate > 0) this.#bucketFor(limits).spend(cpu);
  }

  /** Returns the ms until the application may go on; 0 if it may. */
  wait(limits: Limits): number {
    return limits.cpuRate > 0 ? this.#bucketFor(limits).wait() : 0;
  }

  #bucketFor({ cpuRate, cpuBurst }: Limits): TokenBucket {
    if (this.#bucket) this.#bucket.adjust(cpuRate, cpuBurst);
    else this.#bucket = new TokenBucket(this.clock, cpuRate, cpuBurst);
    return this.#bucket;
  }
}
