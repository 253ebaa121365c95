/** Characters of a text that something near is looked for. */
const MAX_CHARACTERS = 100;
/** Insertions, deletions and replacements between a text and what it was meant to be. */
const MAX_EDITS = 8;

/**
 * Returns the candidate that `text` was most likely meant to be; undefined where none is near, or `text` is long. What is
 * compared may be hostile: a candidate costs at most MAX_CHARACTERS times twice MAX_EDITS steps.
 */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  let best: string | undefined;
  let least = Math.min(MAX_EDITS, Math.max(2, Math.floor(text.length / 3))) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - text.length) >= least) continue;
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase(), least);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Returns the number of insertions, deletions and replacements between two texts, or `enough` where they are that many. */
function editDistance(a: string, b: string, enough: number): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => Math.min(j, enough));
  for (let i = 1; i <= a.length; i++) {
    const next = new Array<number>(b.length + 1).fill(enough);
    if (i < enough) next[0] = i;
    // Farther from the diagonal there are that many insertions or deletions alone.
    const end = Math.min(b.length, i + enough - 1);
    for (let j = Math.max(1, i - enough + 1); j <= end; j++) {
      const replaced = (row[j - 1] ?? enough) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(enough, replaced, (row[j] ?? enough) + 1, (next[j - 1] ?? enough) + 1);
    }
    row = next;
  }
  return row[b.length] ?? enough;
}
