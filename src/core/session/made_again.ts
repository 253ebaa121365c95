import type { Hearing } from "../extension/durable_extension.ts";
import type { FrameNumbers } from "../history/frame_numbers.ts";

/**
 * What one script does again since the server ended before all of it was carried out, or kept: what it sends clients may have got
 * already, and those who come back wait for it.
 */
export class MadeAgain {
  #left = 0;
  #isComplete = false;
  readonly #done = Promise.withResolvers<void>();

  constructor(private readonly numbers: FrameNumbers) {}

  /** Resolves when all is done. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Adds an event that is handled again; returns who hears what becomes of it, in the place of `hearing`. */
  add({ before, after }: Hearing): Hearing {
    let isBegun = false;
    this.#left++;
    return {
      before: (outcome) => {
        isBegun = true;
        this.numbers.beginAgain();
        return before?.(outcome);
      },
      after: (outcome) => {
        after?.(outcome);
        if (isBegun) this.numbers.endAgain();
        this.#left--;
        this.#look();
      },
    };
  }

  /** No more events are added. */
  complete(): void {
    this.#isComplete = true;
    this.#look();
  }

  #look(): void {
    if (this.#isComplete && this.#left === 0) this.#done.resolve();
  }
}
