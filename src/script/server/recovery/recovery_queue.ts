/** CPU time of the returns under way, ms: enough that no host waits for the next. */
const SLICE = 20;
/** What a return takes beside its replay, ms. */
const OPENING = 0.2;

/** A script that has lost its sandbox. */
export interface RecoveringScript {
  /** Brings it up in another. */
  start(): void;
}

/**
 * The scripts of one application that have lost their sandbox come back a few at a time, those first that somebody waits
 * for: each goes on with its events while the others are still replayed.
 */
export class RecoveryQueue {
  readonly #urgent = new Set<RecoveringScript>();
  readonly #waiting = new Set<RecoveringScript>();
  /** With the CPU time that each is expected to take, ms. */
  readonly #costs = new Map<RecoveringScript, number>();
  readonly #underWay = new Set<RecoveringScript>();
  #expected = 0;
  #awake = false;

  /** Has a script start when it is its turn, never at once; `cost` is what its replay takes, ms. */
  ask(script: RecoveringScript, cost: number, isUrgent: boolean): void {
    this.over(script);
    this.#costs.set(script, OPENING + cost);
    (isUrgent ? this.#urgent : this.#waiting).add(script);
    this.#wake();
  }

  /** Somebody waits for a script. */
  hurry(script: RecoveringScript): void {
    if (this.#waiting.delete(script)) this.#urgent.add(script);
  }

  /** A script is up, or comes up otherwise or never. */
  over(script: RecoveringScript): void {
    const cost = this.#costs.get(script);
    if (cost === undefined) return;
    this.#costs.delete(script);
    this.#urgent.delete(script);
    this.#waiting.delete(script);
    if (!this.#underWay.delete(script)) return;
    this.#expected = this.#underWay.size === 0 ? 0 : this.#expected - cost;
    this.#wake();
  }

  /** Later, because a host loses all its scripts one after the other. */
  #wake(): void {
    if (this.#awake) return;
    this.#awake = true;
    queueMicrotask(() => {
      this.#awake = false;
      for (let next = this.#next(); next; next = this.#next()) next.start();
    });
  }

  #next(): RecoveringScript | undefined {
    const [next] = this.#urgent.size > 0 ? this.#urgent : this.#waiting;
    if (!next) return undefined;
    const cost = this.#costs.get(next) ?? 0;
    if (this.#underWay.size > 0 && this.#expected + cost > SLICE) return undefined;
    this.#urgent.delete(next);
    this.#waiting.delete(next);
    this.#underWay.add(next);
    this.#expected += cost;
    return next;
  }
}
