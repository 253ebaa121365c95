import type { DirectoryUpdate } from "../../../core/ports/event.ts";
import type { Outcome } from "../../../core/ports/outcome.ts";
import { Status } from "../../wire/answer/answer.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import type { ScriptRequest } from "../../wire/batch/batch.ts";
import { openTask } from "../../wire/batch/task.ts";
import { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { Opening } from "./opening.ts";
import type { PostedResult, Slot } from "../sandbox/slot.ts";
import type { ApplicationScripts, HeldBytes } from "./application_scripts.ts";
import { EVENTS_PER_SNAPSHOT_TIME, type Journal, SNAPSHOT_MS_PER_UNIT } from "./journal.ts";
import { changesNothing, type JournalEntry } from "./journal_entries.ts";
import type { RollbackPoint } from "./rollback_point.ts";

/** What is known of a state that is over its limit, or can't be written. */
interface Overgrowth {
  /** Why it can't be written; undefined where it is over its limit. */
  readonly reason: string | undefined;
  /** Time that has to pass between two looks, ms: each takes as much CPU time as a snapshot. */
  readonly pauseMs: number;
  /** Whether an event was answered since the last look; and whether a snapshot may be asked for. */
  isStale: boolean;
  mayAsk: boolean;
  /** When the next look may be, ms of the monotonic clock. */
  nextAt: number;
}

/**
 * What brings one script back, kept short and true: a journal, and the snapshots that start it again. It asks for one when
 * that is due, or when a replay could not tell the state.
 */
export class SnapshotPolicy {
  readonly #held: HeldBytes;
  #journal: Journal;
  /** The snapshot that is asked for. */
  #snapshot: Call | undefined;
  #hasComplained = false;
  /** Whether its events are in a store, too: then none is ever forgotten, and it gets no more than can be run again. */
  isDurable = false;

  /** Where the script was last. */
  #slot: Slot | undefined;
  #overgrowth: Overgrowth | undefined;

  /** `first` makes the journal that the script begins with. */
  constructor(
    private readonly scripts: ApplicationScripts,
    first: (held: HeldBytes) => Journal,
  ) {
    this.#held = scripts.hold();
    this.#journal = first(this.#held);
  }

  /** What opens the script as it was at the last snapshot. */
  get opening(): Opening {
    return this.#journal.opening;
  }

  /** The journal that brings the script back now. */
  get journal(): Journal {
    return this.#journal;
  }

  /** The events answered since. */
  get entries(): readonly JournalEntry[] {
    return this.#journal.entries;
  }

  /** CPU time that a replay takes, ms. */
  get cost(): number {
    return this.#journal.cost;
  }

  /** Why the script can't be brought back; undefined if it can. */
  get incomplete(): string | undefined {
    return this.#journal.incomplete;
  }

  /** Whether a replay has come to the end. */
  get isReplayed(): boolean {
    return this.#journal.isReplayed;
  }

  /** Whether the snapshot that is asked for, or the journal, is suspected of using up the memory of a sandbox. */
  get needsOwnSandbox(): boolean {
    return this.#snapshot?.suspicion?.ownSandbox === true || this.#journal.needsOwnSandbox;
  }

  /** Has the script opened in `slot`, and what was answered since the snapshot replayed there. */
  replay(slot: Slot): void {
    slot.post(this.#journal.opening.call);
    for (const { call, status } of this.#journal.replay()) slot.post(call, true, status === undefined);
  }

  /** Notes what the next event of the replay came to. Returns a message for the log if that is not what it came to before. */
  replayed({ posted, status }: PostedResult): string | undefined {
    return this.#journal.replayed(posted.call, status);
  }

  /** Returns true if the next event of the replay was done by another version and is not by this one. */
  isUndone({ status }: PostedResult): boolean {
    return this.#journal.isUndone(status);
  }

  /** Goes on in `slot`, where a replay has come to the end. */
  resume(slot: Slot | undefined): void {
    // What another version's events lead to is certain only now that they have been run.
    if (this.#journal.isForeign) this.#snapshot ??= new Call({ kind: "snapshot" });
    if (this.#snapshot) slot?.post(this.#snapshot);
  }

  /**
   * Notes an answered event. `mayAsk` says whether a snapshot may be asked for now. Returns a message for the log if the event has
   * failed and nothing can undo what it did, the first time only.
   */
  answered(result: PostedResult, mayAsk: boolean, version: LoadedVersion): string | undefined {
    const { slot, call } = result.posted;
    if (result.status === Status.handler_failed) return this.#failed(result);
    const journal = this.#journal;
    if (!changesNothing(call.task, result.status)) journal.add(call, result.status, result.cost);
    const { limits } = version.build.settings;
    const isTight = this.scripts.room(limits) < limits.held / 2;
    const isDue =
      journal.isDue(this.scripts.isSlowToReplay) ||
      (isTight && journal.isBulky) ||
      journal.mayPass(limits.state);
    this.#slot = slot;
    if (this.#overgrowth) Object.assign(this.#overgrowth, { isStale: true, mayAsk });
    if (isDue && mayAsk) this.#ask();
    return undefined;
  }

  /** Whether the state was over its limit when that was looked at last: then events have to do without a snapshot. */
  get isOvergrown(): boolean {
    return this.#overgrowth !== undefined;
  }

  /** Why the state of a durable script can't be written, where it is not over its limit; undefined while it can. */
  get unwritten(): string | undefined {
    return this.#overgrowth?.reason;
  }

  /** Returns true if the journal is short enough to go on without one; `isLast` says that no more is to come. */
  isShort(isLast: boolean): boolean {
    return this.#journal.isShort(isLast);
  }

  /** Looks whether the state is within its limit again, unless it was looked at a short while before `now`, or nothing was handled since. */
  lookAgain(now: number): void {
    const overgrowth = this.#overgrowth;
    if (!overgrowth?.isStale || !overgrowth.mayAsk || now < overgrowth.nextAt) return;
    overgrowth.nextAt = now + overgrowth.pauseMs;
    this.#ask();
  }

  /** Whether a snapshot can be expected to succeed; and if not, that the journal brings the script back. */
  get areLikely(): boolean {
    return this.#overgrowth === undefined && this.#journal.mayBeShortened;
  }

  /** Asks for a snapshot of the script, which is up in `slot`, if the journal has events. */
  take(slot: Slot): void {
    this.#slot = slot;
    if (!this.#journal.isEmpty) this.#ask();
  }

  #ask(): void {
    if (this.#snapshot) return;
    this.#snapshot = new Call({ kind: "snapshot" });
    this.#slot?.post(this.#snapshot);
  }

  /** Returns true if only a replay brings the script to the state before an event that was answered. */
  mustUndo({ status, isUndone }: PostedResult): boolean {
    return status === Status.handler_failed && !isUndone && this.incomplete === undefined;
  }

  /** CPU time that it takes to bring the script to the state before an event, ms. */
  get undoMs(): number {
    return this.#journal.openingMs + this.#journal.cost;
  }

  #failed({ posted: { call }, isUndone }: PostedResult): string | undefined {
    this.unhandled(call);
    const { incomplete } = this;
    if (isUndone) return undefined;
    if (incomplete === undefined) {
      // The next event that fails is to cost no more than what happens until then.
      if (this.#journal.isLongToReplay) this.#snapshot ??= new Call({ kind: "snapshot" });
      return undefined;
    }
    if (this.#hasComplained) return undefined;
    this.#hasComplained = true;
    return `Cannot undo what an event that failed has changed in the state: ${incomplete}`;
  }

  /** Notes in a journal that the handler of `call` is not to be run again, and returns what tells a replay who is there, if anything does. */
  unhandled(call: Call, journal = this.#journal): Call | undefined {
    const rest = call.withoutHandler();
    if (rest) journal.add(rest, Status.ok, 0);
    return rest;
  }

  /**
   * Uses the snapshot that `call` asked for, whoever wanted it; `request` is what opens the script without one, `updates` tell it
   * who is there. Returns a message for the log if the policy wanted it and can't use it.
   */
  taken(
    call: Call,
    { value, failure }: Outcome,
    request: ScriptRequest,
    updates: readonly DirectoryUpdate[],
    version: LoadedVersion,
  ): string | undefined {
    const journal = this.#journal;
    const { limits } = version.build.settings;
    const fits =
      value !== undefined && this.scripts.allows(limits, value.length, value.length - journal.weight);
    if (fits) {
      const opening = openTask({ ...request, version: version.build.version }, value);
      journal.restart(new Opening(opening, updates), value);
    }
    const wasOvergrown = this.isOvergrown;
    if (value !== undefined) this.#overgrowth = undefined;
    else if (failure?.limit === "state") this.#overgrown(limits.state);
    else if (this.isDurable) this.#overgrown(limits.state, reasonOf(failure));
    if (call !== this.#snapshot) return undefined;
    this.#snapshot = undefined;
    if (fits) return undefined;
    if (value === undefined) {
      const why = reasonOf(failure);
      if (!this.#overgrowth) journal.postpone(why);
      else if (wasOvergrown) return undefined;
      return `Cannot take a snapshot: ${why}`;
    }
    journal.grow();
    const why = "the application's scripts hold too much already (limits.held)";
    return `Cannot keep a snapshot of ${value.length} characters: ${why}`;
  }

  #overgrown(most: number, reason?: string): void {
    this.#journal.grow();
    const pauseMs = most * SNAPSHOT_MS_PER_UNIT * EVENTS_PER_SNAPSHOT_TIME;
    this.#overgrowth = { mayAsk: true, nextAt: 0, ...this.#overgrowth, pauseMs, isStale: false, reason };
  }

  /** Bytes that it keeps. */
  get held(): number {
    return this.#held.bytes;
  }

  /** Starts again from `opening`, which has opened the script in another version. */
  restart(opening: Opening): void {
    this.#journal.restart(opening);
    this.#overgrowth = undefined;
  }

  /** Returns the journal that would bring the script back at `point`. */
  journalOf(point: RollbackPoint): Journal {
    return point.journal(this.#held);
  }

  /** Brings the script back by another journal from now on. */
  use(journal: Journal): void {
    this.#journal = journal;
    this.#snapshot = this.#overgrowth = undefined;
  }

  /**
   * Returns the verdict on what brings the script back; undefined if nothing in it was proven to take sandboxes down. If
   * `mayLeaveOut` is true, an event that another version answered is left out instead.
   */
  convictedReplay(mayLeaveOut: boolean): string | undefined {
    return this.#journal.convicted(mayLeaveOut);
  }

  /** Gives up the snapshot if it was proven to take sandboxes down, and returns the verdict. */
  convictedSnapshot({ build }: LoadedVersion): string | undefined {
    const verdict = this.#snapshot?.suspicion?.verdict;
    if (verdict === undefined) return undefined;
    this.#snapshot = undefined;
    if (this.isDurable) this.#overgrown(build.settings.limits.state, verdict);
    else this.#journal.postpone(verdict);
    return verdict;
  }

  /** Gives back what is counted for the script, which has closed. */
  end(): void {
    this.#journal.end();
  }
}
