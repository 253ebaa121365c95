import type { DirectoryUpdate } from "../../../core/ports/event.ts";
import type { Outcome } from "../../../core/ports/outcome.ts";
import { Status } from "../../wire/answer/answer.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import type { ScriptRequest } from "../../wire/batch/batch.ts";
import { openTask, type Task } from "../../wire/batch/task.ts";
import { type FailedEvent, type LeftVersion, type Place, Rollback } from "../recovery/rollback.ts";
import type { SnapshotPolicy } from "../recovery/snapshot_policy.ts";
import { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { Opening } from "../recovery/opening.ts";
import type { Slot } from "../sandbox/slot.ts";
import { MoveQueue } from "./move_queue.ts";
import type { OutcomeDelivery } from "./outcome_delivery.ts";
import type { ScriptInstance } from "./script_instance.ts";
import type { MoveOpenings, MovingScript, VersionMove } from "./version_move.ts";

/** The life of a script as its moves see it. */
export interface VersionsOwner {
  /** Whether the script needs a sandbox for itself. */
  readonly needsOwnSandbox: boolean;
  /** Goes on where the script is now: a move has failed, or has succeeded; `reload` is what the version is to hear of that first. */
  moved(reload?: Call): void;
  /** Counts that the script took a sandbox down. Returns true if that was once too often, and the script has failed. */
  countCrash(reason: string): boolean;
  /** Answers the oldest event, which has failed in each version. */
  failedForGood(failed: FailedEvent): void;
}

/** Moves one script from version to version: on to new ones, and back to the one that it came from. */
export class ScriptVersions implements MovingScript {
  readonly #moves = new MoveQueue();
  readonly #rollback: Rollback;

  constructor(
    private readonly owner: VersionsOwner,
    private readonly instance: ScriptInstance,
    private readonly snapshots: SnapshotPolicy,
    private readonly request: ScriptRequest,
    private readonly delivery: OutcomeDelivery,
    private readonly newSeed: () => string,
  ) {
    this.#rollback = new Rollback(request.room?.type, (point) => snapshots.journalOf(point));
  }

  /** Whether a move is under way. */
  get isMoving(): boolean {
    return this.#moves.current !== undefined;
  }

  /** Whether a move is under way that has its snapshot: then nothing is lost with the old sandbox. */
  get hasSnapshot(): boolean {
    return this.#moves.current?.hasSnapshot === true;
  }

  /** Whether a move is suspected of using up the memory of a sandbox. */
  get needsOwnSandbox(): boolean {
    return this.#moves.needsOwnSandbox;
  }

  /** The version that the script is to leave, while it is on trial in another; undefined if there is no trial. */
  get leaving(): LoadedVersion | undefined {
    return this.#rollback.leaving;
  }

  /** The version that handles the next event; on trial in another that is still the one that the script is to leave. */
  get current(): LoadedVersion {
    return this.leaving ?? this.instance.version;
  }

  add(move: VersionMove): void {
    this.#moves.add(move);
  }

  /** Begins the next move in `slot`. Returns false if none waits, or if a trial is to end first. */
  startNext(slot: Slot): boolean {
    const move = this.leaving ? undefined : this.#moves.next();
    if (move) slot.post(move.snapshot);
    return move !== undefined;
  }

  /**
   * Goes on with the move under way if `call` asked for its snapshot, which took `cost` ms of CPU time; `updates` tell who is
   * there.
   */
  snapshotTaken(
    call: Call,
    { value, failure }: Outcome,
    updates: readonly DirectoryUpdate[],
    cost: number,
  ): void {
    const move = this.#moves.current;
    if (call !== move?.snapshot) return;
    move.cost += cost;
    if (value === undefined) {
      this.#moves.finish();
      move.failToLeave(reasonOf(failure));
      return this.owner.moved();
    }
    const { version } = this.instance.version.build;
    const { version: name } = move.version.build;
    const next = openTask({ ...this.request, version: name, from: version, ownSeed: this.newSeed() }, value);
    // The journal has the snapshot, too, but not if the application's scripts hold too much.
    const last = openTask({ ...this.request, version }, value);
    const openings = { next: new Opening(next, updates), last: new Opening(last, updates) };
    move.open(this, openings, this.owner.needsOwnSandbox, this.instance.bytes);
  }

  arrived(move: VersionMove, slot: Slot, { next, last }: MoveOpenings): void {
    const from = this.instance.version.build.version;
    this.#rollback.moved(this.instance.version, move.version, last);
    this.instance.moveTo(move.version, slot, next);
    this.#moves.finish();
    move.succeed();
    const reload = new Call({ kind: "reload", from }, move.seq);
    const isHeard = move.version.handlerOf(this.request.room?.type, reload.task) !== undefined;
    this.owner.moved(isHeard ? reload : undefined);
  }

  stays(move: VersionMove, reason: string, isCrash: boolean): void {
    if (isCrash && this.owner.countCrash(reason)) return;
    this.#moves.finish();
    move.fail(reason);
    this.owner.moved();
  }

  /** Notes an event that the version answered. */
  answered(call: Call, status: number): void {
    this.#rollback.answered(call, status);
  }

  /** Notes an event that took down what it ran in, and is not to be run again in any version. */
  unhandled(call: Call): void {
    const rest = call.withoutHandler();
    if (rest) this.#rollback.answered(rest, Status.ok);
  }

  /** Forgets the rollback point, unless no event has been handled since. */
  settle(): void {
    this.#rollback.settle();
  }

  /** Returns true if the version before is to handle an event that has failed. */
  takesOver(task: Task): boolean {
    return this.#rollback.takesOver(task, this.snapshots.journal);
  }

  /** Goes back because the version failed at an event; what it has not answered is handled by the one before. See `Rollback`. */
  leave(failed: FailedEvent): void {
    const { version } = this.instance;
    const left = this.current.build.version;
    const place = this.#rollback.leave({ version, journal: this.snapshots.journal }, failed);
    if (place) this.#goTo(place);
    if (!this.leaving) this.delivery.rolledBack(left, failed.reason);
  }

  /** Goes back to the version of `move`, which ends once the script is up. Returns false if there is no rollback point in it. */
  goBack(move: VersionMove): boolean {
    const { version } = this.instance;
    const place = this.#rollback.find({ version, journal: this.snapshots.journal }, move.version);
    if (!place) return false;
    this.#moves.startBack(move);
    this.#goTo(place);
    return true;
  }

  /**
   * Goes on from a version that can't set the script up, or does no better on trial; `reason` says why. Returns false if there is
   * nowhere to go; see `Rollback`.
   */
  passBy(reason: string): boolean {
    const passed = this.#rollback.passBy(this.instance.version, reason);
    if (!passed) return false;
    const { failed } = passed;
    if (failed) this.snapshots.unhandled(failed.call, passed.place.journal);
    this.#goTo(passed.place);
    if (passed.stays) this.#moves.failBack(reason);
    if (failed) {
      this.answered(failed.call, Status.handler_failed);
      this.owner.failedForGood(failed);
    }
    return true;
  }

  /** Goes on in another version, since the script can't be brought back in this one. Returns false if there is none. */
  giveUp(reason: string): boolean {
    const { version } = this.current.build;
    const isOnTrial = this.leaving !== undefined;
    if (!this.passBy(reason)) return false;
    if (!isOnTrial) this.delivery.rolledBack(version, reason);
    return true;
  }

  /** Ends the trial: the version does better. Returns what is to be told of the other one; undefined if there was no trial. */
  succeed(): LeftVersion | undefined {
    return this.#rollback.succeed();
  }

  /**
   * Ends the move back, if there is one: the script is up, which took `cost` ms of CPU time. Returns what is to be told if it
   * has gone back further.
   */
  up(cost: number): LeftVersion | undefined {
    const passed = this.#rollback.up();
    this.#moves.finishBack(cost);
    return passed;
  }

  /** Ends the move under way, whose snapshot was lost with the sandbox. Returns the verdict on that snapshot, if there is one. */
  interrupt(): string | undefined {
    return this.#moves.interrupt();
  }

  /** Fails the moves that wait: the script is to close. */
  refuse(reason: string): void {
    this.#moves.refuse(reason);
  }

  /** Fails all moves: the script has closed. */
  end(reason: string): void {
    this.#moves.end(reason);
  }

  /** Goes on at `place`. The move under way begins again from there. */
  #goTo(place: Place): void {
    this.#moves.restart();
    this.instance.goTo(place);
  }
}
