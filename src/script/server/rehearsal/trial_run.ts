import type { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Placement } from "../host/placement.ts";
import { SandboxLosses } from "../sandbox/sandbox_losses.ts";
import type { PostedResult, Slot, SlotOwner } from "../sandbox/slot.ts";

/** One call of a trial run, and how it is posted. */
export interface TrialCall {
  readonly call: Call;
  readonly muted?: boolean;
  readonly foreign?: boolean;
}

/** A call that was proven to take sandboxes down. */
export interface Verdict {
  readonly call: Call;
  readonly verdict: string;
}

/** Runs calls in a slot of their own, as those of one script from its opening on; what they ask for reaches nobody. */
export class TrialRun implements SlotOwner {
  #calls: readonly TrialCall[] = [];
  #slot: Slot | undefined;
  #results: PostedResult[] = [];
  readonly #losses = new SandboxLosses();
  #resolve: (result: PostedResult[] | Verdict) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(
    private readonly placement: Pick<Placement, "place">,
    private readonly version: LoadedVersion,
  ) {}

  /**
   * Runs the calls. Resolves with what each came to, or with the one that takes sandboxes down; rejects if sandbox after
   * sandbox is lost.
   */
  run(calls: readonly TrialCall[]): Promise<PostedResult[] | Verdict> {
    this.#calls = calls;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#start();
    });
  }

  answered(result: PostedResult): void {
    const { call } = result.posted;
    if (call !== this.#calls[this.#results.length]?.call) return;
    call.suspicion?.clear();
    this.#results.push(result);
    if (this.#results.length < this.#calls.length) return;
    this.#slot?.leave();
    this.#resolve(this.#results);
  }

  lost(_: Slot, reason: string): void {
    for (const { call } of this.#calls) {
      const verdict = call.suspicion?.verdict;
      if (verdict !== undefined) return this.#resolve({ call, verdict });
    }
    if (this.#losses.add()) return this.#reject(new Error(reason));
    this.#start();
  }

  #start(): void {
    const ownSandbox =
      this.#losses.needsOwnSandbox || this.#calls.some(({ call }) => call.suspicion?.ownSandbox === true);
    this.#results = [];
    this.#slot = this.placement.place(this.version, this, { ownSandbox });
    for (const { call, muted, foreign } of this.#calls) this.#slot.post(call, muted, foreign);
  }
}
