import type { Clock } from "../../../core/ports/clock.ts";
import type { Batch } from "../sandbox/sandbox.ts";

/** CPU time that the next batch may be expected to take where an answer waits for it, ms. */
const SOON = 1;
/** How long an answer waits at most, ms. */
const PATIENCE = 2;

/**
 * Applies what a host's answers come to, in order. One that the next is close behind waits for it, so that the frames of both
 * reach a client in one write: where all of a room talk at once, the first batch of a round is what came while the loop turned
 * once, and the second the rest. At 1 × 32 the system's share of an event fell from 15 to 9 µs.
 */
export class AnswerDelay {
  #held: (() => void) | undefined;
  #cancelTimer = () => {};

  constructor(private readonly clock: Clock) {}

  /** Runs `apply`, or keeps it until the answer to `next` comes: the batch that the host works on, where it is from the same sandbox. */
  settle(apply: () => void, next: Batch | undefined): void {
    if (!this.#held && next && !next.alone && next.expected < SOON) {
      this.#held = apply;
      this.#cancelTimer = this.clock.after(PATIENCE, () => this.release());
      return;
    }
    this.release();
    apply();
  }

  /** Runs what is kept. */
  release(): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    this.#cancelTimer();
    held();
  }
}
