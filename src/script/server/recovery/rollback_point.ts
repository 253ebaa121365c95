import { Status } from "../../wire/answer/answer.ts";
import type { Task } from "../../wire/batch/task.ts";
import type { Call } from "../sandbox/call.ts";
import { Journal } from "./journal.ts";
import type { HeldBytes } from "./application_scripts.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";

/** Past either the way is closed: what would be run again is no longer a moment's work. */
const EVENTS = 1000;
const TEXT = 256 * 1024;
/** Versions in a row that a script may leave before it handled an event in them, and still go back through. */
const DEPTH = 4;

/** Who sent one was told whether it was done; what was answered with an error stays undone in any version. */
const requests = new Set<Task["kind"]>(["message", "join", "login", "create"]);

/**
 * How a script gets back to the version that it came from: what opens it there, with the state that it had, and the
 * events answered since. Replayed there with their effects muted, they lead to the state that it would have now.
 */
export class RollbackPoint {
  /** Whether no handler of the new version has been through an event yet. */
  onProbation = true;
  #calls: Call[] = [];
  #text = 0;

  constructor(
    readonly version: LoadedVersion,
    private readonly opening: Call,
    /** The way further back, where the script had left `version` before it handled an event. */
    private before?: RollbackPoint,
  ) {
    let last: RollbackPoint = this;
    for (let depth = 1; last.before && depth < DEPTH; depth++) last = last.before;
    last.before = undefined;
  }

  /** Where it goes on once the script is back in `version`. */
  get further(): RollbackPoint | undefined {
    return this.before;
  }

  /** The way to `version`, where it is one of those along this one. */
  to(version: LoadedVersion): RollbackPoint | undefined {
    return this.version === version ? this : this.before?.to(version);
  }

  /** Notes an event that the new version answered; tells whether the way is still open. */
  add(call: Call, status: number): boolean {
    if (this.before && !this.before.add(call, status)) this.before = undefined;
    if (status !== Status.ok && requests.has(call.task.kind)) return true;
    this.#calls.push(call);
    this.#text += call.weight;
    return this.#calls.length <= EVENTS && this.#text <= TEXT;
  }

  /** What brings the script back in `version`. */
  journal(holding: HeldBytes): Journal {
    const journal = new Journal(this.opening, holding);
    for (const call of this.#calls) journal.addForeign(call);
    return journal;
  }
}
