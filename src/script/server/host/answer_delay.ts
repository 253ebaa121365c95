import type { Clock } from "../../../core/ports/clock.ts";
import type { Batch } from "../sandbox/batch.ts";

/** CPU time that the next batch may be expected to take if an answer is to wait for it, ms. */
const MOST_EXPECTED_MS = 1;
/** How long an answer waits at most, ms. */
const LONGEST_WAIT_MS = 2;

/**
 * Applies the answers of a host in order. An answer waits for the next one if that is close behind, so that the frames of
 * both reach a client in one write: where all of a room talk at once, the first batch of a round is what came while the loop
 * turned once, and the second the rest (docs/decisions/0007-speed.md).
 */
export class AnswerDelay {
  #waiting: (() => void) | undefined;
  #cancelTimer = () => {};

  constructor(private readonly clock: Clock) {}

  /**
   * Runs `apply`, which has an answer applied, or keeps it until the next answer comes. `next` is the batch that the host works on
   * if it is from the same sandbox.
   */
  apply(apply: () => void, next: Batch | undefined): void {
    if (!this.#waiting && next && !next.alone && next.expected < MOST_EXPECTED_MS) {
      this.#waiting = apply;
      this.#cancelTimer = this.clock.after(LONGEST_WAIT_MS, () => this.release());
      return;
    }
    this.release();
    apply();
  }

  /** Applies the answer that waits, if there is one. */
  release(): void {
    const apply = this.#waiting;
    if (!apply) return;
    this.#waiting = undefined;
    this.#cancelTimer();
    apply();
  }
}
