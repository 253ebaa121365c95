import type {
  Clock,
  Log,
  Outcome,
  RehearsalResult,
  Script,
  ScriptEvent,
  Subject,
  Version,
} from "../core/ports.ts";
import { type OpenRequest, Status } from "./batch.ts";
import { Call, openTask, type Task } from "./call.ts";
import { Delivery } from "./delivery.ts";
import { busy, failedOutcome, eventOf } from "./failure.ts";
import { Journal } from "./journal.ts";
import { Kills } from "./kills.ts";
import type { LoadedVersion } from "./loaded_version.ts";
import { Move, told } from "./move.ts";
import { Moves } from "./moves.ts";
import { Pending } from "./pending.ts";
import type { Placement } from "./placement.ts";
import { Rehearsal } from "./rehearsal.ts";
import { Rehearsals } from "./rehearsals.ts";
import type { Seat, Settled, Sitter } from "./seat.ts";
import { WayBack } from "./way_back.ts";

/** Sandboxes in a row that may be given up, without one event answered, before the script gets its own; and is failed. */
const FRUITLESS = 3;
const HOPELESS = 8;
/** Events that change who is there, whatever their handler comes to. */
const memberships = new Set<Task["kind"]>(["leave", "logout", "mirror"]);

/** What a live script is made with. */
export interface LiveScriptDeps {
  readonly placement: Placement;
  readonly clock: Clock;
  readonly log: Log;
  /** It is closed, or has failed. */
  ended(script: LiveScript): void;
}

/**
 * The script of one room, or of an application's extension. It keeps every event until it is answered, and what brings
 * the script back: so a sandbox may be lost at any time, and the events go on in another one where they were.
 */
export class LiveScript implements Script, Sitter {
  #phase: "opening" | "running" | "moving" | "closed" = "opening";
  #version: LoadedVersion;
  #seat: Seat | undefined;
  readonly #queue = new Pending();
  #lastSeq = 0;
  #journal: Journal;
  /** The snapshot that is asked for on the journal's account. */
  #snapshot: Call | undefined;
  /** Back to the version before the last move, while that makes sense. */
  #wayBack: WayBack | undefined;
  readonly #moves = new Moves();
  readonly #rehearsals = new Rehearsals();
  #closing = false;
  /** Events that were dispatched after `close`. */
  readonly #late: Call[] = [];
  readonly #kills = new Kills();
  #fruitless = 0;
  readonly #delivery: Delivery;
  readonly #request: Omit<OpenRequest, "version" | "snapshot" | "from">;

  constructor(
    version: LoadedVersion,
    private readonly subject: Subject,
    private readonly deps: LiveScriptDeps,
  ) {
    this.#version = version;
    this.#delivery = new Delivery(subject, deps.log, () => this.version);
    const [seed = 0] = crypto.getRandomValues(new Uint32Array(1));
    const { application, room } = subject;
    const view = room && { name: room.name, type: room.type, maxUsers: room.maxUsers };
    this.#request = { application, ...(view ? { room: view } : {}), seed };
    this.#journal = new Journal(new Call(openTask({ ...this.#request, version: this.version })));
    this.#bringUp();
  }

  get version(): string {
    return this.#version.build.version;
  }

  /** Resolves when nothing waits for an answer. */
  drained(): Promise<void> {
    return this.#queue.drained();
  }

