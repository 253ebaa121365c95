import type { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Placement } from "../host/placement.ts";
import type { Slot, Settled, SlotOwner } from "../sandbox/slot.ts";

/** Sandboxes that one trial may lose before it is given up. */
const PATIENCE = 8;

/** One call of a trial, and how it is handed over. */
export interface Tried {
  readonly call: Call;
  readonly muted?: boolean;
  readonly foreign?: boolean;
}

/** A call that takes sandboxes down. */
export interface Verdict {
  readonly call: Call;
  readonly verdict: string;
}

/** Runs the calls of one script from the start, in a slot that nobody else knows. */
export class TrialRun implements SlotOwner {
  #calls: readonly Tried[] = [];
  #slot: Slot | undefined;
  #settled: Settled[] = [];
  #lost = 0;
  #resolve: (result: Settled[] | Verdict) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(
    private readonly placement: Placement,
    private readonly version: LoadedVersion,
  ) {}

  /** Resolves with what each call came to, or with the one that takes sandboxes down. Rejects where no sandbox lasts. */
  run(calls: readonly Tried[]): Promise<Settled[] | Verdict> {
    this.#calls = calls;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#start();
    });
  }

  settled(settled: Settled): void {
    if (settled.posted.call !== this.#calls[this.#settled.length]?.call) return;
    settled.posted.call.suspicion.clear();
    this.#settled.push(settled);
    if (this.#settled.length < this.#calls.length) return;
    this.#slot?.leave();
    this.#resolve(this.#settled);
  }

  lost(_: Slot, reason: string): void {
    for (const { call } of this.#calls) {
      const { verdict } = call.suspicion;
      if (verdict !== undefined) return this.#resolve({ call, verdict });
    }
    if (++this.#lost >= PATIENCE) return this.#reject(new Error(reason));
    this.#start();
  }

  #start(): void {
    const apart = this.#lost > 1 || this.#calls.some(({ call }) => call.suspicion.solo);
    this.#settled = [];
    this.#slot = this.placement.slot(this.version, this, apart);
    for (const { call, muted, foreign } of this.#calls) this.#slot.post(call, muted, foreign);
  }
}
