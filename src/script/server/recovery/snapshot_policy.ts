import type { Outcome } from "../../../core/ports/outcome.ts";
import { Status } from "../../wire/answer/answer.ts";
import { Call } from "../sandbox/call.ts";
import { openTask, type Task } from "../../wire/batch/task.ts";
import { Journal } from "./journal.ts";
import type { HeldBytes, ApplicationScripts } from "./application_scripts.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import type { Slot, Settled } from "../sandbox/slot.ts";
import type { RollbackPoint } from "./rollback_point.ts";

/** Events that change who is there, whatever their handler comes to. */
const memberships = new Set<Task["kind"]>(["leave", "logout", "mirror"]);

/** Share of what may be held for an application that is for events that wait: snapshots leave it alone. */
const RESERVED = 1 / 4;

/** Keeps a journal short and true: asks for a snapshot when one is due, or when a replay could not tell the state. */
export class SnapshotPolicy {
  #snapshot: Call | undefined;

  /** Whether the snapshot that is asked for, or the journal, is suspected of using up a sandbox's memory. */
  get isSuspect(): boolean {
    return this.#snapshot?.suspicion.solo === true || this.journal.isSuspect;
  }

  readonly #holding: HeldBytes;
  journal: Journal;

  /** `opening` is what opens the script for the first time. */
  constructor(
    private readonly scripts: ApplicationScripts,
    opening: Task,
  ) {
    this.#holding = scripts.open();
    this.journal = new Journal(new Call(opening), this.#holding);
  }

  /** Notes an answered event; `mayAsk` says whether a snapshot may be asked for now. */
  answered(
    { posted: { slot, call }, status, limit, cost }: Settled,
    mayAsk: boolean,
    version: LoadedVersion,
  ): void {
    const { journal } = this;
    const { limits } = version.build.settings;
    const { kind } = call.task;
    // Where a limit cut a handler short a replay can't lead to the same state; memory that ran out would do so again.
    const cutShort = limit === "memory" || (limit !== undefined && !memberships.has(kind));
    const unheard = status === Status.no_handler && kind === "message";
    if (!cutShort && !unheard) journal.add(call, status, cost);
    const isTight = this.scripts.room(limits) < limits.held / 2;
    const isDue = journal.isDue(this.scripts.isSlow) || (isTight && journal.isBulky);
    if ((limit === undefined && !isDue) || this.#snapshot || !mayAsk) return;
    this.#snapshot = new Call({ kind: "snapshot" });
    slot.post(this.#snapshot);
  }

  /** The script is up in a slot, by a replay. */
  replayed(slot: Slot | undefined): void {
    // What another version's events lead to is certain only now that they have been run.
    if (this.journal.isForeign) this.#snapshot ??= new Call({ kind: "snapshot" });
    if (this.#snapshot) slot?.post(this.#snapshot);
  }

  /** A snapshot was taken, on whosever account; tells what to log where it was this one's and there is none. */
  taken(
    call: Call,
    { value, failure }: Outcome,
    request: Parameters<typeof openTask>[0],
    version: LoadedVersion,
  ): string | undefined {
    const { journal } = this;
    const { limits } = version.build.settings;
    const room = this.scripts.room(limits) - limits.held * RESERVED;
    const fits = value !== undefined && value.length <= journal.weight + room;
    if (fits) journal.restart(new Call(openTask(request, value)), value);
    if (call !== this.#snapshot) return undefined;
    this.#snapshot = undefined;
    if (fits) return undefined;
    const why = value === undefined ? reasonOf(failure) : "the application's scripts hold too much already";
    // What the state takes now the journal would take soon, and others would have to do without.
    journal.postpone(why, value !== undefined || room <= 0);
    return `Cannot take a snapshot: ${why}`;
  }

  /** Gives up the snapshot where it was proven to take sandboxes down, and tells why. */
  convicted(): string | undefined {
    const verdict = this.#snapshot?.suspicion.verdict;
    if (verdict === undefined) return undefined;
    this.#snapshot = undefined;
    this.journal.postpone(verdict);
    return verdict;
  }

  /** The script goes back to another version. */
  goBack(rollbackPoint: RollbackPoint): void {
    this.journal = rollbackPoint.journal(this.#holding);
    this.#snapshot = undefined;
  }
}
