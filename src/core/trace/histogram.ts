/** Upper bounds of the buckets of a histogram, ms; what took longer is in one more. */
export const BOUNDS_MS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** How often something took how long, as it is shown. */
export interface HistogramView {
  /** How many there are in each bucket, in the order of `BOUNDS_MS`, and at last how many took longer. */
  readonly counts: readonly number[];
  /** How long all took together, ms. */
  readonly sum: number;
}

/** Counts how often something took how long; a library's would cost more than what is measured (docs/decisions/0024-metrics.md). */
export class Histogram {
  readonly #counts = new Array<number>(BOUNDS_MS.length + 1).fill(0);
  #sum = 0;

  /** Counts once more, with what it took, ms. */
  add(ms: number): void {
    let bucket = 0;
    while (bucket < BOUNDS_MS.length && ms > (BOUNDS_MS[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += ms;
  }

  /** Returns the counts of now. */
  view(): HistogramView {
    return { counts: [...this.#counts], sum: this.#sum };
  }
}
