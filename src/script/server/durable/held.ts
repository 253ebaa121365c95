import type { Unsaved } from "../../../core/ports/script_journal.ts";
import type { PostedResult } from "../sandbox/slot.ts";

/** Who holds what is held. */
export interface Holder {
  /** Hears whether an answer is saved. */
  settled(held: Held, isSaved: boolean): void;
}

/** What is held besides its answer, or in the place of one. */
export interface HeldAs {
  /** Whether what comes behind it is of no use before it is through. */
  readonly isBarrier: boolean;
  /** Whether it is of no use once the script has left its sandbox. */
  readonly isOfSandbox: boolean;
}

/** An answer that waits until it is saved, or what is to be done when those before it are through. */
export class Held implements Unsaved {
  state: "waiting" | "saving" | "saved" | "failed" = "waiting";
  isDropped = false;
  readonly isBarrier: boolean;
  readonly isOfSandbox: boolean;

  constructor(
    private readonly holder: Holder,
    /** The answer; undefined where something is to be done. */
    readonly result: PostedResult | undefined,
    readonly act: (() => void) | undefined,
    { isBarrier, isOfSandbox }: HeldAs,
  ) {
    this.isBarrier = isBarrier;
    this.isOfSandbox = isOfSandbox;
  }

  settled(isSaved: boolean): void {
    this.state = isSaved ? "saved" : "failed";
    this.holder.settled(this, isSaved);
  }
}
