import type { JsonText } from "../../../core/ports/event.ts";
import type { Outcome } from "../../../core/ports/outcome.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import type { JournalEntry } from "../recovery/journal_entries.ts";
import type { Opening } from "../recovery/opening.ts";
import type { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Slot } from "../sandbox/slot.ts";

/** What brings a live script back: what opens it as it was at its last snapshot, and the events answered since. */
export interface ScriptHistory {
  readonly opening: Opening;
  readonly entries: readonly JournalEntry[];
}

/** Somebody who wants a snapshot of a live script, between two of its events. */
export interface SnapshotWish {
  /** What the script is asked for. */
  readonly snapshot: Call;
  /** Asks for it, once in each sandbox that the script comes to. */
  ask(slot: Slot): void;
  /** There is none, and won't be. */
  fail(reason: string): void;
  /** The state can't be written. */
  failToStart(reason: string): void;
  /** The snapshot is taken, of the script in version `from`; the history is what brings the script back at this moment. */
  start(from: LoadedVersion, history: ScriptHistory, snapshot: JsonText): unknown;
}

/** Those who wait for a snapshot of one script. */
export class SnapshotWishes {
  readonly #waiting = new Set<SnapshotWish>();

  add(wish: SnapshotWish): void {
    this.#waiting.add(wish);
  }

  /** Asks for the snapshots of those that wait, in the slot that the script is in now. */
  ask(slot: Slot): void {
    if (this.#waiting.size === 0) return;
    for (const wish of this.#waiting) wish.ask(slot);
  }

  /** Tells the one whose snapshot `call` asked for. Returns true if there is one. */
  taken(call: Call, { value, failure }: Outcome, version: LoadedVersion, history: ScriptHistory): boolean {
    for (const wish of this.#waiting) {
      if (wish.snapshot !== call) continue;
      this.#waiting.delete(wish);
      if (value === undefined) wish.failToStart(reasonOf(failure));
      // The journal stays as it is: the next rehearsal wants the same events.
      else void wish.start(version, history, value);
      return true;
    }
    return false;
  }

  /** Fails one whose snapshot was proven to take sandboxes down, and returns the verdict. */
  convicted(): string | undefined {
    for (const wish of this.#waiting) {
      const verdict = wish.snapshot.suspicion?.verdict;
      if (verdict === undefined) continue;
      this.#waiting.delete(wish);
      wish.failToStart(verdict);
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
    for (const wish of this.#waiting) wish.fail(`${reason}.`);
    this.#waiting.clear();
  }
}