  /**
   * Queues one event. One that can't be queued is answered in a microtask: a message beyond `limits.queue` with `busy`,
   * which may overtake events that wait; after `close` any event, in order.
   */
  dispatch(event: ScriptEvent, done?: (outcome: Outcome) => void): void {
    const { queue } = this.#version.build.settings.limits;
    if (this.#phase === "closed") {
      const call = new Call(event, 0, done);
      return queueMicrotask(() => this.#delivery.refuse(call, "the script is closed"));
    }
    if (this.#closing) {
      this.#late.push(new Call(event, 0, done));
      return;
    }
    const waiting = this.#queue.length;
    if (event.kind === "message" && waiting >= queue) {
      const call = new Call(event, 0, done);
      return queueMicrotask(() =>
        this.#delivery.deliver(call, failedOutcome(this.version, busy(event, waiting))),
      );
    }
    this.#queue.push(new Call(event, ++this.#lastSeq, done));
    this.#feed();
  }

  swap(version: Version): Promise<void> {
    const move = new Move(this.#delivery.title, version as LoadedVersion);
    if (this.#closing || this.#phase === "closed") move.fail("it is closed.");
    else this.#moves.add(move);
    this.#goOn();
    return move.done;
  }

  goBack(version: Version): Promise<void> {
    const wayBack = this.#wayBack?.to(version as LoadedVersion);
    if (!wayBack || this.#closing || this.#isClosed) return this.swap(version);
    const move = new Move(this.#delivery.title, version as LoadedVersion);
    this.#moves.returnBy(move);
    this.#takeBack(wayBack);
    return move.done;
  }

  settle(): void {
    if (!this.#wayBack?.onProbation) this.#wayBack = undefined;
  }

  rehearse(version: Version): Promise<RehearsalResult> {
    const { placement } = this.deps;
    const rehearsal = new Rehearsal(this.#delivery.title, placement, version as LoadedVersion, this.#request);
    if (this.#closing || this.#isClosed) rehearsal.fail("it is closed.");
    else this.#rehearsals.add(rehearsal);
    this.#goOn();
    return rehearsal.done;
  }

  close(): void {
    this.#closing = true;
    this.#moves.refuse("it is closed.");
    // Never at once: whoever closes may be in the middle of an outcome.
    queueMicrotask(() => this.#goOn());
  }

  /** Gives up what is not answered; the server stops. */
  abandon(reason: string): void {
    if (this.#phase !== "closed") this.#end(reason);
  }

  /** An answer; called by the sandbox, in order of posting. */
  settled(settled: Settled): void {
    const { seat, call, muted } = settled.posted;
    if (this.#phase === "closed") return;
    call.suspicion.clear();
    const move = this.#moves.current;
    if (move && seat === move.target) return this.#arrived(move, settled);
    if (seat !== this.#seat) return;
    switch (call.task.kind) {
      case "open":
        if (settled.status === Status.ok) return this.#backWhenReplayed();
        return this.#giveUp(`Cannot set up ${this.#delivery.title}: ${told(settled.outcome.failure)}`);
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
  lost(seat: Seat, reason: string): void {
    if (this.#phase === "closed") return;
    if (seat.sandbox.givenUp && ++this.#fruitless >= HOPELESS) {
      return this.#fail(`Cannot bring ${this.#delivery.title} back: ${reason}.`);
    }
    const move = this.#moves.current;
    if (move && seat === move.target) return this.#lostTarget(move);
    if (seat !== this.#seat) return;
    this.#seat = undefined;
    // With the snapshot taken nothing is lost with the old sandbox: the move decides where the script goes on.
    if (move?.opening) return;
    this.#phase = "opening";
    this.#queue.takeBack();
    const guilty = this.#journal.culprit;
    if (guilty && !this.#journal.leaveOut(guilty)) {
      return this.#giveUp(`Cannot bring ${this.#delivery.title} back: ${guilty.suspicion.verdict}.`);
    }
    const failed = this.#snapshot?.suspicion.verdict;
    if (failed !== undefined) {
      this.#snapshot = undefined;
      this.#journal.postpone(failed);
      if (this.#countKill(failed)) return;
    }
    for (const verdict of [this.#moves.interrupted(), this.#rehearsals.convicted()]) {
      if (verdict !== undefined && this.#countKill(verdict)) return;
    }
    if (this.#failsProbation()) return;
    this.#failCulprit();
    if (!this.#isClosed) this.#bringUp();
  }

  get #isClosed(): boolean {
    return this.#phase === "closed";
  }

  /** Opens the script in a sandbox and replays what was answered since its snapshot. */
  #bringUp(): void {
    const { incomplete } = this.#journal;
    if (incomplete !== undefined) {
      return this.#fail(`Cannot bring ${this.#delivery.title} back: ${incomplete}`);
    }
    this.#phase = "opening";
    const seat = this.deps.placement.seat(this.#version, this, this.#isApart());
    this.#seat = seat;
    seat.post(this.#journal.opening);
    for (const { call, status } of this.#journal.replay()) seat.post(call, true, status === undefined);
  }

  #replayed({ posted, status }: Settled): void {
    const divergence = this.#journal.replayed(posted.call, status);
    if (divergence !== undefined) this.#delivery.log("warn", divergence);
    this.#backWhenReplayed();
  }

  #backWhenReplayed(): void {
    if (!this.#journal.isReplayed) return;
    this.#phase = "running";
    // What another version's events lead to is certain only now that they have been run.
    if (this.#journal.isForeign) this.#snapshot ??= new Call({ kind: "snapshot" });
    if (this.#snapshot) this.#seat?.post(this.#snapshot);
    this.#moves.returned();
    this.#goOn();
  }

  #answered({ posted: { call }, status, outcome, limit, cost }: Settled): void {
    const wayBack = this.#wayBack;
    if (wayBack?.onProbation && status === Status.handler_failed) {
      return this.#rollBack(wayBack, `${eventOf(call.task)}: ${told(outcome.failure)}`);
    }
    this.#queue.answered();
    if (wayBack?.onProbation && this.#version.hears(this.subject.room?.type, call.task, status)) {
      wayBack.onProbation = false;
    }
    if (wayBack && !wayBack.add(call, status)) this.#wayBack = undefined;
    this.#fruitless = 0;
    const { kind } = call.task;
    // Where a limit cut a handler short a replay can't lead to the same state; memory that ran out would do so again.
    const cutShort = limit === "memory" || (limit !== undefined && !memberships.has(kind));
    const unheard = status === Status.no_handler && kind === "message";
    if (!cutShort && !unheard) this.#journal.add(call, status, cost);
    if ((limit !== undefined || this.#journal.isDue) && !this.#snapshot && !this.#moves.current) {
      this.#snapshot = new Call({ kind: "snapshot" });
      this.#seat?.post(this.#snapshot);
    }
    this.#delivery.deliver(call, outcome);
    if (this.#queue.length === 0) this.#goOn();
  }

  #snapshotTaken({ posted: { call }, outcome }: Settled): void {
    const { value, failure } = outcome;
    if (this.#rehearsals.taken(call, outcome, this.#version, this.#journal)) return;
    if (value !== undefined) {
      const request = { ...this.#request, version: this.version };
      this.#journal.restart(new Call(openTask(request, value)), value);
    }
    const move = this.#moves.current;
    if (call === this.#snapshot) {
      this.#snapshot = undefined;
      if (value !== undefined) return;
      this.#journal.postpone(told(failure));
      this.#delivery.log("warn", `Cannot take a snapshot: ${told(failure)}`);
    } else if (move && call === move.snapshot) {
      if (value === undefined) return this.#stay(move, told(failure));
      const request = { ...this.#request, version: move.version.build.version, from: this.version };
      move.opening = new Call(openTask(request, value));
      this.#depart(move, move.opening);
    }
  }

  #depart(move: Move, opening: Call): void {
    const apart = this.#isApart() || opening.suspicion.solo;
    move.target = this.deps.placement.seat(move.version, this, apart);
    move.target.post(opening);
  }

  #arrived(move: Move, { posted, status, outcome }: Settled): void {
    if (!move.opening || posted.call !== move.opening) return;
    if (status !== Status.ok) return this.#stay(move, told(outcome.failure));
    const old = this.#seat;
    const unproven = this.#wayBack?.onProbation ? this.#wayBack : undefined;
    this.#wayBack = new WayBack(this.#version, this.#journal.opening, unproven);
    this.#seat = move.target;
    this.#version = move.version;
    this.#journal.restart(move.opening, move.opening.task.kind === "open" ? move.opening.task.request : "");
    this.#moves.over();
    this.#phase = "running";
    old?.leave();
    move.succeed();
    this.#goOn();
  }

  /** The new version won't have it: it goes on in the old one. */
  #stay(move: Move, reason: string): void {
    this.#moves.over();
    move.target?.leave();
    move.fail(reason);
    if (!this.#seat) return this.#bringUp();
    this.#phase = "running";
    this.#goOn();
  }

  #lostTarget(move: Move): void {
    move.target = undefined;
    const verdict = move.opening?.suspicion.verdict;
    if (verdict === undefined) {
      if (move.opening) this.#depart(move, move.opening);
    } else if (!this.#countKill(verdict)) this.#stay(move, verdict);
  }

  /** Hands over what waits, or starts the next move; ends a script that is closed once all is answered. */
  #goOn(): void {
    this.#queue.tellDrained();
    if (this.#phase !== "running") return;
    this.#rehearsals.ask(this.#seat);
    const move = this.#moves.next();
    if (move) {
      this.#phase = "moving";
      this.#seat?.post(move.snapshot);
    } else if (this.#closing && this.#queue.length === 0) this.#end("it is closed");
    else this.#feed();
  }

  #feed(): void {
    if (this.#phase !== "running") return;
    for (let call = this.#queue.hand(); call; call = this.#queue.hand()) this.#seat?.post(call);
  }

  /** Whether the first event in this version took its sandbox down; the version before is to handle it then. */
  #failsProbation(): boolean {
    const suspicion = this.#queue.first?.suspicion;
    const wayBack = this.#wayBack;
    const { verdict } = suspicion ?? {};
    if (!suspicion || verdict === undefined || !wayBack?.onProbation) return false;
    suspicion.acquit();
    const event = this.#queue.first && eventOf(this.#queue.first.task);
    if (!this.#countKill(verdict)) this.#rollBack(wayBack, `${event}: ${verdict}`);
    return true;
  }

  /** Goes back because the version failed; what it has not answered is handled by the one before. */
  #rollBack(wayBack: WayBack, reason: string): void {
    const failed = this.version;
    this.#takeBack(wayBack);
    this.#delivery.rolledBack(failed, reason);
  }

  /** Answers that are on their way from the version that is left are ignored, so nothing of them has happened. */
  #takeBack(wayBack: WayBack): void {
    this.#seat?.leave();
    this.#moves.goBack();
    this.#snapshot = undefined;
    this.#queue.takeBack();
    this.#version = wayBack.version;
    this.#journal = wayBack.journal();
    this.#wayBack = wayBack.further;
    this.#bringUp();
  }

  /** It can't be brought up: it goes back to the version before, or has failed. */
  #giveUp(message: string): void {
    if (this.#wayBack) this.#rollBack(this.#wayBack, message);
    else this.#fail(message);
  }

  /** Fails the event that was proven to have taken its sandbox down; the state is that of the event before. */
  #failCulprit(): void {
    const call = this.#queue.first;
    const verdict = call?.suspicion.verdict;
    if (!call || verdict === undefined) return;
    this.#queue.answered();
    this.#delivery.refuse(call, verdict);
    if (!this.#isClosed) this.#countKill(verdict);
  }

  /** Notes that the script took a sandbox down; tells whether that was once too often, and has failed it then. */
  #countKill(reason: string): boolean {
    if (!this.#kills.tooMany(this.deps.clock.now())) return false;
    this.#fail(
      `Cannot go on with ${this.#delivery.title}: it took its script host or sandbox down too often; ${reason}.`,
    );
    return true;
  }

  /** Whether it needs a sandbox for itself. */
  #isApart(): boolean {
    if (!this.subject.room || this.#fruitless >= FRUITLESS || this.#snapshot?.suspicion.solo) return true;
    if (this.#journal.isSuspect || this.#moves.isSuspect) return true;
    return this.#queue.isSuspect || this.#rehearsals.isSuspect;
  }

  #fail(message: string): void {
    if (this.#phase === "closed") return;
    this.#end(message);
    this.#delivery.failed(message);
  }

  #end(reason: string): void {
    this.#phase = "closed";
    this.#seat?.leave();
    this.#moves.end(`${reason}.`);
    this.#rehearsals.end(reason);
    for (const call of [...this.#queue.takeAll(), ...this.#late.splice(0)])
      this.#delivery.refuse(call, reason);
    this.#queue.tellDrained();
    this.deps.ended(this);
  }
}
