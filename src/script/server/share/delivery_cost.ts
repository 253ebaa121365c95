import type { DeliveryCount } from "../../../core/delivery_count.ts";

/** Deliveries after which it is worth looking at what they took. */
const LOOK_AT_UNITS = 2000;
/** Time that one delivery is taken to take before any were looked at, and at most, ms. */
const FIRST_MS = 0.001;
const MOST_MS = 0.02;
/** Weight of the last look. */
const LAST_LOOK_WEIGHT = 0.3;

/**
 * Learns what a delivery costs this process in the end: sockets are written when the loop turns, for all whose outcomes were
 * applied in that turn together. It is the process's CPU time but for what applying took itself, by delivery; where
 * the process does much else that is too much, so it is bounded (docs/decisions/0011-fairness.md).
 */
export class DeliveryCost {
  #eachMs = FIRST_MS;
  #units: number;
  #cpu: number;
  /** What applying outcomes took since the last look, ms. */
  #applyingMs = 0;

  /** `cpu` returns the CPU time that this process has used, ms. */
  constructor(
    private readonly count: DeliveryCount,
    private readonly cpu: () => number,
  ) {
    this.#units = count.total;
    this.#cpu = cpu();
  }

  /** Returns the time that so many deliveries will take, ms. */
  of(units: number): number {
    return units * this.#eachMs;
  }

  /** Notes that outcomes were applied for `ms`, without what is written later. */
  applied(ms: number): void {
    this.#applyingMs += ms;
    const units = this.count.total - this.#units;
    if (units < LOOK_AT_UNITS) return;
    const cpu = this.cpu();
    const eachMs = Math.max(0, cpu - this.#cpu - this.#applyingMs) / units;
    this.#eachMs += LAST_LOOK_WEIGHT * (Math.min(MOST_MS, eachMs) - this.#eachMs);
    this.#units += units;
    this.#cpu = cpu;
    this.#applyingMs = 0;
  }
}
