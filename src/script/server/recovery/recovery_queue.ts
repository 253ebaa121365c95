import { CostWindow } from "../../../core/limit/cost_window.ts";

/** CPU time of the replays under way, ms: enough that no host waits for the next one. */
const WINDOW_MS = 20;
/** CPU time that opening a script takes beside its replay, ms. */
const OPENING_MS = 0.2;

/** A script that has lost its sandbox. */
export interface RecoveringScript {
  /** Opens the script in another sandbox. */
  start(): void;
}

/**
 * Brings the scripts of one application back that have lost their sandbox: a few at a time, those first that events wait for.
 * Each goes on with its events while the others are still replayed.
 */
export class RecoveryQueue {
  readonly #urgent = new Set<RecoveringScript>();
  readonly #waiting = new Set<RecoveringScript>();
  /** CPU time that the recovery of each script is expected to take, ms. */
  readonly #costs = new Map<RecoveringScript, number>();
  readonly #underWay = new Set<RecoveringScript>();
  readonly #window = new CostWindow(WINDOW_MS);
  #isAwake = false;

  /** Adds a script, which is started when it is its turn, never at once. `replayMs` is the CPU time that its replay takes. */
  add(script: RecoveringScript, replayMs: number, isUrgent: boolean): void {
    this.remove(script);
    this.#costs.set(script, OPENING_MS + replayMs);
    (isUrgent ? this.#urgent : this.#waiting).add(script);
    this.#wake();
  }

  /** Lets a script go first, if it waits: there is an event for it. */
  hurry(script: RecoveringScript): void {
    if (this.#waiting.delete(script)) this.#urgent.add(script);
  }

  /** Removes a script that is up, or comes up in another way or never. */
  remove(script: RecoveringScript): void {
    const cost = this.#costs.get(script);
    if (cost === undefined) return;
    this.#costs.delete(script);
    this.#urgent.delete(script);
    this.#waiting.delete(script);
    if (!this.#underWay.delete(script)) return;
    this.#window.end(cost);
    this.#wake();
  }

  /** Starts scripts in a microtask, because a host loses all its scripts one after the other. */
  #wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    queueMicrotask(() => {
      this.#isAwake = false;
      for (let next = this.#next(); next; next = this.#next()) next.start();
    });
  }

  #next(): RecoveringScript | undefined {
    const [next] = this.#urgent.size > 0 ? this.#urgent : this.#waiting;
    if (!next) return undefined;
    const cost = this.#costs.get(next) ?? 0;
    if (!this.#window.fits(cost)) return undefined;
    this.#urgent.delete(next);
    this.#waiting.delete(next);
    this.#underWay.add(next);
    this.#window.start(cost);
    return next;
  }
}
