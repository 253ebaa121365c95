import type { ScriptView } from "../../../core/ports/script.ts";
import type { ScriptJournal } from "../../../core/ports/script_journal.ts";
import { Status } from "../../wire/answer/answer.ts";
import { busy, eventOf, failedOutcome, reasonOf } from "../../wire/answer/failure.ts";
import type { ScriptRequest } from "../../wire/batch/batch.ts";
import { openTask } from "../../wire/batch/task.ts";
import { Gate, MOST_UNSAVED } from "../durable/gate.ts";
import { Keeping, type KeepingDeps, type KeepingOwner } from "../durable/keeping.ts";
import { journalOf, noteAll } from "../durable/kept_script.ts";
import type { Placement } from "../host/placement.ts";
import type { ApplicationScripts } from "../recovery/application_scripts.ts";
import { CrashCount } from "../recovery/crash_count.ts";
import type { Journal } from "../recovery/journal.ts";
import type { RecoveryQueue } from "../recovery/recovery_queue.ts";
import type { FailedEvent } from "../recovery/rollback.ts";
import { Roster } from "../recovery/roster.ts";
import { SnapshotPolicy } from "../recovery/snapshot_policy.ts";
import { type SnapshotWish, SnapshotWishes } from "../rehearsal/snapshot_wishes.ts";
import type { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { SandboxLosses } from "../sandbox/sandbox_losses.ts";
import type { PostedResult } from "../sandbox/slot.ts";
import { EventQueue } from "../share/event_queue.ts";
import { Caution } from "./caution.ts";
import { type Judged, Judgement } from "./judgement.ts";
import type { OutcomeDelivery } from "./outcome_delivery.ts";
import { type InstanceOwner, isUntold, ScriptInstance } from "./script_instance.ts";
import { ScriptVersions, type VersionsOwner } from "./script_versions.ts";
import type { VersionMove } from "./version_move.ts";

/** What a lifecycle is made with. */
export interface ScriptLifecycleDeps extends KeepingDeps {
  readonly placement: Placement;
  /** What the scripts of the application have in common. */
  readonly scripts: ApplicationScripts;
  /** The scripts of the application that wait to be brought back. */
  readonly recoveries: RecoveryQueue;
  newSeed(): string;
  /** What keeps the script, where it is durable. */
  readonly journal?: ScriptJournal | undefined;
  /** Called once, when the script is closed or has failed. */
  ended(reason: string): void;
}

/**
 * The life of one script in sandboxes and versions: what it is to do next, and what follows from what came of it. Every event
 * is kept until it is answered, so a sandbox may be lost at any time, and the events go on in another one where they were.
 */
export class ScriptLifecycle implements InstanceOwner, VersionsOwner, KeepingOwner, Judged {
  #phase: "opening" | "running" | "moving" | "closed" = "opening";
  #isClosing = false;
  readonly events: EventQueue;
  readonly #wishes = new SnapshotWishes();
  readonly #roster = new Roster();
  readonly snapshots: SnapshotPolicy;
  readonly #instance: ScriptInstance;
  readonly #versions: ScriptVersions;
  readonly #crashes: CrashCount;
  readonly #losses = new SandboxLosses();
  readonly #caution: Caution;
  readonly #judgement: Judgement;
  readonly keeping: Keeping;

  constructor(
    version: LoadedVersion,
    private readonly request: ScriptRequest,
    private readonly delivery: OutcomeDelivery,
    private readonly deps: ScriptLifecycleDeps,
  ) {
    const { scripts, placement, recoveries, journal, newSeed } = deps;
    const { kept } = journal ?? {};
    this.events = new EventQueue(scripts.hold());
    this.#crashes = new CrashCount(scripts.crashes);
    const opening = openTask({ ...request, version: version.build.version, ownSeed: newSeed() });
    this.snapshots = new SnapshotPolicy(scripts, (held) => journalOf(kept, opening, held));
    this.keeping = new Keeping(this, deps, request);
    this.#instance = new ScriptInstance(this, version, this.snapshots, placement, recoveries);
    this.#versions = new ScriptVersions(this, this.#instance, this.snapshots, request, delivery, newSeed);
    this.#caution = new Caution((task) => this.version.handlerOf(request.room?.type, task));
    if (kept) noteAll(kept, this.#roster);
    const told = { events: this.events, roster: this.#roster, wishes: this.#wishes };
    this.#judgement = new Judgement(this, { ...told, versions: this.#versions, delivery });
    if (journal) this.keeping.begin(journal, kept !== undefined);
    if (kept) this.#instance.recover(false);
    else this.#instance.start();
  }

  get version(): LoadedVersion {
    return this.#versions.current;
  }

  get journal(): Journal {
    return this.snapshots.journal;
  }

  get openVersion(): LoadedVersion {
    return this.#instance.version;
  }

  get isOnTrial(): boolean {
    return this.#versions.leaving !== undefined;
  }

  get view(): ScriptView {
    return { waiting: this.events.length, ...this.#instance.view };
  }

  /** Whether it takes events, moves and rehearsals. */
  get isOpen(): boolean {
    return !this.#isClosing && !this.isClosed;
  }

  get isClosed(): boolean {
    return this.#phase === "closed";
  }

  get needsOwnSandbox(): boolean {
    return this.mustBeAlone || this.events.needsOwnSandbox;
  }

  get mustBeAlone(): boolean {
    if (!this.request.room || this.#losses.needsOwnSandbox || this.snapshots.needsOwnSandbox) return true;
    return this.#versions.needsOwnSandbox || this.#wishes.needsOwnSandbox;
  }

  /** Takes one more event, which is handled after those taken before. */
  accept(call: Call): void {
    call.acceptedAt = this.deps.clock.monotonic();
    this.events.push(call);
    this.goOn();
  }

  /** Moves to another version once what was taken before is done; fails the move if the script is not open. */
  move(move: VersionMove): void {
    if (!this.isOpen) return move.fail("it is closed.");
    this.#versions.add(move);
    this.goOn();
  }

  /** Goes back to the version of `move` at once, if there is a rollback point in it; otherwise moves there. */
  moveBack(move: VersionMove): void {
    this.keeping.after(() => {
      if (!this.isOpen || !this.#versions.goBack(move)) this.move(move);
      // It has the state that it had there, and nothing to hear of the version that it has left.
      else this.events.dropReload();
    });
  }

  keptIn(journal: ScriptJournal | undefined): void {
    this.delivery.journal = journal;
    this.snapshots.isDurable = journal !== undefined;
    this.events.mostPosted = journal ? MOST_UNSAVED : Number.POSITIVE_INFINITY;
  }

  /** Gives a snapshot between two events; fails the wish if the script is not open. */
  wish(wish: SnapshotWish): void {
    if (!this.isOpen) return wish.fail("it is closed.");
    this.#wishes.add(wish);
    this.goOn();
  }

  /** Forgets the rollback point, unless no event has been handled since. */
  settle(): void {
    this.#versions.settle();
  }

  /** Ends the script once everything is answered. */
  close(): void {
    this.#isClosing = true;
    this.#versions.refuse("it is closed.");
    // Never at once: whoever closes may be in the middle of an outcome.
    queueMicrotask(() => this.goOn());
  }

  /** Ends the script, and answers with `busy` what is not answered: no handler is to blame that it was not handled. */
  abandon(reason: string): void {
    if (this.isClosed) return;
    const { version } = this.version.build;
    const count = this.events.length;
    this.#end(reason, (call) => this.delivery.deliver(call, failedOutcome(version, busy(call.task, count))));
  }

  opening(): void {
    this.#phase = "opening";
    this.events.takeBack();
    this.events.dropReload(this.#instance.version.build.version);
    this.keeping.look();
  }

  left(): void {
    this.keeping.left();
  }

  up(cost: number): void {
    this.#phase = "running";
    const passed = this.#versions.up(cost);
    if (passed) this.delivery.rolledBack(passed.version, passed.reason);
    this.goOn();
  }

  refused(reason: string): void {
    const maker = this.snapshots.journal.isFirst ? "state() failed: " : "";
    this.giveUp(`Cannot set up ${this.delivery.title}: ${maker}${reason}`);
  }

  undone({ posted: { call }, outcome }: PostedResult): boolean {
    return this.isOnTrial && this.#versions.passBy(`${eventOf(call.task)}: ${reasonOf(outcome.failure)}`);
  }

  unrecoverable(reason: string): void {
    this.#fail(`Cannot bring ${this.delivery.title} back: ${reason}`);
  }

  answered(result: PostedResult): void {
    if (!this.keeping.take(result) && !this.decides(result)) this.note(result);
  }

  decides(result: PostedResult): boolean {
    const { posted, status, outcome } = result;
    const { call } = posted;
    if (outcome.failure === undefined || call.task.kind === "snapshot") return false;
    if (isUntold(result)) this.#instance.giveUp(result);
    else {
      const reason = `${eventOf(call.task)}: ${reasonOf(outcome.failure)}`;
      if (this.isOnTrial && status !== Status.refused) this.#versions.passBy(reason);
      else if (status === Status.handler_failed && this.#versions.takesOver(call.task))
        this.#versions.leave({ call, outcome, reason });
      else return false;
    }
    return true;
  }

  note(result: PostedResult): void {
    const { posted, status, outcome } = result;
    const { call } = posted;
    if (call.task.kind === "snapshot") return this.#snapshotTaken(result);
    const left = this.#versions.succeed();
    if (left) this.delivery.rolledBack(left.version, left.reason);
    this.events.answered();
    this.#roster.note(call.task, status === Status.ok);
    this.#versions.answered(call, status);
    this.#losses.reset();
    this.warn(this.snapshots.answered(result, !this.#versions.isMoving, this.version));
    this.delivery.deliver(call, outcome, left ? () => this.goOn() : this.#delivered);
    this.#caution.answered(result, this.snapshots.undoMs);
    const isOver = this.isClosed || (this.#isClosing && this.events.length === 0);
    if (this.snapshots.mustUndo(result) && !isOver) this.#instance.undo("an event has failed");
  }

  notSaved(): void {
    this.#instance.undo("an event could not be saved");
    const { first } = this.events;
    const isRefused = (call: Call) => Gate.refuses(call.task) && (this.keeping.isShut || call === first);
    for (const call of this.events.takeOut(isRefused)) this.delivery.notSaved(call);
  }

  lost(reason: string, byItself: boolean): void {
    this.keeping.lost(() => {
      if (byItself && this.#losses.add()) return this.unrecoverable(`${reason}.`);
      // The move decides where the script goes on.
      if (this.#versions.hasSnapshot) return;
      this.opening();
      if (!this.#judgement.judge()) this.#instance.recover(this.events.length > 0);
    });
  }

  warn(message: string | undefined): void {
    if (message !== undefined) this.delivery.log("warn", message);
  }

  moved(reload?: Call): void {
    if (reload) this.events.putReload(reload, this.deps.clock.monotonic());
    if (!this.#instance.slot) return this.#instance.start();
    this.#phase = "running";
    this.keeping.look();
    this.goOn();
  }

  failedForGood({ call, outcome }: FailedEvent): void {
    this.events.answered();
    this.#roster.note(call.task, false);
    this.delivery.deliver(call, outcome);
  }

  countCrash(reason: string): boolean {
    const who = this.#crashes.add(this.deps.clock.monotonic());
    if (!who) return false;
    const why = `${who} took its script host or sandbox down too often; ${reason}.`;
    this.#fail(`Cannot go on with ${this.delivery.title}: ${why}`, true);
    return true;
  }

  #snapshotTaken({ posted: { call }, outcome, cost }: PostedResult): void {
    const loaded = this.#instance.version;
    this.delivery.logged(call, outcome);
    if (this.#wishes.taken(call, outcome, loaded, this.snapshots)) return;
    this.keeping.prove(outcome);
    const updates = this.#roster.updates();
    this.warn(this.snapshots.taken(call, outcome, this.request, updates, loaded));
    this.keeping.look();
    this.#versions.snapshotTaken(call, outcome, updates, cost);
  }

  /** The effects of an event have been applied. */
  readonly #delivered = (): void => {
    if (this.events.length === 0 || this.keeping.isDurable) this.goOn();
  };

  /** Hands over what waits, or begins the next move; ends a script that is to close once everything is answered. */
  goOn(): void {
    this.events.tellDrained();
    if (this.#phase === "opening") this.#instance.hurry();
    const { slot } = this.#instance;
    if (this.#phase !== "running" || !slot) return;
    this.#wishes.ask(slot);
    const { first } = this.events;
    // What was handled before the server ended is handled again by the version that did.
    if (!first?.kept?.again && this.#versions.startNext(slot)) this.#phase = "moving";
    else if (!first && this.#isClosing) this.#end("it is closed");
    else if (first && !this.keeping.mustWait()) this.#caution.post(this.events, slot);
  }

  /** Goes on in another version, since the script can't be brought back in this one; without such a version it fails. */
  giveUp(message: string): void {
    if (!this.#versions.giveUp(message)) this.#fail(message);
  }

  #fail(message: string, isCrash = false): void {
    if (this.isClosed) return;
    this.#end(message, (call) => {
      // Its code is not to blame: the script was not even set up.
      if (call.task.kind === "init") this.delivery.unheard(call, message);
      else this.delivery.refuse(call, message);
    });
    this.delivery.failed(message, isCrash);
  }

  #end(reason: string, answer = (call: Call) => this.delivery.refuse(call, reason)): void {
    this.#phase = "closed";
    this.keeping.close();
    this.#instance.leave();
    this.#versions.end(`${reason}.`);
    this.#wishes.end(reason);
    for (const call of this.events.takeAll()) answer(call);
    this.events.tellDrained();
    this.snapshots.end();
    this.deps.ended(reason);
  }
}
