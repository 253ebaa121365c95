import type { ScriptView } from "../../../core/ports/script.ts";
import { Status } from "../../wire/answer/answer.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import type { Placement } from "../host/placement.ts";
import type { RecoveringScript, RecoveryQueue } from "../recovery/recovery_queue.ts";
import type { Place } from "../recovery/rollback.ts";
import type { SnapshotPolicy } from "../recovery/snapshot_policy.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Opening } from "../recovery/opening.ts";
import type { Call } from "../sandbox/call.ts";
import type { PostedResult, Slot, SlotOwner, SlotSandbox } from "../sandbox/slot.ts";

/** The life of a script as its instance sees it. */
export interface InstanceOwner {
  /** Whether the script needs a sandbox for itself; and whether it does even where memory is short. */
  readonly needsOwnSandbox: boolean;
  readonly mustBeAlone: boolean;
  /** Hears that the script is to be opened in another sandbox: what was posted and not answered is to be posted again. */
  opening(): void;
  /** Hears that the script leaves its sandbox by itself: nothing of what is not noted yet has happened. */
  left(): void;
  /** Hears that the script is open and everything is replayed, which took `cost` ms of CPU time since it was last so. */
  up(cost: number): void;
  /** Hears that the version fails to set the script up. */
  refused(reason: string): void;
  /**
   * Hears that the version can't do again what another one has done. Returns true if the script goes on elsewhere for that
   * reason.
   */
  undone(result: PostedResult): boolean;
  /** Hears that nothing can bring the script back. */
  unrecoverable(reason: string): void;
  /** Takes what became of an event or a snapshot. */
  answered(result: PostedResult): void;
  /** Hears that the sandbox is gone with all that it has not answered; `byItself` says that it was given up. */
  lost(reason: string, byItself: boolean): void;
  /** Takes what is to be told to the operator. */
  warn(message: string): void;
}

/** One script in a sandbox of one version, and how it comes to another one when that is gone. */
export class ScriptInstance implements SlotOwner, RecoveringScript {
  #version: LoadedVersion;
  #slot: Slot | undefined;
  #openingCost = 0;
  /** Whether the script is open in its slot, and everything is replayed. */
  #isUp = false;
  /** Where the script is to begin again, since it took memory there. */
  #former: SlotSandbox | undefined;
  /** About how many bytes of memory the script uses; 0 if that is not known. */
  #bytes = 0;

  constructor(
    private readonly owner: InstanceOwner,
    version: LoadedVersion,
    private readonly snapshots: SnapshotPolicy,
    private readonly placement: Placement,
    private readonly recoveries: RecoveryQueue,
  ) {
    this.#version = version;
  }

  /** The version that handles the next event. */
  get version(): LoadedVersion {
    return this.#version;
  }

  /** Where the script is; undefined while it has no sandbox. */
  get slot(): Slot | undefined {
    return this.#slot;
  }

  /** About how many bytes of memory the script uses: like others in its sandbox, and no less than its snapshot. */
  get bytes(): number {
    return Math.max(this.#slot?.sandbox.bytesEach ?? this.#bytes, this.snapshots.opening.weight);
  }

  get hasSnapshots(): boolean {
    return this.snapshots.areLikely;
  }

  takeSnapshot(): void {
    if (this.#isUp && this.#slot) this.snapshots.take(this.#slot);
  }

  get view(): Omit<ScriptView, "waiting"> {
    return this.#slot?.sandbox.view ?? {};
  }

  /** Opens the script in a sandbox, and replays what was answered since its last snapshot. */
  start(): void {
    const { incomplete } = this.snapshots;
    if (incomplete !== undefined) return this.owner.unrecoverable(incomplete);
    this.owner.opening();
    const { needsOwnSandbox: ownSandbox, mustBeAlone } = this.owner;
    const need = { ownSandbox, mayShare: !mustBeAlone, bytes: this.bytes, former: this.#former };
    this.#former = undefined;
    this.#isUp = false;
    this.#slot = this.placement.place(this.#version, this, need);
    this.snapshots.replay(this.#slot);
  }

  /** Starts the script when it is its turn among those of its application; `isUrgent` says that events wait for it. */
  recover(isUrgent: boolean): void {
    this.recoveries.add(this, this.snapshots.cost, isUrgent);
  }

  /** Has the script started before others, if it waits for its turn. */
  hurry(): void {
    this.recoveries.hurry(this);
  }

  /** Moves to `slot`, a slot of another version in which the script was opened with `opening`. */
  moveTo(version: LoadedVersion, slot: Slot, opening: Opening): void {
    const old = this.#slot;
    this.#isUp = true;
    slot.handTo(this);
    this.#slot = slot;
    this.#version = version;
    this.snapshots.restart(opening);
    old?.leave();
  }

  /** Starts again at `place`. Answers that are on their way are ignored, so nothing of them has happened. */
  goTo({ version, journal }: Place): void {
    this.leave();
    this.snapshots.use(journal);
    this.#version = version;
    this.start();
  }

  /** Leaves the sandbox, if the script has one, and waits for none. */
  leave(): void {
    this.owner.left();
    this.#slot?.leave();
    this.#slot = this.#former = undefined;
    this.recoveries.remove(this);
  }

  /** Brings the script to the state before what it has not answered, which is handled from there; `reason` says why. */
  undo(reason: string): void {
    const former = this.#slot?.sandbox;
    this.leave();
    this.#former = former;
    this.owner.lost(reason, false);
  }

  /** Leaves a sandbox in which the script was not told who is there: it is to be told in another one. */
  giveUp({ outcome }: PostedResult): void {
    this.leave();
    this.owner.lost(`it could not be told who is there: ${reasonOf(outcome.failure)}`, true);
  }

  answered(result: PostedResult): void {
    const { call, muted } = result.posted;
    this.#acquit(call);
    if (muted) this.#replayed(result);
    else if (call.task.kind === "open") this.#opened(result);
    else this.owner.answered(result);
  }

  lost(slot: Slot, reason: string, byItself: boolean): void {
    this.#bytes = slot.sandbox.bytesEach;
    this.#slot = undefined;
    this.owner.lost(reason, byItself);
  }

  /** Drops what is held against an answered call, and lets others into the sandbox if the script was alone in it for that. */
  #acquit({ suspicion }: Call): void {
    if (!suspicion) return;
    const { ownSandbox } = suspicion;
    suspicion.clear();
    if (ownSandbox && !this.owner.needsOwnSandbox) this.#slot?.sandbox.share();
  }

  #opened({ posted: { slot, call }, status, outcome, cost }: PostedResult): void {
    slot.sandbox.opened(slot);
    this.#openingCost += cost;
    if (status !== Status.ok) return this.owner.refused(reasonOf(outcome.failure));
    call.hasOpened = true;
    this.#tellIfUp();
  }

  #replayed(result: PostedResult): void {
    if (isUntold(result)) return this.giveUp(result);
    this.#openingCost += result.cost;
    if (this.snapshots.isUndone(result) && this.owner.undone(result)) return;
    const divergence = this.snapshots.replayed(result);
    if (divergence !== undefined) this.owner.warn(divergence);
    this.#tellIfUp();
  }

  #tellIfUp(): void {
    if (!this.snapshots.isReplayed) return;
    this.#isUp = true;
    this.recoveries.remove(this);
    this.snapshots.resume(this.#slot);
    const cost = this.#openingCost;
    this.#openingCost = 0;
    this.owner.up(cost);
  }
}

/** Returns true if a call was to tell a script who is there, and failed. */
export function isUntold({ posted, status }: PostedResult): boolean {
  return posted.call.task.kind === "directory" && status !== Status.ok;
}
