import type { EventTuple } from "./batch.ts";

/** Makes the text of one batch: header line, then the bodies. */
export class BatchEncoder {
  readonly #tuples: EventTuple[] = [];
  #bodies = "";

  /** `time` is the batch's, in milliseconds since the epoch. */
  constructor(readonly time: number) {}

  /** UTF-16 units of the bodies so far. */
  get size(): number {
    return this.#bodies.length;
  }

  add(tuple: EventTuple, body: string | undefined): void {
    this.#tuples.push(tuple);
    if (body !== undefined) this.#bodies += body;
  }

  text(): string {
    return `${JSON.stringify([this.time, this.#tuples])}\n${this.#bodies}`;
  }
}
