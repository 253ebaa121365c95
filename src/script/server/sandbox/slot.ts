import type { Outcome } from "../../../core/ports/outcome.ts";
import type { ScriptView } from "../../../core/ports/script.ts";
import type { LimitBreach } from "../../wire/answer/answer_decoder.ts";
import { Call } from "./call.ts";
import type { Sandbox } from "./sandbox.ts";

/** A call that was handed to a sandbox. */
export interface Posted {
  readonly slot: Slot;
  readonly call: Call;
  /** Replayed: the host drops effects and logs. */
  readonly muted: boolean;
  /** Replayed in another version than the one that answered it: a failure is told. */
  readonly foreign?: boolean;
}

/** What became of a posted call. */
export interface Settled {
  readonly posted: Posted;
  readonly status: number;
  readonly outcome: Outcome;
  readonly limit?: LimitBreach;
  /** Its share of the CPU time of the batch, ms. */
  readonly cost: number;
}

/** Who sits in a slot: a live script. */
export interface SlotOwner {
  settled(settled: Settled): void;
  /** The sandbox is gone with everything that it had not answered; the slot is of no use any more. */
  lost(slot: Slot, reason: string): void;
}

/** The place of one script in one sandbox. */
export class Slot {
  /** Cleared when the script left or the sandbox was lost: answers are ignored, nothing more is sent. */
  live = true;
  /** What the host is told when the script has left. */
  readonly farewell = new Call({ kind: "end" });

  constructor(
    readonly sandbox: Sandbox,
    /** Number of the script in its sandbox. */
    readonly number: number,
    readonly owner: SlotOwner,
  ) {}

  /** Where it is. */
  get view(): Pick<ScriptView, "host" | "sandbox"> {
    const { memory, scripts, host } = this.sandbox;
    return { host: host.id, sandbox: { memory, scripts } };
  }

  post(call: Call, muted = false, foreign = false): void {
    if (this.live) this.sandbox.post({ slot: this, call, muted, foreign });
  }

  /** Gives the place back; what was posted and not answered is forgotten. */
  leave(): void {
    if (!this.live) return;
    this.live = false;
    this.sandbox.vacate(this);
  }
}
