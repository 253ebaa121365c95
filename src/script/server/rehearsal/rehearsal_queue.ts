import type { Outcome } from "../../../core/ports/outcome.ts";
import type { Call } from "../sandbox/call.ts";
import type { Journal } from "../recovery/journal.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import type { Rehearsal } from "./rehearsal.ts";
import type { Slot } from "../sandbox/slot.ts";

/** The rehearsals of one script that wait for its snapshot. */
export class RehearsalQueue {
  readonly #waiting = new Set<Rehearsal>();

  add(rehearsal: Rehearsal): void {
    this.#waiting.add(rehearsal);
  }

  /** The script runs in this slot now. */
  ask(slot: Slot | undefined): void {
    if (this.#waiting.size === 0) return;
    for (const rehearsal of this.#waiting) rehearsal.ask(slot);
  }

  /** Starts the one whose snapshot this is; tells whether there is one. */
  taken(call: Call, { value, failure }: Outcome, version: LoadedVersion, journal: Journal): boolean {
    for (const rehearsal of this.#waiting) {
      if (rehearsal.snapshot !== call) continue;
      this.#waiting.delete(rehearsal);
      if (value === undefined) rehearsal.fail(reasonOf(failure));
      // The journal stays as it is: the next rehearsal wants the same events.
      else void rehearsal.start(version, journal, value);
      return true;
    }
    return false;
  }

  /** Gives up what was proven to take sandboxes down, and tells why. */
  convicted(): string | undefined {
    for (const rehearsal of this.#waiting) {
      const { verdict } = rehearsal.snapshot.suspicion;
      if (verdict === undefined) continue;
      this.#waiting.delete(rehearsal);
      rehearsal.fail(verdict);
      return verdict;
    }
    return undefined;
  }

  /** Whether one is suspected of using up a sandbox's memory. */
  get isSuspect(): boolean {
    return [...this.#waiting].some(({ snapshot }) => snapshot.suspicion.solo);
  }

  /** The script has closed. */
  end(reason: string): void {
    for (const rehearsal of this.#waiting) rehearsal.fail(`${reason}.`);
    this.#waiting.clear();
  }
}
