/** Frames that may have been answered beyond one that was not; past it that one is taken for answered, since nothing may wait for ever. */
const MOST_BEYOND = 10_000;

/** Which frames of a client were answered, by their number in its session: all up to one, and some beyond it. */
export class Answered {
  #upTo: number;
  readonly #beyond: Set<number>;

  /** `beyond` are numbers above `upTo`. */
  constructor(upTo = 0, beyond: Iterable<number> = []) {
    this.#upTo = upTo;
    this.#beyond = new Set();
    for (const number of beyond) this.add(number);
  }

  /** Returns what was written as `text`. */
  static parse(text: readonly number[]): Answered {
    const [upTo, ...beyond] = text;
    return new Answered(upTo, beyond);
  }

  /** The number up to which all were. */
  get upTo(): number {
    return this.#upTo;
  }

  /** Those beyond it, in order. */
  get beyond(): number[] {
    return [...this.#beyond].sort((a, b) => a - b);
  }

  /** Notes that a frame was answered. */
  add(number: number): void {
    if (number <= this.#upTo) return;
    if (number === this.#upTo + 1 && this.#beyond.size === 0) {
      this.#upTo = number;
      return;
    }
    this.#beyond.add(number);
    if (this.#beyond.size > MOST_BEYOND) this.#upTo = Math.min(...this.#beyond) - 1;
    while (this.#beyond.delete(this.#upTo + 1)) this.#upTo++;
  }

  /** The same as `list`, as it stands in JSON between brackets. */
  get text(): string {
    return this.#beyond.size === 0 ? `${this.#upTo}` : this.list().join();
  }

  /** Returns it to be written: the number up to which all were, then those beyond. */
  list(): number[] {
    return [this.#upTo, ...this.beyond];
  }
}
