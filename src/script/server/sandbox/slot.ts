import type { ScriptView } from "../../../core/ports/script.ts";
import type { CallResult } from "../../wire/answer/answer_decoder.ts";
import { Queue } from "../../../core/queue.ts";
import { Credit, type TakesTurns } from "../../../core/turns.ts";
import { Call } from "./call.ts";
import type { LoadedVersion } from "./loaded_version.ts";

/** CPU time that a script gets at each of its turns in its sandbox, ms. */
const TURN_MS = 1;

/** A call that waits for a sandbox or was handed to it. */
export interface Posted {
  readonly slot: Slot;
  readonly call: Call;
  /** Replayed: the host drops effects and logs. */
  readonly muted: boolean;
  /** Replayed in another version than the one that answered it: the answer may have a failure. */
  readonly foreign: boolean;
  /** By itself in its batch, and undone by the host if it fails; absent if not. */
  readonly guarded?: boolean;
}

/** What became of a call that a script has posted. */
export type PostedResult = CallResult<Posted>;

/** A sandbox as its slots see it. */
export interface SlotSandbox {
  /** Bytes that it held at its last answer. */
  readonly memory: number;
  /** Where it is, for the API. */
  readonly view: Pick<ScriptView, "host" | "sandbox">;
  /** About how many bytes of memory each of its scripts uses, or did when it was lost. */
  readonly bytesEach: number;
  /** Whether a script that has just left it may come back. */
  readonly isOpen: boolean;
  /** The version that runs in it. */
  readonly version: LoadedVersion;
  /** Returns a slot for one more script, which uses about `bytes` of memory. */
  addSlot(owner: SlotOwner, bytes?: number): Slot;
  /** Lets other scripts in: the only one does not need the sandbox for itself any more. */
  share(): void;
  /** Notes that the script of a slot is open: what it takes is measured from now on. */
  opened(slot: Slot): void;
  /** Queues a call for the next batch. */
  post(posted: Posted): void;
  /** Notes that the server has spent `ms` on what it has answered. */
  spend(ms: number): void;
  /** Takes a slot back that was left; the host is told with the slot's `farewell`. */
  vacate(slot: Slot): void;
}

/** Whoever has a script in a slot. */
export interface SlotOwner {
  /**
   * Whether a snapshot can be expected to bring the script back: its journal alone would take the memory again that its events took.
   * Absent where nothing is to be brought back.
   */
  readonly hasSnapshots?: boolean;
  /** Asks for a snapshot, if the script has handled events since the last one. */
  takeSnapshot?(): void;
  /** Takes what became of one call, in the order of posting. */
  answered(result: PostedResult): void;
  /**
   * Hears that the sandbox is gone with everything that it had not answered; the slot is of no use any more. `byItself` says
   * that the sandbox was given up, not lost with its host.
   */
  lost(slot: Slot, reason: string, byItself: boolean): void;
}

/**
 * The place of one script in one sandbox: what the script posts goes in, what became of it comes out, until the script
 * leaves or the sandbox is lost.
 */
export class Slot implements TakesTurns {
  readonly credit = new Credit(TURN_MS);
  /** What waits for the sandbox's next batches. */
  readonly outbound = new Queue<Posted>();
  /** What the host is told when the script has left. */
  readonly farewell = new Call({ kind: "end" });
  #isLive = true;

  constructor(
    readonly sandbox: SlotSandbox,
    /** Number of the script in its sandbox. */
    readonly number: number,
    private owner: SlotOwner,
  ) {}

  get waits(): boolean {
    return this.outbound.length > 0;
  }

  /** Whether the script is in the sandbox still: otherwise answers are ignored, and nothing more is sent. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Drops what waits but for snapshots: nothing else is run in the sandbox any more. */
  keepSnapshots(): void {
    const kept = [...this.outbound].filter(({ call }) => call.task.kind === "snapshot");
    this.outbound.clear();
    for (const posted of kept) this.outbound.push(posted);
  }

  post(call: Call, muted = false, foreign = false, guarded = false): void {
    if (this.#isLive) this.sandbox.post({ slot: this, call, muted, foreign, guarded });
  }

  /** Gives the place back; what was posted and not answered is forgotten. */
  leave(): void {
    if (!this.#isLive) return;
    this.#isLive = false;
    this.sandbox.vacate(this);
  }

  /** Has another owner hear of the slot from now on. */
  handTo(owner: SlotOwner): void {
    this.owner = owner;
  }

  /** Whether its script can be expected to come back elsewhere without the memory that it has let go of. */
  get hasSnapshots(): boolean {
    return this.owner.hasSnapshots !== false;
  }

  /** Has its script ask for a snapshot, with which it is to come back elsewhere. */
  takeSnapshot(): void {
    this.owner.takeSnapshot?.();
  }

  /** Passes on what became of a posted call. */
  answer(result: PostedResult): void {
    if (this.#isLive) this.owner.answered(result);
  }

  /** Ends the slot, and tells its owner that the sandbox is gone. */
  lose(reason: string, byItself: boolean): void {
    if (!this.#isLive) return;
    this.#isLive = false;
    this.owner.lost(this, reason, byItself);
  }
}
