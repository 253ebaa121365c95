import type { Placement } from "../host/placement.ts";
import type { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { PostedResult, Slot, SlotOwner } from "../sandbox/slot.ts";

/** How a call is run: without its effects, as another version's, by itself so that its failure leaves no trace. */
export interface RetracedCall {
  readonly call: Call;
  readonly muted?: boolean;
  readonly foreign?: boolean;
  readonly guarded?: boolean;
}

interface Waiting {
  readonly calls: readonly RetracedCall[];
  readonly results: PostedResult[];
  resolve(results: PostedResult[]): void;
  reject(error: Error): void;
}

/** A copy of a script in a sandbox of its own, which is asked for one thing after another. */
export class RetraceRun implements SlotOwner {
  readonly #slot: Slot;
  #waiting: Waiting | undefined;
  #lost: string | undefined;

  constructor(placement: Placement, version: LoadedVersion) {
    this.#slot = placement.place(placement.forRehearsals(version), this, { ownSandbox: true });
  }

  /** Resolves with what the calls came to. Rejects where the sandbox is lost. */
  ask(calls: readonly RetracedCall[]): Promise<PostedResult[]> {
    if (calls.length === 0) return Promise.resolve([]);
    if (this.#lost !== undefined) return Promise.reject(new Error(this.#lost));
    return new Promise((resolve, reject) => {
      this.#waiting = { calls, results: [], resolve, reject };
      for (const { call, muted, foreign, guarded } of calls) this.#slot.post(call, muted, foreign, guarded);
    });
  }

  answered(result: PostedResult): void {
    const waiting = this.#waiting;
    if (!waiting || result.posted.call !== waiting.calls[waiting.results.length]?.call) return;
    waiting.results.push(result);
    if (waiting.results.length < waiting.calls.length) return;
    this.#waiting = undefined;
    waiting.resolve(waiting.results);
  }

  lost(_: Slot, reason: string): void {
    this.#lost = reason;
    this.#waiting?.reject(new Error(reason));
    this.#waiting = undefined;
  }

  /** Gives the sandbox back. */
  end(): void {
    this.#slot.leave();
  }
}
