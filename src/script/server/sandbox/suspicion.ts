import type { Ending } from "../process/host_link.ts";
import type { Batch } from "./sandbox.ts";

/** What an ending proves about the only call that was with the host; at `proof` the call is guilty. */
const weight: Record<Ending, number> = { watchdog: 4, crash: 2, killed: 1 };
const proof = 4;

/**
 * What is held against one call. Nothing is concluded from an event that ran among others: progress frames come from
 * the interrupt handler, which native built-ins don't poll, so the last one may name the event before the culprit. A
 * call under suspicion runs again by itself, and only what happens then counts.
 */
export class Suspicion {
  /** It goes to the host in a batch of its own while the host has nothing else in hand. */
  alone = false;
  /** Its script needs a sandbox of its own: the memory that ran out may have been a neighbour's. */
  solo = false;
  #evidence = 0;
  #verdict: string | undefined;

  /** Why it is not to be handed over again, once that is proven. */
  get verdict(): string | undefined {
    return this.#verdict;
  }

  /** It was answered. */
  clear(): void {
    this.alone = this.solo = false;
    this.#evidence = 0;
  }

  /** Another version is to handle it, which it has done no harm yet. */
  acquit(): void {
    this.clear();
    this.#verdict = undefined;
  }

  testify(ending: Ending, reason: string): void {
    this.alone = true;
    this.#evidence += weight[ending];
    if (this.#evidence >= proof) this.convict(reason);
  }

  convict(reason: string): void {
    this.#verdict ??= reason;
  }
}

/**
 * The host ended while `batch` was the oldest that it had not answered, so it was in it, or in nothing: weighs a call that
 * was by itself, suspects all of several.
 */
export function hostEnded(batch: Batch, ending: Ending, reason: string): void {
  const [first] = batch.posted;
  if (first && batch.posted.length === 1) first.call.suspicion.testify(ending, reason);
  else for (const { call } of batch.posted) call.suspicion.alone = true;
}

/**
 * A sandbox was poisoned while it had `batch`. `culprit` is `[script, seq]` where the host knows it; `isolated` says
 * that no other script ever was in the sandbox, so that there is nobody else to blame.
 */
export function sandboxPoisoned(
  batch: Batch,
  reason: string,
  culprit: readonly [number, number] | undefined,
  isolated: boolean,
): void {
  const named = culprit
    ? batch.posted.find(({ call, slot }) => slot.number === culprit[0] && call.seq === culprit[1])
    : undefined;
  const only = named ?? (batch.posted.length === 1 ? batch.posted[0] : undefined);
  if (!only) for (const { call } of batch.posted) call.suspicion.alone = true;
  else if (!isolated) only.call.suspicion.alone = only.call.suspicion.solo = true;
  else if (named) only.call.suspicion.convict(reason);
  // Without a name the sandbox may have been given up before the batch came to it: weak evidence.
  else only.call.suspicion.testify("killed", reason);
}
