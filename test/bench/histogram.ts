import type { Percentiles } from "./plan.ts";

/** Counts times without keeping them: 1 µs steps to 1 ms, then 0.1 % steps, to 100 s. */
export class Histogram {
  #counts = new Float64Array(1_000 + 12_000);
  #worst = 0;
  total = 0;

  /** Adds one time in µs. */
  add(microseconds: number): void {
    this.total++;
    if (microseconds > this.#worst) this.#worst = microseconds;
    const slot =
      microseconds < 1_000
        ? Math.max(0, Math.floor(microseconds))
        : Math.min(this.#counts.length - 1, 1_000 + Math.floor(Math.log(microseconds / 1_000) * 1_000));
    this.#counts[slot] = (this.#counts[slot] as number) + 1;
  }

  /** The time in ms below which `share` (0–1) of all times are. */
  percentile(share: number): number {
    let rest = this.total * share;
    for (let slot = 0; slot < this.#counts.length; slot++) {
      rest -= this.#counts[slot] as number;
      if (rest <= 0) return slot < 1_000 ? (slot + 1) / 1_000 : Math.exp((slot - 999) / 1_000);
    }
    return this.#worst / 1_000;
  }

  /** The figures that tables show. */
  percentiles(): Percentiles {
    return { p50: this.percentile(0.5), p99: this.percentile(0.99), worst: this.#worst / 1_000 };
  }
}
