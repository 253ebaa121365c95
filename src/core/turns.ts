import { Queue } from "./queue.ts";

/** What a moment with nothing to do makes up for, ms. */
const FORGIVEN_MS = 1000;

/** What one of those that take turns may use before others have their turn, ms of whatever they share. */
export class Credit {
  #left: number;
  /** What each had been given in all when it was given something last, ms. */
  #givenBefore = 0;
  /** Whether it is among those that wait; kept by `Turns`. */
  isListed = false;

  /** `turnMs` is what a turn gives, and the most that can be saved up. */
  constructor(readonly turnMs: number) {
    this.#left = turnMs;
  }

  get isLeft(): boolean {
    return this.#left > 0;
  }

  /** Notes that `ms` were used, or are set aside; below 0 they are given back. */
  spend(ms: number): void {
    this.#left -= ms;
  }

  /** Gives what is due now that each has been given `given` ms in all. */
  earn(given: number): void {
    if (this.#left < this.turnMs) this.#left = Math.min(this.turnMs, this.#left + given - this.#givenBefore);
    this.#givenBefore = given;
  }
}

/** What takes turns. */
export interface TakesTurns {
  readonly credit: Credit;
  /** Whether it has something to do. */
  readonly waits: boolean;
}

/**
 * Says whose turn it is, by what each has used (deficit round robin): what was used beyond a turn is made up for in later ones. One
 * that had nothing to do goes first for as long as it has credit (as in DRR++). All are given the same as time goes by,
 * also while they don't wait, and the time is what is used: no clock is asked, and no step takes longer the more there are.
 */
export class Turns<T extends TakesTurns> {
  /** Those that came with credit, and those that take turns; some may not wait any more. */
  readonly #fresh = new Queue<T>();
  readonly #inTurn = new Queue<T>();
  /** What each has been given in all, ms. */
  #given = 0;

  /** How many are listed. */
  get size(): number {
    return this.#fresh.length + this.#inTurn.length;
  }

  /** Whether nobody waits. */
  get isEmpty(): boolean {
    return this.#listed() === undefined;
  }

  /** Adds one that waits, unless it is listed already. */
  add(one: T): void {
    const { credit } = one;
    if (credit.isListed) return;
    credit.isListed = true;
    credit.earn(this.#given);
    (credit.isLeft ? this.#fresh : this.#inTurn).push(one);
  }

  /**
   * Returns the one whose turn it is now; undefined if nobody waits. To ask is to share out, so it is for whoever can give one
   * its turn.
   */
  first(): T | undefined {
    for (let list = this.#listed(); list; list = this.#listed()) {
      const one = list.at(0) as T;
      const { credit } = one;
      if (!credit.isLeft) credit.earn(this.#given);
      if (credit.isLeft) return one;
      this.#given += credit.turnMs / this.size;
      list.shift();
      this.#inTurn.push(one);
    }
    return undefined;
  }

  /** Makes up for what anybody has used beyond a turn: there is nothing to share out at the moment. */
  forgive(): void {
    this.#given += FORGIVEN_MS;
  }

  /** Forgets all that wait. */
  clear(): void {
    for (const list of [this.#fresh, this.#inTurn]) {
      for (const { credit } of list) credit.isListed = false;
      list.clear();
    }
  }

  /** Returns the list whose head is next, and waits; undefined if there is none. */
  #listed(): Queue<T> | undefined {
    for (;;) {
      const list = this.#fresh.length > 0 ? this.#fresh : this.#inTurn;
      const one = list.at(0);
      if (!one) return undefined;
      if (one.waits) return list;
      list.shift();
      one.credit.isListed = false;
    }
  }
}
