/** Numbers that are left out after a server that did not stop by itself: more than it can have given since they were kept last. */
const SKIPPED = 2 ** 20;
/** Ends of servers, and runs of frames that were made again after one, that are remembered; of older ones nobody comes back. */
const MOST_GAPS = 16;
const MOST_AGAIN = 1000;

/** Numbers above the first, up to the second. */
type Range = readonly [number, number];

/** Numbers as they are kept. */
export interface KeptNumbers {
  readonly last: number;
  readonly gaps: readonly Range[];
  readonly again: readonly Range[];
}

/**
 * The numbers of an application's frames to logged-in users, from 1: one for all, so that what a user gets is in order whatever it is
 * about. Where they are kept they go on after the server's end.
 */
export class FrameNumbers {
  #last = 0;
  /** Numbers that were left out after the server's end: those that were given of them were not kept. */
  #gaps: Range[] = [];
  /** Numbers of frames that may be repetitions of some in the gap before them. */
  #again: Range[] = [];
  #changes = 0;
  /** How many are making some of these at the moment. */
  #makers = 0;

  /** The last one given; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** All of it, to be kept. */
  get kept(): KeptNumbers {
    return { last: this.#last, gaps: this.#gaps, again: this.#again };
  }

  /** How often it has changed otherwise than by `next`. */
  get changes(): number {
    return this.#changes;
  }

  next(): number {
    const number = ++this.#last;
    if (this.#makers > 0) this.#addAgain(number);
    return number;
  }

  /** Goes on behind what was kept; `isExact` says that no number was given after that. */
  goOn({ last, gaps, again }: KeptNumbers, isExact: boolean): void {
    this.#gaps = [...gaps];
    this.#again = [...again];
    this.#last = last;
    this.#changes++;
    if (isExact) return;
    this.#last += SKIPPED;
    this.#gaps.push([last, this.#last]);
    if (this.#gaps.length > MOST_GAPS) this.#gaps.shift();
  }

  /** What is made from now on may have been sent before the server's end, under other numbers; until as many calls of `endAgain`. */
  beginAgain(): void {
    this.#makers++;
  }

  endAgain(): void {
    this.#makers--;
  }

  /**
   * Returns the number below those of which nobody knows what they were given to, where a number is one of them: a client that has
   * seen it may have seen others that were not kept.
   */
  knownBefore(number: number): number | undefined {
    return this.#gaps.find((gap) => isIn(gap, number))?.[0];
  }

  /** Returns true if the frame of that number may be the repetition of one that was sent before. */
  isAgain(number: number): boolean {
    return this.#again.some((range) => isIn(range, number));
  }

  #addAgain(number: number): void {
    this.#changes++;
    const newest = this.#again.at(-1);
    if (newest?.[1] === number - 1) this.#again[this.#again.length - 1] = [newest[0], number];
    else this.#again.push([number - 1, number]);
    if (this.#again.length > MOST_AGAIN) this.#again.shift();
  }
}

function isIn([from, to]: Range, number: number): boolean {
  return number > from && number <= to;
}
