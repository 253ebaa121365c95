/** Bytes of memory that some sandboxes take; they are part of what others count. */
export class MemoryCount {
  #bytes = 0;

  /** `wholes` count what this one counts, too. */
  constructor(private readonly wholes: readonly MemoryCount[] = []) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts `change` bytes more, or fewer if it is below 0. */
  add(change: number): void {
    this.#bytes += change;
    for (const whole of this.wholes) whole.add(change);
  }
}
