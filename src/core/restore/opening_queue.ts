/** Scripts whose events are read from the store at one time. */
const AT_ONCE = 128;

/** Brings what was kept up, a few at a time, those first that somebody waits for. */
export class OpeningQueue {
  readonly #urgent = new Set<() => Promise<void>>();
  readonly #waiting = new Set<() => Promise<void>>();
  #underWay = 0;
  #isAwake = false;

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
