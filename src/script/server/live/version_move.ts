import { HotroomError } from "../../../core/errors.ts";
import { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Slot } from "../sandbox/slot.ts";

/** A script's way to another version: a snapshot in the old sandbox, then an opening in one of the new version. */
export class VersionMove {
  snapshot = new Call({ kind: "snapshot" });
  /** Present once the snapshot was taken. */
  opening: Call | undefined;
  target: Slot | undefined;
  /** CPU time that it has taken, ms. */
  cost = 0;
  /** Resolves with the cost. */
  readonly done: Promise<number>;
  #resolve: (cost: number) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(
    /** What moves: `room "lobby"`. */
    private readonly title: string,
    readonly version: LoadedVersion,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Starts anew, from another version. */
  again(): this {
    this.snapshot = new Call({ kind: "snapshot" });
    this.opening = this.target = undefined;
    return this;
  }

  succeed(): void {
    this.#resolve(this.cost);
  }

  /** Rejects with `swap_failed`. */
  fail(reason: string): void {
    const { version } = this.version.build;
    this.#reject(new HotroomError("swap_failed", `Cannot move ${this.title} to ${version}: ${reason}`));
  }
}
