import type { Limits } from "../../../core/application/settings.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { CpuRate } from "./cpu_rate.ts";

/** CPU time that an application gets at each of its turns, ms. */
const TURN_MS = 10;

/** One application's share of one host: its sandboxes that wait, and the CPU time that it may use before others have their turn. */
export class CpuShare {
  readonly #waiting = new Set<Sandbox>();
  /** CPU time left of its last turn, ms; below 0 what it has used beyond that. */
  #credit = TURN_MS;
  #idleSince: number | undefined;
  /** Batches that the host has of it. */
  inHand = 0;

  constructor(
    readonly application: string,
    private readonly rate: CpuRate,
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

  /** Whether nothing of it waits or is in hand, and it has what a new share would have. */
  get isNew(): boolean {
    return this.#waiting.size === 0 && this.inHand === 0 && this.#credit >= TURN_MS;
  }

  /** Begins a turn. */
  turn(): void {
    this.#credit += TURN_MS;
  }

  /** Sets `cpu` ms of CPU time aside for a batch that is handed over. */
  reserve(cpu: number): void {
    this.#credit -= cpu;
  }

  /** Gives back what was set aside for a batch. */
  release(cpu: number): void {
    this.#credit += cpu;
  }

  /** Notes that `cpu` ms of CPU time were used. */
  spend(cpu: number, limits: Limits): void {
    this.#credit -= cpu;
    this.rate.spend(cpu, limits);
  }

  /** Returns the ms until the application's CPU rate lets it go on; 0 if it does. */
  wait(limits: Limits): number {
    return this.rate.wait(limits);
  }

  /** Notes that it has had nothing to do since `now`, ms of the monotonic clock. */
  rest(now: number): void {
    this.#idleSince ??= now;
  }

  /** Notes that it has something to do again. Meanwhile it has earned what it would have been given among `others`. */
  wake(now: number, others: number): void {
    if (this.#idleSince === undefined) return;
    const earned = Math.max(0, now - this.#idleSince) / (others + 1);
    this.#idleSince = undefined;
    if (this.#credit < TURN_MS) this.#credit = Math.min(TURN_MS, this.#credit + earned);
  }
}
