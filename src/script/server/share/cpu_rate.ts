import type { Limits } from "../../../core/application/settings.ts";
import { TokenBucket } from "../../../core/limit/token_bucket.ts";
import type { Clock } from "../../../core/ports/clock.ts";

/** What an application may still use of its CPU rate on all hosts: `cpuRate` ms a second, up to `cpuBurst` ms at once. */
export class CpuRate {
  /** Its tokens are ms. */
  readonly #bucket: TokenBucket;
  /** That of the version which was asked about last: an application may have several at a time. */
  readonly #limit = { rate: 0, burst: 0 };

  constructor(clock: Clock) {
    this.#bucket = new TokenBucket(clock, this.#limit);
  }

  /** Notes that `cpu` ms of CPU time were used; what is known only afterwards may be more than there was. */
  spend(cpu: number, limits: Limits): void {
    this.#bucketFor(limits).spend(cpu);
  }

  /** Returns the ms until the application may go on; 0 if it may. */
  wait(limits: Limits): number {
    return this.#bucketFor(limits).wait();
  }

  #bucketFor({ cpuRate, cpuBurst }: Limits): TokenBucket {
    this.#limit.rate = cpuRate;
    this.#limit.burst = cpuBurst;
    return this.#bucket;
  }
}
