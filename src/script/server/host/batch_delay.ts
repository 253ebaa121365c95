/** Events of the last batch from which on it is worth waiting for more than the end of a loop turn. */
const BUSY = 8;
/** Loop turns in a row that bring nothing, after which nothing more is waited for: about 30 µs. */
const QUIET = 12;
/** Loop turns and events after which nothing more is waited for, whatever comes. */
const TURNS = 100;
const ENOUGH = 64;

/**
 * Waits for the end of a loop turn, with all that it brings, and where the last batch was no small one until little more comes:
 * what a batch costs on both sides is shared by its events. At 1 × 32 a round came in batches of 13 and 19, and comes in one,
 * at 24 µs of CPU time an event in place of 26. Of events that come one by one only the first after a busy moment waits longer,
 * by the quiet turns.
 */
export class BatchDelay {
  #isWaiting = false;
  #isBusy = false;
  #queue = 0;
  #quiet = 0;
  #came = 0;
  #before = 0;

  /** `over` is called once for each wait. */
  constructor(private readonly over: () => void) {}

  /** Events that the last batch had. */
  set last(events: number) {
    this.#isBusy = events >= BUSY;
  }

  /** Another event came. */
  came(): void {
    this.#came++;
    this.wait();
  }

  /** Begins to wait, unless it does. */
  wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#queue = this.#quiet = this.#came = this.#before = 0;
    setImmediate(this.#turned);
  }

  readonly #turned = (): void => {
    this.#quiet = this.#came === this.#before ? this.#quiet + 1 : 0;
    this.#before = this.#came;
    if (this.#isBusy && this.#quiet < QUIET && this.#came < ENOUGH && ++this.#queue < TURNS) {
      setImmediate(this.#turned);
      return;
    }
    this.#isWaiting = false;
    this.over();
  };
}
