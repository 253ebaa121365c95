import { createHash } from "node:crypto";
import type { JsonText, ScriptEvent } from "../../../core/ports/event.ts";
import type { KeptEvent, KeptOpening, ScriptJournal, Unsaved } from "../../../core/ports/script_journal.ts";
import { Status } from "../../wire/answer/answer.ts";
import type { Journal } from "../recovery/journal.ts";
import { changesNothing } from "../recovery/journal_entries.ts";
import type { Opening } from "../recovery/opening.ts";
import type { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { PostedResult } from "../sandbox/slot.ts";

const SNAPSHOT_KEY = ',"snapshot":';

/** Has the store know at each moment what brings one durable script back. */
export class KeptJournal {
  #journal: Journal | undefined;
  #revision = 0;
  #lastSeq = 0;

  /** `known` is the journal that the store has. */
  constructor(
    private readonly store: ScriptJournal,
    private readonly seed: string,
    known?: Journal,
  ) {
    this.#journal = known;
  }

  /** Why nothing can be saved at the moment; undefined where it can. */
  get problem(): string | undefined {
    return this.store.problem;
  }

  /** Has the script begin again by `journal`, in `version`, unless the store has that one. */
  keep(journal: Journal, version: LoadedVersion): void {
    if (journal === this.#journal && journal.revision === this.#revision) return;
    this.#journal = journal;
    this.#revision = journal.revision;
    const { entries } = journal;
    const events = entries.map(({ call, status, foreignStatus }) => {
      return keptEvent(call, status ?? foreignStatus ?? Status.ok, status === undefined);
    });
    for (const { seq } of events) this.#lastSeq = Math.max(this.#lastSeq, seq);
    const opening = keptOpening(journal.opening, version);
    this.store.begin({ seed: this.seed, lastSeq: this.#lastSeq, opening, events });
  }

  /** Adds an event that came to `status`; `unsaved` hears whether it is saved. `origin` is what the core knows it by. */
  add(call: Call, status: number, unsaved: Unsaved, origin = call.kept?.origin): void {
    this.#lastSeq = Math.max(this.#lastSeq, call.seq);
    this.store.add(keptEvent(call, status, false, origin), unsaved);
  }

  /** Notes that the store may not have all of it. */
  forget(): void {
    this.#journal = undefined;
  }

  /** Takes the entry of an event out again. */
  remove(seq: number): void {
    this.store.remove(seq);
  }
}

/**
 * Returns the call of which a journal keeps an answered event: its own, what is left of it without its handler where that failed, or undefined if
 * nothing is kept.
 */
export function keptCallOf({ posted: { call }, status }: PostedResult): Call | undefined {
  if (call.task.kind === "snapshot") return undefined;
  if (status === Status.handler_failed) return call.withoutHandler();
  return changesNothing(call.task, status) ? undefined : call;
}

function keptOpening(opening: Opening, { build }: LoadedVersion): KeptOpening {
  const { request, updates } = opening;
  const { task } = opening.call;
  const hasSnapshot = task.kind === "open" && task.hasSnapshot;
  const stateHash = hasSnapshot ? { stateHash: stateHashOf(request) } : {};
  return { version: build.version, hash: build.hash, request, hasSnapshot, updates, ...stateHash };
}

function keptEvent(call: Call, status: number, isForeign: boolean, origin = call.kept?.origin): KeptEvent {
  const { seq, time = 0 } = call;
  const event = call.task as ScriptEvent;
  const kept: KeptEvent = { seq, time, event, status };
  if (!isForeign) return origin === undefined ? kept : { seq, time, event, status, origin };
  return { ...kept, isForeign, ...(origin === undefined ? {} : { origin }) };
}

/** Returns the hash of the snapshot in the text of a task that opens a script with one. */
export function stateHashOf(request: JsonText): string {
  // As `openTask` writes it: behind all else.
  const at = request.indexOf(SNAPSHOT_KEY) + SNAPSHOT_KEY.length;
  return createHash("sha256").update(request.slice(at, -1)).digest("hex");
}
