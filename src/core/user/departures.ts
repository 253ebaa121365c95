import type { Clock } from "../ports/clock.ts";
import { Queue } from "../queue.ts";

/** Frames that departures, or arrivals, may cause in one turn of the loop: a few milliseconds' worth. */
const MOST_FRAMES = 5000;
/** Frames that take as long as somebody who comes or goes, of whom nobody is told. */
const FRAMES_OF_ONE = 250;

/** Somebody who waits to depart, or to be sent what was missed. */
interface Waiting {
  readonly frames: number;
  readonly go: () => void;
}

/**
 * The users of an application who are about to leave: everybody who stays is told of each. Where thousands vanish at once, they
 * leave a few in each turn of the loop: nobody else waits for them, and those who are found to be gone meanwhile are not told.
 * Those who come back, and are sent what they have missed, take turns in the same way.
 */
export class Departures {
  #left = MOST_FRAMES;
  readonly #waiting = new Queue<Waiting>();
  #isRenewing = false;

  constructor(private readonly clock: Clock) {}

  /** Returns a promise that resolves when a user may leave or come, which causes so many `frames`; undefined if that is now. */
  turn(frames: number): Promise<void> | undefined {
    this.#renewSoon();
    if (this.#waiting.length > 0 || this.#left <= 0) {
      return new Promise((go) => this.#waiting.push({ frames, go }));
    }
    this.#left -= frames + FRAMES_OF_ONE;
    return undefined;
  }

  #renewSoon(): void {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    this.clock.after(0, () => this.#renew());
  }

  #renew(): void {
    this.#isRenewing = false;
    this.#left = MOST_FRAMES;
    for (let next = this.#next(); next; next = this.#next()) {
      this.#left -= next.frames + FRAMES_OF_ONE;
      next.go();
    }
    if (this.#waiting.length > 0) this.#renewSoon();
  }

  #next(): Waiting | undefined {
    return this.#left > 0 ? this.#waiting.shift() : undefined;
  }
}
