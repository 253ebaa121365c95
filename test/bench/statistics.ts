/** Median, least and most of some measurements. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** Throws where there is nothing to summarise. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error("Cannot summarise: there are no values.");
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] as number;
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2;
  return { median, least: at(0), most: at(sorted.length - 1) };
}

/** The value below which `share` (0–1) of all are; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
