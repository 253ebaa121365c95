import { Pace } from "../limit/pace.ts";

/** Scripts whose events are read from the store at one time: what was read is in memory until the script is begun. */
const AT_ONCE = 32;

/** Brings what was kept up, a few at a time, those first that somebody waits for. */
export class OpeningQueue {
  readonly #pace: Pace;
  readonly #urgent = new Set<() => Promise<void>>();
  readonly #waiting = new Set<() => Promise<void>>();
  #underWay = 0;
  #isAwake = false;

  /** `now` is a clock, ms. */
  constructor(now: () => number) {
    this.#pace = new Pace(now);
  }

  /** How many wait. */
  get size(): number {
    return this.#urgent.size + this.#waiting.size;
  }

  /** Adds a task, which is begun when it is its turn, never at once; it must not reject. */
  add(task: () => Promise<void>): void {
    this.#waiting.add(task);
    this.#wake();
  }

  /** Lets a task go first, where it waits. */
  hurry(task: () => Promise<void>): void {
    if (this.#waiting.delete(task)) this.#urgent.add(task);
  }

  /**
   * Does what is to be done with what was read, when the loop has time for it: a large state and a long log take some ms, and many
   * may have been read at once. Rejects with what the task throws.
   */
  inTurn(task: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pace.run(() => {
        try {
          resolve(task());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    queueMicrotask(() => {
      this.#isAwake = false;
      for (let next = this.#next(); next; next = this.#next()) this.#start(next);
    });
  }

  #start(task: () => Promise<void>): void {
    this.#underWay++;
    void task().then(() => {
      this.#underWay--;
      this.#wake();
    });
  }

  #next(): (() => Promise<void>) | undefined {
    if (this.#underWay >= AT_ONCE) return undefined;
    const [next] = this.#urgent.size > 0 ? this.#urgent : this.#waiting;
    if (next) this.#urgent.delete(next) || this.#waiting.delete(next);
    return next;
  }
}
