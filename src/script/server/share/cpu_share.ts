import type { Limits } from "../../../core/application/settings.ts";
import type { CpuRate } from "./cpu_rate.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** CPU time that an application gets at each of its turns, ms. */
export const QUANTUM = 10;

/** One application's share of one host: the sandboxes that wait, and the CPU time that it may use before others had theirs. */
export class CpuShare {
  readonly #waiting = new Set<Sandbox>();
  /** CPU time left of its last turn, ms; below 0 what it has used beyond it. */
  #credit = QUANTUM;
  #idleSince: number | undefined;
  inHand = 0;

  constructor(
    readonly application: string,
    private readonly bucket: CpuRate,
  ) {}

  add(sandbox: Sandbox): void {
    this.#waiting.add(sandbox);
  }

  remove(sandbox: Sandbox): void {
    this.#waiting.delete(sandbox);
  }

  /** The sandbox that has waited longest. */
  get first(): Sandbox | undefined {
    for (const sandbox of this.#waiting) {
      if (sandbox.waits) return sandbox;
      this.#waiting.delete(sandbox);
    }
    return undefined;
  }

  get hasCredit(): boolean {
    return this.#credit > 0;
  }

  /** Nothing of it waits or is in hand, and it has what a new one would have. */
  get isNew(): boolean {
    return this.#waiting.size === 0 && this.inHand === 0 && this.#credit >= QUANTUM;
  }

  /** A turn begins. */
  turn(): void {
    this.#credit += QUANTUM;
  }

  /** CPU time is set aside, or is given back where `cpu` is below 0. */
  reserve(cpu: number): void {
    this.#credit -= cpu;
  }

  /** CPU time has been used. */
  spend(cpu: number, limits: Limits): void {
    this.#credit -= cpu;
    this.bucket.spend(cpu, limits);
  }

  /** Milliseconds until the application's CPU rate lets it go on. */
  wait(limits: Limits): number {
    return this.bucket.wait(limits);
  }

  /** It has nothing to do since `now`. */
  rest(now: number): void {
    this.#idleSince ??= now;
  }

  /** It has something to do again; meanwhile it has earned what it would have been given among `others`. */
  wake(now: number, others: number): void {
    if (this.#idleSince === undefined) return;
    const earned = Math.max(0, now - this.#idleSince) / (others + 1);
    this.#idleSince = undefined;
    if (this.#credit < QUANTUM) this.#credit = Math.min(QUANTUM, this.#credit + earned);
  }
}
