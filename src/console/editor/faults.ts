import type { Fault } from "/page/editor.js";
import type { FailureView } from "../../core/errors.ts";
import { placesIn } from "../parts/placed_text.tsx";
import type { Edit } from "../server/feed.ts";

/** Marks in one file. */
const MOST_FAULTS = 8;
/** What steps of the feed mean that have a place in a file. */
const whatBy: Readonly<Record<string, string>> = {
  room_rolled_back: "Rooms went back",
  rolled_back: "Rooms went back",
  no_first_state: "New rooms fail",
};
/** What the feed has where an application's files have become others. */
const takings = ["saved", "found", "unchanged", "failed"];

/** What is wrong in a file as the editor marks it: of a build, which knows one place. */
export function faultsOf({ message, position }: FailureView, path: string): Fault[] {
  return position?.file === path ? [{ line: position.line, column: position.column, message }] : [];
}

/**
 * Returns the places of a file for which rooms went back from it, or new ones fail, since its application was saved last. `edits`
 * come newest first.
 */
export function rolledBackAt(path: string, application: string, edits: readonly Edit[]): Fault[] {
  const faults = new Map<number, Fault>();
  for (const edit of edits) {
    if (edit.application !== application) continue;
    if (takings.includes(edit.kind)) break;
    const what = whatBy[edit.kind];
    if (what === undefined) continue;
    const text = edit.reason ?? edit.error?.message ?? "";
    for (const { position, before } of placesIn(text)) {
      const { file, line, column } = position;
      if (file !== path || faults.has(line) || faults.size === MOST_FAULTS) continue;
      faults.set(line, { line, column, message: `${what}: ${before.trim() || text}` });
    }
  }
  return [...faults.values()];
}
