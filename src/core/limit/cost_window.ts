/** Bounds what is under way at a time by what it costs, in any unit: as much as costs `most` together. */
export class CostWindow {
  #count = 0;
  #cost = 0;

  constructor(private readonly most: number) {}

  /** How many are under way. */
  get size(): number {
    return this.#count;
  }

  /** Whether those under way cost as much as they may. */
  get isFull(): boolean {
    return this.#cost >= this.most;
  }

  /** Returns true if one that costs `cost` may start beside those under way; by itself any may. */
  fits(cost: number): boolean {
    return this.#count === 0 || this.#cost + cost <= this.most;
  }

  /** Notes that one has started. */
  start(cost: number): void {
    this.#count++;
    this.#cost += cost;
  }

  /** Notes that one has ended, which cost as much when it started. */
  end(cost: number): void {
    this.#count--;
    // Rounding errors must not add up for ever.
    this.#cost = this.#count === 0 ? 0 : this.#cost - cost;
  }
}
