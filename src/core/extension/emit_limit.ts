import { countedWere } from "../text/counted.ts";
import type { Effect } from "../ports/effect.ts";

/** Emits, moves and fetches that may follow from one another without a cause from outside; past it the next is dropped and logged. */
export const MAX_HOPS = 100;

/**
 * Bounds the emits that wait for one script. Emits make emits, hundreds each if a script wants, so without a bound a few
 * milliseconds of a script would fill the server's memory.
 */
export class EmitLimit {
  #waiting = 0;
  #dropped = 0;

  /** `most` emits may wait, asked each time since an edit may change it; `warn` logs that one was dropped, and how many were once none waits any more. */
  constructor(
    private readonly most: () => number,
    private readonly warn: (text: string) => void,
  ) {}

  /** Counts an emit that is about to wait; returns false if it must be dropped instead. */
  enter(): boolean {
    if (this.#waiting < this.most()) {
      this.#waiting++;
      return true;
    }
    if (this.#dropped++ === 0)
      this.warn(`Emits are dropped: ${this.#waiting} wait, the most that may (limits.queue).`);
    return false;
  }

  /** Counts an emit that waits no longer. */
  leave(): void {
    if (--this.#waiting > 0 || this.#dropped === 0) return;
    this.warn(`${countedWere(this.#dropped, "emit")} dropped while too many waited.`);
    this.#dropped = 0;
  }
}

/** Returns why an effect that follows from too many others is not carried out. */
export function tooMany(effect: Extract<Effect, { kind: "emit" | "move" | "join" | "fetch" }>): string {
  if (effect.kind === "emit")
    return `Cannot emit "${effect.type}": ${MAX_HOPS} emits followed from one another.`;
  if (effect.kind === "fetch")
    return `Cannot fetch "${effect.name}": ${MAX_HOPS} fetches that were not sent followed from one another.`;
  return `Cannot ${effect.kind} user "${effect.user}": ${MAX_HOPS} moves followed from one another.`;
}
