/** Sandboxes lost in a row after which a script gets one of its own. */
const OWN_SANDBOX_LOSSES = 3;
/** Sandboxes lost in a row after which another one is not worth a try. */
const MOST_LOSSES = 8;

/** Counts the sandboxes that were given up one after the other with a script in them. */
export class SandboxLosses {
  #count = 0;

  /** Whether the script is to have a sandbox of its own. */
  get needsOwnSandbox(): boolean {
    return this.#count >= OWN_SANDBOX_LOSSES;
  }

  /** Counts one more. Returns true if that was once too often. */
  add(): boolean {
    return ++this.#count >= MOST_LOSSES;
  }

  /** Starts counting anew: a sandbox has answered. */
  reset(): void {
    this.#count = 0;
  }
}
