import type { Outcome } from "../core/ports.ts";
import { Status } from "./batch.ts";
import { Call, openTask, type Task } from "./call.ts";
import type { Journal } from "./journal.ts";
import { told } from "./move.ts";
import type { Seat, Settled } from "./seat.ts";

/** Events that change who is there, whatever their handler comes to. */
const memberships = new Set<Task["kind"]>(["leave", "logout", "mirror"]);

/** Keeps a journal short and true: asks for a snapshot when one is due, or when a replay could not tell the state. */
export class Upkeep {
  #snapshot: Call | undefined;

  /** Whether the snapshot that is asked for is suspected of using up a sandbox's memory. */
  get isSuspect(): boolean {
    return this.#snapshot?.suspicion.solo === true;
  }

  /** Notes an answered event; `mayAsk` says whether a snapshot may be asked for now. */
  answered(
    journal: Journal,
    { posted: { seat, call }, status, limit, cost }: Settled,
    mayAsk: boolean,
  ): void {
    const { kind } = call.task;
    // Where a limit cut a handler short a replay can't lead to the same state; memory that ran out would do so again.
    const cutShort = limit === "memory" || (limit !== undefined && !memberships.has(kind));
    const unheard = status === Status.no_handler && kind === "message";
    if (!cutShort && !unheard) journal.add(call, status, cost);
    if ((limit === undefined && !journal.isDue) || this.#snapshot || !mayAsk) return;
    this.#snapshot = new Call({ kind: "snapshot" });
    seat.post(this.#snapshot);
  }

  /** The script is up in a seat, by a replay. */
  replayed(journal: Journal, seat: Seat | undefined): void {
    // What another version's events lead to is certain only now that they have been run.
    if (journal.isForeign) this.#snapshot ??= new Call({ kind: "snapshot" });
    if (this.#snapshot) seat?.post(this.#snapshot);
  }

  /** A snapshot was taken, on whosever account; tells what to log where it was this one's and there is none. */
  taken(
    journal: Journal,
    call: Call,
    { value, failure }: Outcome,
    request: Parameters<typeof openTask>[0],
  ): string | undefined {
    if (value !== undefined) journal.restart(new Call(openTask(request, value)), value);
    if (call !== this.#snapshot) return undefined;
    this.#snapshot = undefined;
    if (value !== undefined) return undefined;
    journal.postpone(told(failure));
    return `Cannot take a snapshot: ${told(failure)}`;
  }

  /** Gives up the snapshot where it was proven to take sandboxes down, and tells why. */
  convicted(journal: Journal): string | undefined {
    const verdict = this.#snapshot?.suspicion.verdict;
    if (verdict === undefined) return undefined;
    this.#snapshot = undefined;
    journal.postpone(verdict);
    return verdict;
  }

  /** The script is with another journal. */
  forget(): void {
    this.#snapshot = undefined;
  }
}
