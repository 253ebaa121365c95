import { Status } from "../../wire/answer/answer.ts";
import type { Task } from "../../wire/batch/task.ts";
import type { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Opening } from "./opening.ts";
import type { HeldBytes } from "./application_scripts.ts";
import { Journal } from "./journal.ts";

/** Events that may be run again on the rollback point; with more it is no longer a moment's work. */
const MOST_ROLLBACK_EVENTS = 1000;
/** Text of these events, UTF-16 units. */
const MOST_ROLLBACK_UNITS = 256 * 1024;
/** Versions in a row that a script can go back through. */
const MOST_VERSIONS_BACK = 4;

/** Their senders were told whether they were done: one that was answered with an error stays undone in any version. */
const requests = new Set<Task["kind"]>(["message", "join", "watch", "login", "create", "request", "edit"]);

/** What a rollback point is made of. */
export interface RollbackPointOptions {
  /** The version that the script came from. */
  readonly version: LoadedVersion;
  /** The version that it went to. */
  readonly next: LoadedVersion;
  /** Type of the room; undefined for the application's extension. */
  readonly type: string | undefined;
  /** Opens the script in `version` as it was. */
  readonly opening: Opening;
  /** The point before this one, if going back to that still makes sense. */
  readonly earlier: RollbackPoint | undefined;
}

/**
 * The point to which a script can go back: what opens it in the version that it came from, with the state that it had, and
 * the events answered since. Replayed there with their effects muted, they lead to the state that it would have now.
 */
export class RollbackPoint {
  readonly version: LoadedVersion;
  readonly #next: LoadedVersion;
  readonly #type: string | undefined;
  readonly #opening: Opening;
  #earlier: RollbackPoint | undefined;
  /** Names of the handlers of the new version that have run for an event. */
  readonly #tried = new Set<string>();
  readonly #calls: { readonly call: Call; readonly status: number }[] = [];
  #units = 0;

  constructor({ version, next, type, opening, earlier }: RollbackPointOptions) {
    this.version = version;
    this.#next = next;
    this.#type = type;
    this.#opening = opening;
    this.#earlier = earlier;
    let last: RollbackPoint = this;
    for (let depth = 1; last.#earlier && depth < MOST_VERSIONS_BACK; depth++) last = last.#earlier;
    last.#earlier = undefined;
  }

  /** The point that the script has once it is back at this one. */
  get earlier(): RollbackPoint | undefined {
    return this.#earlier;
  }

  /** Whether no handler of the new version has run for an event yet. */
  get isUntried(): boolean {
    return this.#tried.size === 0;
  }

  /** Returns the point in `version`: this one or one before it. Returns undefined if there is none. */
  find(version: LoadedVersion): RollbackPoint | undefined {
    return this.version === version ? this : this.#earlier?.find(version);
  }

  /**
   * Returns true if an event that has failed is to be handled by the version before: the first event of all handlers; or one
   * whose failure nobody is told, if it is the first event of its own handler and the script can come back from a trial.
   */
  takesOver(task: Task, canComeBack: boolean): boolean {
    // No version has made it, so that none is to blame.
    if (task.kind === "edit") return false;
    if (this.isUntried) return true;
    if (!canComeBack) return false;
    const handler = requests.has(task.kind) ? undefined : this.#next.handlerOf(this.#type, task);
    return handler !== undefined && !this.#tried.has(handler);
  }

  /** Notes an event that the new version answered. Returns true if going back to this point still makes sense. */
  add(call: Call, status: number): boolean {
    // The version before has nothing to hear of this one, and what comes next still decides on it.
    if (call.task.kind === "reload") return true;
    const isHeard = status !== Status.no_handler && status !== Status.invalid_data;
    const handler = isHeard ? this.#next.handlerOf(this.#type, call.task) : undefined;
    if (handler !== undefined) this.#tried.add(handler);
    else if (status === Status.ok) return this.#keep(call, status, Status.no_handler);
    return this.#keep(call, status, status);
  }

  /** Returns the point that is left once the new version has served for long: this one only if no event was handled since. */
  settle(): RollbackPoint | undefined {
    if (!this.isUntried) return undefined;
    this.#earlier = this.#earlier?.settle();
    return this;
  }

  /** Returns the journal that brings the script to this point, and over the events since. */
  journal(held: HeldBytes): Journal {
    const journal = new Journal(this.#opening, held);
    for (const { call, status } of this.#calls) journal.addForeign(call, status);
    return journal;
  }

  /** `heard` is the status that a handler came to, `no_handler` if there was none. */
  #keep(call: Call, status: number, heard: number): boolean {
    if (this.#earlier && !this.#earlier.#keep(call, status, heard)) this.#earlier = undefined;
    if (status !== Status.ok && requests.has(call.task.kind)) return true;
    this.#calls.push({ call, status: heard });
    this.#units += call.weight;
    return this.#calls.length <= MOST_ROLLBACK_EVENTS && this.#units <= MOST_ROLLBACK_UNITS;
  }
}
