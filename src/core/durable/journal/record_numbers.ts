/** Events that follow each other, and their records, which do too. */
interface Run {
  /** Numbers of the first event and of its record. */
  seq: number;
  number: number;
  /** How many there are. */
  count: number;
}

/**
 * The numbers of records by those of their events. Most records follow each other as their events do, so that a long log is one run: an
 * entry for each would be as large as the log, and is looked at with every event.
 */
export class RecordNumbers {
  /** By the numbers of events. */
  readonly #runs: Run[] = [];

  constructor(known: Iterable<readonly [seq: number, number: number]> = []) {
    for (const [seq, number] of known) this.set(seq, number);
  }

  has(seq: number): boolean {
    return this.of(seq) !== undefined;
  }

  /** Returns the number of an event's record; undefined where there is none. */
  of(seq: number): number | undefined {
    const run = this.#runs[this.#placeOf(seq)];
    return run && seq < run.seq + run.count ? run.number + seq - run.seq : undefined;
  }

  /** Notes the record of an event, in the place of another one that it had. */
  set(seq: number, number: number): void {
    this.delete(seq);
    const place = this.#placeOf(seq);
    const run = this.#runs[place];
    if (run && seq === run.seq + run.count && number === run.number + run.count) run.count++;
    else this.#runs.splice(place + 1, 0, { seq, number, count: 1 });
  }

  delete(seq: number): void {
    const place = this.#placeOf(seq);
    const run = this.#runs[place];
    if (!run || seq >= run.seq + run.count) return;
    const before = seq - run.seq;
    const after = { seq: seq + 1, number: run.number + before + 1, count: run.count - before - 1 };
    run.count = before;
    this.#runs.splice(place, 1, ...[run, after].filter(({ count }) => count > 0));
  }

  /** Forgets the records up to a number. */
  dropUpTo(number: number): void {
    const left = this.#runs.splice(0);
    for (const run of left) {
      const dropped = Math.max(0, Math.min(run.count, number - run.number + 1));
      if (dropped === run.count) continue;
      run.seq += dropped;
      run.number += dropped;
      run.count -= dropped;
      this.#runs.push(run);
    }
  }

  /** Returns the place of the last run that begins with an event, or before it; -1 where none does. */
  #placeOf(seq: number): number {
    const runs = this.#runs;
    // Most are asked for that come last.
    let low = runs.length - 1;
    if (low < 0 || (runs[low] as Run).seq <= seq) return low;
    let high = low;
    low = -1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((runs[middle] as Run).seq <= seq) low = middle;
      else high = middle;
    }
    return low;
  }
}
