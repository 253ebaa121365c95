import type { Clock } from "../ports/clock.ts";
import type { KeptVersion } from "./versions.ts";

/** How long first events that fail count against a version after its rooms have moved to it, ms. */
const PROBATION_MS = 60_000;

/** The time in which first events that fail count against the version that an application has moved to last. */
export class VersionProbation {
  #cancel?: () => void;

  constructor(private readonly clock: Clock) {}

  /** Starts it, in the place of that of another version; `served` runs at its end. */
  start(kept: KeptVersion, served: () => void): void {
    this.#cancel?.();
    this.#cancel = this.clock.after(PROBATION_MS, () => {
      kept.onProbation = false;
      served();
    });
  }

  /** Ends it before its time. */
  end(): void {
    this.#cancel?.();
  }
}
