import type { Clock } from "../../../core/ports/clock.ts";

/** Events of the last batch from which on it is worth waiting for more than the end of a loop turn. */
const BUSY_EVENTS = 8;
/** Loop turns in a row without an event that end a wait. */
const QUIET_TURNS = 12;
/** Time without an event that ends a wait, ms: where somebody keeps the loop busy a turn is long, and few of them are enough. */
const QUIET_MS = 1;
/** Loop turns that end a wait whatever comes. */
const LONGEST_WAIT_TURNS = 100;
/** Time that ends a wait whatever comes, ms. */
const LONGEST_WAIT_MS = 8;
/** Events that end a wait. */
const ENOUGH_EVENTS = 64;

/**
 * Waits before a batch leaves: for the end of the loop turn, with all that it brings, and if the last batch was not a small
 * one until few events come. What a batch costs on both sides is shared by its events; the first of events that come one by
 * one waits longer only after a busy moment (docs/decisions/0007-speed.md).
 */
export class BatchDelay {
  #isWaiting = false;
  #isBusy = false;
  #turns = 0;
  #quietTurns = 0;
  /** Events of this wait, now and at the last turn. */
  #events = 0;
  #eventsBefore = 0;
  /** When this wait began, and when a turn brought an event last, by the clock. */
  #since = 0;
  #heard = 0;

  /** `over` is called once for each wait. */
  constructor(
    private readonly clock: Clock,
    private readonly over: () => void,
  ) {}

  /** Notes how many events the last batch had. */
  lastBatch(events: number): void {
    this.#isBusy = events >= BUSY_EVENTS;
  }

  /** Counts one more event, and begins to wait. */
  event(): void {
    this.#events++;
    this.wait();
  }

  /** Begins to wait, unless it does already. */
  wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#turns = this.#quietTurns = this.#events = this.#eventsBefore = 0;
    this.#since = this.#heard = this.clock.monotonic();
    setImmediate(this.#turned);
  }

  readonly #turned = (): void => {
    if (this.#isBusy && this.#mayWait()) {
      setImmediate(this.#turned);
      return;
    }
    this.#isWaiting = false;
    this.over();
  };

  #mayWait(): boolean {
    const now = this.clock.monotonic();
    if (this.#events === this.#eventsBefore) this.#quietTurns++;
    else {
      this.#quietTurns = 0;
      this.#heard = now;
    }
    this.#eventsBefore = this.#events;
    const isQuiet = this.#quietTurns >= QUIET_TURNS || now - this.#heard >= QUIET_MS;
    if (isQuiet || this.#events >= ENOUGH_EVENTS) return false;
    return ++this.#turns < LONGEST_WAIT_TURNS && now - this.#since < LONGEST_WAIT_MS;
  }
}
