import { HotroomError, notWritten } from "../../../core/errors.ts";
import { Status } from "../../wire/answer/answer.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import type { Placement } from "../host/placement.ts";
import { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Opening } from "../recovery/opening.ts";
import { SandboxLosses } from "../sandbox/sandbox_losses.ts";
import type { PostedResult, Slot, SlotOwner } from "../sandbox/slot.ts";

/** What a move makes of the snapshot that it has asked for. */
export interface MoveOpenings {
  /** Opens the script in the new version. */
  readonly next: Opening;
  /** Opens the script in the version that it leaves, as it leaves it. */
  readonly last: Opening;
}

/** A script as its moves see it. */
export interface MovingScript {
  /** Hears that `move` has opened the script in `slot`, a slot of the new version. */
  arrived(move: VersionMove, slot: Slot, openings: MoveOpenings): void;
  /** Hears that the script can't be opened in the new version; `isCrash` says that it took sandboxes down there. */
  stays(move: VersionMove, reason: string, isCrash: boolean): void;
}

/** The move of a script to another version: a snapshot in the old sandbox, then an opening in one of the new version. */
export class VersionMove implements SlotOwner {
  /** What the old sandbox is asked for. */
  snapshot = new Call({ kind: "snapshot" });
  /** CPU time that the move has taken, ms. */
  cost = 0;
  /** Resolves with the cost, rejects with `swap_failed`, or `state_not_written` where the script can't leave the version that it is in. */
  readonly done: Promise<number>;
  #script: MovingScript | undefined;
  #openings: MoveOpenings | undefined;
  /** Where the script is opened. */
  #target: Slot | undefined;
  /** How many calls of the opening have been answered there. */
  #answered = 0;
  #needsOwnSandbox = false;
  #bytes = 0;
  #losses = new SandboxLosses();
  #resolve: (cost: number) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(
    /** What the script is called in messages: `room "lobby"`. */
    private readonly title: string,
    private readonly placement: Placement,
    readonly version: LoadedVersion,
    /** Number of the event by which the script hears that it has moved. */
    readonly seq: number,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether the snapshot was taken: then nothing is lost with the old sandbox any more. */
  get hasSnapshot(): boolean {
    return this.#openings !== undefined;
  }

  /** Opens `script` in the new version; `bytes` is about how much memory it uses. */
  open(script: MovingScript, openings: MoveOpenings, needsOwnSandbox: boolean, bytes: number): void {
    this.#bytes = bytes;
    this.#script = script;
    this.#openings = openings;
    this.#needsOwnSandbox = needsOwnSandbox;
    this.#place(openings.next);
  }

  answered({ posted: { slot, call }, status, outcome, cost }: PostedResult): void {
    const openings = this.#openings;
    if (!openings) return;
    this.cost += cost;
    call.suspicion?.clear();
    slot.sandbox.opened(slot);
    if (status !== Status.ok) this.#script?.stays(this, reasonOf(outcome.failure), false);
    else if (++this.#answered === openings.next.calls.length) this.#script?.arrived(this, slot, openings);
  }

  lost(_: Slot, reason: string, byItself: boolean): void {
    this.#target = undefined;
    const opening = this.#openings?.next;
    if (!opening) return;
    const verdict = opening.calls.find(({ suspicion }) => suspicion?.verdict)?.suspicion?.verdict;
    if (verdict !== undefined) this.#script?.stays(this, verdict, true);
    else if (byItself && this.#losses.add()) this.#script?.stays(this, reason, false);
    else this.#place(opening);
  }

  /** Makes it a move that has not begun, of a script that has gone to another version meanwhile. */
  reset(): void {
    this.#target?.leave();
    this.snapshot = new Call({ kind: "snapshot" });
    this.#openings = this.#target = undefined;
    this.#losses.reset();
  }

  succeed(): void {
    this.#resolve(this.cost);
  }

  fail(reason: string): void {
    this.#target?.leave();
    const { version } = this.version.build;
    this.#reject(new HotroomError("swap_failed", `Cannot move ${this.title} to ${version}: ${reason}`));
  }

  /** Fails since the snapshot can't be taken. */
  failToLeave(reason: string): void {
    const { version } = this.version.build;
    this.#reject(
      notWritten(`Cannot move ${this.title} to ${version}: its state can't be written: ${reason}`),
    );
  }

  #place({ calls, weight }: Opening): void {
    const isSuspect = calls.some(({ suspicion }) => suspicion?.ownSandbox === true);
    const ownSandbox = this.#needsOwnSandbox || this.#losses.needsOwnSandbox || isSuspect;
    this.#answered = 0;
    const bytes = Math.max(this.#bytes, weight);
    this.#target = this.placement.place(this.version, this, { ownSandbox, bytes });
    const [open, ...pieces] = calls;
    if (open) this.#target.post(open);
    for (const call of pieces) this.#target.post(call, true, true);
  }
}
