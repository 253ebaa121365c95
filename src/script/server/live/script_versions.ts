import type { Outcome } from "../../../core/ports/outcome.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import type { ScriptRequest } from "../../wire/batch/batch.ts";
import { openTask } from "../../wire/batch/task.ts";
import { RollbackPoint } from "../recovery/rollback_point.ts";
import { Call } from "../sandbox/call.ts";
import type { Slot } from "../sandbox/slot.ts";
import { MoveQueue } from "./move_queue.ts";
import type { ScriptInstance } from "./script_instance.ts";
import type { MoveOpenings, MovingScript, VersionMove } from "./version_move.ts";

/** The life of a script as its moves see it. */
export interface VersionsOwner {
  /** Whether the script needs a sandbox for itself. */
  readonly needsOwnSandbox: boolean;
  /** Goes on where the script is now: a move has succeeded or failed. */
  moved(): void;
  /** Counts that the script took a sandbox down. Returns true if that was once too often, and the script has failed. */
  countCrash(reason: string): boolean;
}

/** Moves one script from version to version: on to new ones, and back to the one that it came from. */
export class ScriptVersions implements MovingScript {
  readonly #moves = new MoveQueue();
  /** Leads back to the version before the last move, as long as that makes sense. */
  #point: RollbackPoint | undefined;

  constructor(
    private readonly owner: VersionsOwner,
    private readonly instance: ScriptInstance,
    private readonly request: ScriptRequest,
  ) {}

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

  /** The point to go back to; undefined if that makes no sense any more. */
  get rollbackPoint(): RollbackPoint | undefined {
    return this.#point;
  }

  /** The point to go back to if the next event fails; undefined once an event has been handled in the version. */
  get probation(): RollbackPoint | undefined {
    return this.#point?.onProbation ? this.#point : undefined;
  }

  add(move: VersionMove): void {
    this.#moves.add(move);
  }

  /** Begins the next move in `slot`. Returns false if none waits. */
  startNext(slot: Slot): boolean {
    const move = this.#moves.next();
    if (move) slot.post(move.snapshot);
    return move !== undefined;
  }

  /** Goes on with the move under way if `call` asked for its snapshot, which took `cost` ms of CPU time. */
  snapshotTaken(call: Call, { value, failure }: Outcome, cost: number): void {
    const move = this.#moves.current;
    if (call !== move?.snapshot) return;
    move.cost += cost;
    if (value === undefined) return this.stays(move, reasonOf(failure), false);
    const { version } = this.instance.version.build;
    const next = openTask({ ...this.request, version: move.version.build.version, from: version }, value);
    // The journal has the snapshot, too, but not if the application's scripts hold too much.
    const last = openTask({ ...this.request, version }, value);
    move.open(this, { next: new Call(next), last: new Call(last) }, this.owner.needsOwnSandbox);
  }

  arrived(move: VersionMove, slot: Slot, { next, last }: MoveOpenings): void {
    this.#point = new RollbackPoint(this.instance.version, last, this.probation);
    this.instance.moveTo(move.version, slot, next);
    this.#moves.finish();
    move.succeed();
    this.owner.moved();
  }

  stays(move: VersionMove, reason: string, isCrash: boolean): void {
    if (isCrash && this.owner.countCrash(reason)) return;
    this.#moves.finish();
    move.fail(reason);
    this.owner.moved();
  }

  /** Notes an event that the version answered. */
  answered(call: Call, status: number): void {
    const point = this.#point;
    if (!point) return;
    if (point.onProbation && this.instance.version.hears(this.request.room?.type, call.task, status)) {
      point.onProbation = false;
    }
    if (!point.add(call, status)) this.#point = undefined;
  }

  /** Forgets the point to go back to, unless no event has been handled since. */
  settle(): void {
    this.#point = this.probation;
  }

  /** Goes back to `point`; `move` is done once the script is up there. The move under way begins again from there. */
  goBack(point: RollbackPoint, move?: VersionMove): void {
    if (move) this.#moves.startBack(move);
    this.#moves.restart();
    this.#point = point.earlier;
    this.instance.goBack(point);
  }

  /** Ends the move back, if there is one: the script is up, which took `cost` ms of CPU time. */
  up(cost: number): void {
    this.#moves.finishBack(cost);
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
}
