import type { Outcome } from "../../../core/ports/outcome.ts";
import type { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import type { Rehearsal, ScriptHistory } from "./rehearsal.ts";
import type { Slot } from "../sandbox/slot.ts";

/** The rehearsals of one script that wait for its snapshot. */
export class RehearsalQueue {
  readonly #waiting = new Set<Rehearsal>();

  add(rehearsal: Rehearsal): void {
    this.#waiting.add(rehearsal);
  }

  /** Asks for the snapshots of those that wait, in the slot that the script is in now. */
  ask(slot: Slot): void {
    if (this.#waiting.size === 0) return;
    for (const rehearsal of this.#waiting) rehearsal.ask(slot);
  }

  /** Starts the rehearsal whose snapshot `call` asked for. Returns true if there is one. */
  taken(call: Call, { value, failure }: Outcome, version: LoadedVersion, history: ScriptHistory): boolean {
    for (const rehearsal of this.#waiting) {
      if (rehearsal.snapshot !== call) continue;
      this.#waiting.delete(rehearsal);
      if (value === undefined) rehearsal.failToStart(reasonOf(failure));
      // The journal stays as it is: the next rehearsal wants the same events.
      else void rehearsal.start(version, history, value);
      return true;
    }
    return false;
  }

  /** Fails a rehearsal whose snapshot was proven to take sandboxes down, and returns the verdict. */
  convicted(): string | undefined {
    for (const rehearsal of this.#waiting) {
      const verdict = rehearsal.snapshot.suspicion?.verdict;
      if (verdict === undefined) continue;
      this.#waiting.delete(rehearsal);
      rehearsal.failToStart(verdict);
      return verdict;
    }
    return undefined;
  }

  /** Whether the snapshot of one is suspected of using up the memory of a sandbox. */
  get needsOwnSandbox(): boolean {
    for (const { snapshot } of this.#waiting) if (snapshot.suspicion?.ownSandbox) return true;
    return false;
  }

  /** Fails all that wait: the script has closed. */
  end(reason: string): void {
    for (const rehearsal of this.#waiting) rehearsal.fail(`${reason}.`);
    this.#waiting.clear();
  }
}
