import type { OpenRequest } from "../../wire/batch/batch.ts";
import { openTask, type Task } from "../../wire/batch/task.ts";
import { newSeed } from "../../wire/batch/seed.ts";
import type { JournalEntry } from "../recovery/journal_entries.ts";
import { Opening } from "../recovery/opening.ts";
import { Call } from "../sandbox/call.ts";

/** By how much later events happen, ms: no whole number of days, hours or minutes. */
const LATER_MS = 3_561_234_567;
/** Of so many ticks one does not come. */
const TICKS_PER_MISSING = 7;

/** Returns what opens a script that begins anew, with another chance. */
export function otherOpening(opening: Opening): Opening {
  const { snapshot: _, ...request } = JSON.parse(opening.request) as OpenRequest;
  return new Opening(openTask({ ...request, seed: newSeed(), ownSeed: newSeed() }), opening.updates);
}

/** Returns the same events at another time, among ticks of other lengths of which some are missing. */
export function otherEntries(entries: readonly JournalEntry[]): JournalEntry[] {
  let ticks = 0;
  return entries.flatMap((entry) => {
    const { task, seq, time = 0 } = entry.call;
    if (task.kind === "tick" && ++ticks % TICKS_PER_MISSING === 0) return [];
    const other: Task = task.kind === "tick" ? { kind: "tick", elapsed: task.elapsed + 1 } : task;
    const call = new Call(other, seq);
    call.time = time + LATER_MS;
    return [{ ...entry, call }];
  });
}
