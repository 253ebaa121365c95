import type { JsonText } from "../../ports/event.ts";

/** How far the effects of events have been carried out, as it is written: all up to a record, but for those that are open, of which the first ones. */
export interface WrittenDelivery {
  readonly last: number;
  readonly open: readonly (readonly [number: number, effects: number])[];
}

/**
 * The records of one script whose effects are not all carried out. They are carried out in the order of the records, but for a few, so
 * that a number tells most of it.
 */
export class OpenRecords {
  /** All up to this record are carried out, or are none any more, but for others that are open; those behind it are open. */
  #mark: number;
  #last: number;
  /** Open ones up to the mark, and those behind it of which some effects are carried out: how many are. */
  readonly #others: Map<number, number>;

  /** `open` are records up to `last` that are, and how many of their effects are carried out. */
  constructor(last: number, open: Iterable<readonly [number: number, effects: number]> = []) {
    this.#mark = this.#last = last;
    this.#others = new Map(open);
  }

  /** Adds the next record. */
  add(number: number): void {
    this.#last = number;
  }

  has(number: number): boolean {
    return number > this.#mark ? number <= this.#last : this.#others.has(number);
  }

  /** Returns how many effects of an open record are carried out; undefined where it is not open. */
  effectsOf(number: number): number | undefined {
    return this.has(number) ? (this.#others.get(number) ?? 0) : undefined;
  }

  /** Returns those up to a number. */
  upTo(number: number): number[] {
    const open = [...this.#others.keys()].filter((each) => each <= this.#mark && each <= number);
    for (let each = this.#mark + 1; each <= Math.min(number, this.#last); each++) open.push(each);
    return open;
  }

  /** Notes that the first effects of an open record are carried out, so many. */
  begin(number: number, effects: number): void {
    this.#others.set(number, effects);
  }

  /** Notes that all of a record is carried out, or that it is none any more. */
  delete(number: number): void {
    if (this.#others.size > 0) this.#others.delete(number);
    if (number <= this.#mark) return;
    for (let each = this.#mark + 1; each < number; each++)
      if (!this.#others.has(each)) this.#others.set(each, 0);
    this.#mark = number;
  }

  /** Returns what is written of it: the text of a `WrittenDelivery`. */
  text(): JsonText {
    if (this.#others.size === 0) return `{"last":${this.#mark},"open":[]}`;
    return JSON.stringify({ last: this.#mark, open: [...this.#others] });
  }
}
