import type { KeptScript } from "../../../core/ports/script_journal.ts";
import { Status } from "../../wire/answer/answer.ts";
import type { Task } from "../../wire/batch/task.ts";
import type { HeldBytes } from "../recovery/application_scripts.ts";
import { Journal } from "../recovery/journal.ts";
import { Opening } from "../recovery/opening.ts";
import type { Roster } from "../recovery/roster.ts";
import { Call } from "../sandbox/call.ts";
import { stateHashOf } from "./kept_journal.ts";

/** CPU time that running a kept event again is expected to take, ms: what it took is not kept. */
const REPLAY_MS = 0.01;

/** Returns the journal by which a script begins: one that is kept comes back, any other is opened by `task`. `held` is its account. */
export function journalOf(kept: KeptScript | undefined, task: Task, held: HeldBytes): Journal {
  if (!kept) return new Journal(new Opening(task), held);
  const { opening, events } = kept;
  const { request, hasSnapshot, updates } = opening;
  const opens = new Opening({ kind: "open", request, hasSnapshot }, updates);
  const journal = new Journal(opens, held, hasSnapshot ? request.length + opens.directoryUnits : 0);
  for (const { seq, time, event, status, isForeign, origin } of events) {
    const call = new Call(event, seq, undefined, origin === undefined ? undefined : { origin });
    call.time = time;
    if (isForeign) journal.addForeign(call, status);
    else journal.add(call, status, REPLAY_MS);
  }
  return journal;
}

/** Returns true if the snapshot that a kept script is opened with is the one that was taken, as far as that is known. */
export function isIntact({ opening: { request, stateHash } }: KeptScript): boolean {
  return stateHash === undefined || stateHash === stateHashOf(request);
}

/** Notes in a roster who is there when a kept script has come back. */
export function noteAll({ opening, events }: KeptScript, roster: Roster): void {
  for (const update of opening.updates) roster.note({ kind: "directory", update }, true);
  for (const { event, status } of events) roster.note(event, status === Status.ok);
}

/** Returns the highest number that an event of a kept script has had. */
export function lastSeqOf({ lastSeq, events }: KeptScript): number {
  return events.reduce((last, { seq }) => Math.max(last, seq), lastSeq);
}
