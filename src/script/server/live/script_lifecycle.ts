import type { Clock } from "../../../core/ports/clock.ts";
import type { ScriptView } from "../../../core/ports/script.ts";
import type { OpenRequest } from "../../wire/batch/batch.ts";
import { Status } from "../../wire/answer/answer.ts";
import { Call } from "../sandbox/call.ts";
import { openTask } from "../../wire/batch/task.ts";
import type { OutcomeDelivery } from "./outcome_delivery.ts";
import { eventOf, reasonOf } from "../../wire/answer/failure.ts";
import { CrashCount } from "../recovery/crash_count.ts";
import type { ApplicationScripts } from "../recovery/application_scripts.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { VersionMove } from "./version_move.ts";
import type { MoveQueue } from "./move_queue.ts";
import type { EventQueue } from "./event_queue.ts";
import type { Placement } from "../host/placement.ts";
import type { RehearsalQueue } from "../rehearsal/rehearsal_queue.ts";
import type { Slot, Settled, SlotOwner } from "../sandbox/slot.ts";
import { SnapshotPolicy } from "../recovery/snapshot_policy.ts";
import { RollbackPoint } from "../recovery/rollback_point.ts";

/** Sandboxes in a row that may be given up, without one event answered, before the script gets its own; and is failed. */
const FRUITLESS = 3;
const HOPELESS = 8;

/** What a course is made with. */
export interface ScriptLifecycleDeps {
  /** What it works through; events, moves and rehearsals are added by whoever then calls `goOn`. */
  readonly queue: EventQueue;
  readonly moves: MoveQueue;
  readonly rehearsals: RehearsalQueue;
  readonly placement: Placement;
  readonly clock: Clock;
  /** What is kept of the application's scripts. */
  readonly scripts: ApplicationScripts;
  /** It is closed, or has failed. */
  ended(reason: string): void;
}

/**
 * The course of one script through sandboxes and versions. It keeps every event until it is answered, and what brings
 * the script back: so a sandbox may be lost at any time, and the events go on in another one where they were.
 */
export class ScriptLifecycle implements SlotOwner {
  #phase: "opening" | "running" | "moving" | "closed" = "opening";
  #version: LoadedVersion;
  #slot: Slot | undefined;
  readonly #snapshots: SnapshotPolicy;
  /** Back to the version before the last move, while that makes sense. */
  #rollbackPoint: RollbackPoint | undefined;
  #closing = false;
  readonly #crashes: CrashCount;
  #fruitless = 0;

