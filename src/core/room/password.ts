import { TokenBucket } from "../limit/token_bucket.ts";
import type { Clock } from "../ports/clock.ts";

/** Longest password of a room, UTF-16 units. */
export const MAX_PASSWORD_UNITS = 128;
/** Wrong passwords that a room is given by all at once, and in a second from then on, before it counts as being guessed. */
const WRONG_AT_ONCE = 30;
const WRONG_PER_SECOND = 0.5;

/** The password of a room (docs/decisions/0012-crowds.md). */
export class Password {
  readonly #wrong: TokenBucket;

  constructor(
    /** As it was set. */
    readonly text: string,
    clock: Clock,
  ) {
    this.#wrong = new TokenBucket(clock, { rate: WRONG_PER_SECOND, burst: WRONG_AT_ONCE });
  }

  /** Whether more wrong ones have come, from all connections, than people give who mistype it. */
  get isBeingGuessed(): boolean {
    return this.#wrong.isEmpty;
  }

  /** Returns true if `given` is the password, and counts it if not. What the two have in common changes nothing in how long it takes. */
  isRight(given: unknown): boolean {
    const isRight = typeof given === "string" && areEqual(given, this.text);
    if (!isRight) this.#wrong.take();
    return isRight;
  }
}

/** Compares all units of the longest password, whichever the first difference is. */
function areEqual(given: string, text: string): boolean {
  let difference = given.length ^ text.length;
  // Behind the end of a text there is NaN, of which an integer is 0.
  for (let at = 0; at < MAX_PASSWORD_UNITS; at++) difference |= given.charCodeAt(at) ^ text.charCodeAt(at);
  return difference === 0;
}
