import { Status } from "../../wire/answer/answer.ts";
import type { Task } from "../../wire/batch/task.ts";
import type { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { HeldBytes } from "./application_scripts.ts";
import { Journal } from "./journal.ts";

/** Events that may be run again on the rollback point; with more it is no longer a moment's work. */
const MOST_ROLLBACK_EVENTS = 1000;
/** Text of these events, UTF-16 units. */
const MOST_ROLLBACK_UNITS = 256 * 1024;
/** Versions in a row that a script may leave before it has handled an event in them, and still go back through. */
const MOST_VERSIONS_BACK = 4;

/** Their senders were told whether they were done: one that was answered with an error stays undone in any version. */
const requests = new Set<Task["kind"]>(["message", "join", "login", "create"]);

/**
 * The point to which a script can go back: what opens it in the version that it came from, with the state that it had, and
 * the events answered since. Replayed there with their effects muted, they lead to the state that it would have now.
 */
export class RollbackPoint {
  /** Whether no handler of the new version has run for an event yet. */
  onProbation = true;
  #calls: Call[] = [];
  #units = 0;
  #earlier: RollbackPoint | undefined;

  /** `earlier` is the point before this one, if the script left `version` before it had handled an event there. */
  constructor(
    readonly version: LoadedVersion,
    private readonly opening: Call,
    earlier?: RollbackPoint,
  ) {
    this.#earlier = earlier;
    let last: RollbackPoint = this;
    for (let depth = 1; last.#earlier && depth < MOST_VERSIONS_BACK; depth++) last = last.#earlier;
    last.#earlier = undefined;
  }

  /** The point that the script has once it is back at this one. */
  get earlier(): RollbackPoint | undefined {
    return this.#earlier;
  }

  /** Returns the point in `version`: this one or one before it. Returns undefined if there is none. */
  find(version: LoadedVersion): RollbackPoint | undefined {
    return this.version === version ? this : this.#earlier?.find(version);
  }

  /** Notes an event that the new version answered. Returns true if going back to this point still makes sense. */
  add(call: Call, status: number): boolean {
    if (this.#earlier && !this.#earlier.add(call, status)) this.#earlier = undefined;
    if (status !== Status.ok && requests.has(call.task.kind)) return true;
    this.#calls.push(call);
    this.#units += call.weight;
    return this.#calls.length <= MOST_ROLLBACK_EVENTS && this.#units <= MOST_ROLLBACK_UNITS;
  }

  /** Returns the journal that brings the script to this point, and over the events since. */
  journal(held: HeldBytes): Journal {
    const journal = new Journal(this.opening, held);
    for (const call of this.#calls) journal.addForeign(call);
    return journal;
  }
}
