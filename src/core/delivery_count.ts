/** Characters of a frame that are as much work as a frame is. */
const CHARACTERS_PER_UNIT = 2048;

/**
 * Counts what is given to sockets, in units of the work that it is: one for each frame, and more for a long one. What a piece
 * of work has sent is a difference of two totals.
 */
export class DeliveryCount {
  #total = 0;

  /** All units so far. */
  get total(): number {
    return this.#total;
  }

  /** Counts a frame of so many characters, to each of so many sockets. */
  add(characters: number, sockets = 1): void {
    this.#total += sockets * (1 + characters / CHARACTERS_PER_UNIT);
  }
}
