/**
 * Returns the most that each may have for all to have `total` together: who has less than that keeps it, and what is cut off is
 * cut from the largest (max-min fairness). Infinity where they have no more than that.
 */
export function waterline(sizes: readonly number[], total: number): number {
  const ascending = sizes.toSorted((a, b) => a - b);
  let left = total;
  for (const [at, size] of ascending.entries()) {
    const share = left / (ascending.length - at);
    if (size > share) return share;
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}