  constructor(
    version: LoadedVersion,
    private readonly request: Omit<OpenRequest, "version" | "snapshot" | "from">,
    private readonly delivery: OutcomeDelivery,
    private readonly deps: ScriptLifecycleDeps,
  ) {
    this.#version = version;
    this.#crashes = new CrashCount(deps.scripts.kills);
    this.#snapshots = new SnapshotPolicy(
      deps.scripts,
      openTask({ ...request, version: version.build.version }),
    );
  }

  /** The version that handles the next event. */
  get loaded(): LoadedVersion {
    return this.#version;
  }

  get version(): string {
    return this.#version.build.version;
  }

  get isClosed(): boolean {
    return this.#phase === "closed";
  }

  /** Where it runs. */
  get view(): ScriptView {
    return { waiting: this.deps.queue.length, ...this.#slot?.view };
  }

  /** Whether it takes events and moves. */
  get isOpen(): boolean {
    return !this.#closing && !this.isClosed;
  }

  /** Returns to the version of `move`, where the way is still open; tells whether it is. */
  returnBy(move: VersionMove): boolean {
    const rollbackPoint = this.#rollbackPoint?.to(move.version);
    if (!rollbackPoint) return false;
    this.deps.moves.returnBy(move);
    this.#takeBack(rollbackPoint);
    return true;
  }

  /** Closes the rollback point, unless no event has been handled since. */
  settle(): void {
    if (!this.#rollbackPoint?.onProbation) this.#rollbackPoint = undefined;
  }

  /** Ends it once everything is answered. */
  close(): void {
    this.#closing = true;
    this.deps.moves.refuse("it is closed.");
    // Never at once: whoever closes may be in the middle of an outcome.
    queueMicrotask(() => this.goOn());
  }

  /** Gives up what is not answered. */
  abandon(reason: string): void {
    if (!this.isClosed) this.#end(reason);
  }

  /** An answer; called by the sandbox, in order of posting. */
  settled(settled: Settled): void {
    const { slot, call, muted } = settled.posted;
    if (this.#phase === "closed") return;
    if (call.isSuspect) call.suspicion.clear();
    if (call.seq === 0 || muted) this.deps.moves.charge(settled.cost);
    const move = this.deps.moves.current;
    if (move && slot === move.target) return this.#arrived(move, settled);
    if (slot !== this.#slot) return;
    switch (call.task.kind) {
      case "open":
        if (settled.status === Status.ok) return this.#backWhenReplayed();
        return this.#giveUp(`Cannot set up ${this.delivery.title}: ${reasonOf(settled.outcome.failure)}`);
      case "snapshot":
        return this.#snapshotTaken(settled);
      case "end":
        return;
      default:
        if (muted) this.#replayed(settled);
        else this.#answered(settled);
    }
  }

  /** Its sandbox is gone; called by the sandbox. */
  lost(slot: Slot, reason: string): void {
    if (this.#phase === "closed") return;
    if (slot.sandbox.givenUp && ++this.#fruitless >= HOPELESS) {
      return this.#fail(`Cannot bring ${this.delivery.title} back: ${reason}.`);
    }
    const move = this.deps.moves.current;
    if (move && slot === move.target) return this.#lostTarget(move);
    if (slot !== this.#slot) return;
    this.#slot = undefined;
    // With the snapshot taken nothing is lost with the old sandbox: the move decides where the script goes on.
    if (move?.opening) return;
    this.#phase = "opening";
    this.deps.queue.takeBack();
    const guilty = this.#snapshots.journal.convicted();
    if (guilty !== undefined) return this.#giveUp(`Cannot bring ${this.delivery.title} back: ${guilty}.`);
    const snapshot = this.#snapshots.convicted();
    for (const verdict of [snapshot, this.deps.moves.interrupted(), this.deps.rehearsals.convicted()]) {
      if (verdict !== undefined && this.#countKill(verdict)) return;
    }
    if (this.#judge()) return;
    this.deps.scripts.returns.ask(this, this.#snapshots.journal.cost, this.deps.queue.length > 0);
  }

  /** Opens the script in a sandbox and replays what was answered since its snapshot; the first time there is none. */
  start(): void {
    const { incomplete } = this.#snapshots.journal;
    if (incomplete !== undefined) {
      return this.#fail(`Cannot bring ${this.delivery.title} back: ${incomplete}`);
    }
    this.#phase = "opening";
    const slot = this.deps.placement.slot(this.#version, this, this.#isApart());
    this.#slot = slot;
    slot.post(this.#snapshots.journal.opening);
    for (const { call, status } of this.#snapshots.journal.replay())
      slot.post(call, true, status === undefined);
  }

  #replayed({ posted, status }: Settled): void {
    const divergence = this.#snapshots.journal.replayed(posted.call, status);
    if (divergence !== undefined) this.delivery.log("warn", divergence);
    this.#backWhenReplayed();
  }

  #backWhenReplayed(): void {
    if (!this.#snapshots.journal.isReplayed) return;
    this.#phase = "running";
    this.deps.scripts.returns.over(this);
    this.#snapshots.replayed(this.#slot);
    this.deps.moves.returned();
    this.goOn();
  }

  #answered(settled: Settled): void {
    const { posted, status, outcome } = settled;
    const { call } = posted;
    const rollbackPoint = this.#rollbackPoint;
    if (rollbackPoint?.onProbation && status === Status.handler_failed) {
      return this.#rollBack(rollbackPoint, `${eventOf(call.task)}: ${reasonOf(outcome.failure)}`);
    }
    this.deps.queue.answered();
    if (rollbackPoint?.onProbation && this.#version.hears(this.request.room?.type, call.task, status)) {
      rollbackPoint.onProbation = false;
    }
    if (rollbackPoint && !rollbackPoint.add(call, status)) this.#rollbackPoint = undefined;
    this.#fruitless = 0;
    this.#snapshots.answered(settled, !this.deps.moves.current, this.#version);
    this.delivery.deliver(call, outcome);
    if (this.deps.queue.length === 0) this.goOn();
  }

  #snapshotTaken({ posted: { call }, outcome }: Settled): void {
    const { value, failure } = outcome;
    if (this.deps.rehearsals.taken(call, outcome, this.#version, this.#snapshots.journal)) return;
    const reopening = { ...this.request, version: this.version };
    const complaint = this.#snapshots.taken(call, outcome, reopening, this.#version);
    if (complaint !== undefined) this.delivery.log("warn", complaint);
    const move = this.deps.moves.current;
    if (move && call === move.snapshot) {
      if (value === undefined) return this.#stay(move, reasonOf(failure));
      const request = { ...this.request, version: move.version.build.version, from: this.version };
      move.opening = new Call(openTask(request, value));
      this.#openInTarget(move, move.opening);
    }
  }

  #openInTarget(move: VersionMove, opening: Call): void {
    const apart = this.#isApart() || opening.suspicion.solo;
    move.target = this.deps.placement.slot(move.version, this, apart);
    move.target.post(opening);
  }

  #arrived(move: VersionMove, { posted, status, outcome }: Settled): void {
    if (!move.opening || posted.call !== move.opening) return;
    if (status !== Status.ok) return this.#stay(move, reasonOf(outcome.failure));
    const old = this.#slot;
    const unproven = this.#rollbackPoint?.onProbation ? this.#rollbackPoint : undefined;
    this.#rollbackPoint = new RollbackPoint(this.#version, this.#snapshots.journal.opening, unproven);
    this.#slot = move.target;
    this.#version = move.version;
    this.#snapshots.journal.restart(move.opening);
    this.deps.moves.over();
    this.#phase = "running";
    old?.leave();
    move.succeed();
    this.goOn();
  }

  /** The new version won't have it: it goes on in the old one. */
  #stay(move: VersionMove, reason: string): void {
    this.deps.moves.over();
    move.target?.leave();
    move.fail(reason);
    if (!this.#slot) return this.start();
    this.#phase = "running";
    this.goOn();
  }

  #lostTarget(move: VersionMove): void {
    move.target = undefined;
    const verdict = move.opening?.suspicion.verdict;
    if (verdict === undefined) {
      if (move.opening) this.#openInTarget(move, move.opening);
    } else if (!this.#countKill(verdict)) this.#stay(move, verdict);
  }

  /** Hands over what waits, or starts the next move; ends a script that is closed once all is answered. */
  goOn(): void {
    this.deps.queue.tellDrained();
    if (this.#phase === "opening") this.deps.scripts.returns.hurry(this);
    if (this.#phase !== "running") return;
    this.deps.rehearsals.ask(this.#slot);
    const move = this.deps.moves.next();
    if (move) {
      this.#phase = "moving";
      this.#slot?.post(move.snapshot);
    } else if (this.#closing && this.deps.queue.length === 0) this.#end("it is closed");
    else for (let call = this.deps.queue.hand(); call; call = this.deps.queue.hand()) this.#slot?.post(call);
  }

  /**
   * Judges the oldest event, where it was proven to have taken the sandbox down: it fails, with the state of the event before;
   * or the version before is to handle it, where it is the first in this one. Tells whether there is nothing left to bring up.
   */
  #judge(): boolean {
    const call = this.deps.queue.first;
    const verdict = call?.suspicion.verdict;
    if (!call || verdict === undefined) return false;
    const rollbackPoint = this.#rollbackPoint;
    if (rollbackPoint?.onProbation) {
      call.suspicion.acquit();
      if (!this.#countKill(verdict)) this.#rollBack(rollbackPoint, `${eventOf(call.task)}: ${verdict}`);
      return true;
    }
    this.deps.queue.answered();
    this.delivery.refuse(call, verdict, "host");
    return this.isClosed || this.#countKill(verdict);
  }

  /** Goes back because the version failed; what it has not answered is handled by the one before. */
  #rollBack(rollbackPoint: RollbackPoint, reason: string): void {
    const failed = this.version;
    this.#takeBack(rollbackPoint);
    this.delivery.rolledBack(failed, reason);
  }

  /** Answers that are on their way from the version that is left are ignored, so nothing of them has happened. */
  #takeBack(rollbackPoint: RollbackPoint): void {
    this.#slot?.leave();
    this.deps.scripts.returns.over(this);
    this.deps.moves.goBack();
    this.#snapshots.goBack(rollbackPoint);
    this.deps.queue.takeBack();
    this.#version = rollbackPoint.version;
    this.#rollbackPoint = rollbackPoint.further;
    this.start();
  }

  /** It can't be brought up: it goes back to the version before, or has failed. */
  #giveUp(message: string): void {
    if (this.#rollbackPoint) this.#rollBack(this.#rollbackPoint, message);
    else this.#fail(message);
  }

  /** Notes that the script took a sandbox down; tells whether that was once too often, and has failed it then. */
  #countKill(reason: string): boolean {
    const who = this.#crashes.tooMany(this.deps.clock.now());
    if (!who) return false;
    const what = `${who} took its script host or sandbox down too often; ${reason}.`;
    this.#fail(`Cannot go on with ${this.delivery.title}: ${what}`, true);
    return true;
  }

  /** Whether it needs a sandbox for itself. */
  #isApart(): boolean {
    if (!this.request.room || this.#fruitless >= FRUITLESS || this.#snapshots.isSuspect) return true;
    return [this.deps.moves, this.deps.queue, this.deps.rehearsals].some(({ isSuspect }) => isSuspect);
  }

  #fail(message: string, killer = false): void {
    if (this.isClosed) return;
    this.#end(message);
    this.delivery.failed(message, killer);
  }

  #end(reason: string): void {
    this.#phase = "closed";
    this.#slot?.leave();
    this.deps.scripts.returns.over(this);
    this.deps.moves.end(`${reason}.`);
    this.deps.rehearsals.end(reason);
    for (const call of this.deps.queue.takeAll()) this.delivery.refuse(call, reason);
    this.deps.queue.tellDrained();
    this.#snapshots.journal.end();
    this.deps.ended(reason);
  }
}
