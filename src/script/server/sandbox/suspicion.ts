import type { Ending } from "../process/host_link.ts";

/** What an ending of the host proves about the only call that it had; at `PROOF` the call is guilty. */
const evidenceOf: Record<Ending, number> = { watchdog: 4, crash: 2, killed: 1 };
const PROOF = 4;

/**
 * What is held against one call. Nothing is concluded from an event that ran among others: progress frames come from
 * the interrupt handler, which native built-ins don't poll, so the last one may name the event before the culprit. A
 * call under suspicion runs again by itself, and only what happens then counts.
 */
export class Suspicion {
  /** Whether the call goes to the host in a batch of its own, while the host has nothing else in hand. */
  alone = false;
  /** Whether its script needs a sandbox of its own: the memory that ran out may have been a neighbour's. */
  ownSandbox = false;
  #evidence = 0;
  #verdict: string | undefined;

  /** Why the call is not to be handed over again; undefined unless that is proven. */
  get verdict(): string | undefined {
    return this.#verdict;
  }

  /** Drops what is held against the call: it was answered. */
  clear(): void {
    this.alone = this.ownSandbox = false;
    this.#evidence = 0;
  }

  /** Drops the verdict, too: another version is to handle the call, in which it has done no harm. */
  acquit(): void {
    this.clear();
    this.#verdict = undefined;
  }

  /** Weighs that the host ended while it had nothing but this call. */
  testify(ending: Ending, reason: string): void {
    this.alone = true;
    this.#evidence += evidenceOf[ending];
    if (this.#evidence >= PROOF) this.convict(reason);
  }

  /** Takes it for proven that the call takes down what it runs in; the first reason stands. */
  convict(reason: string): void {
    this.#verdict ??= reason;
  }
}

/** A call that was with a host, as it is judged. */
export interface Accused {
  readonly slot: { readonly number: number };
  readonly call: { readonly seq: number; suspect(): Suspicion };
}

/**
 * Judges the batch `posted`, which was the oldest that the host had not answered when it ended: whatever ran was in it. A
 * call that was by itself is weighed, of several each is suspected.
 */
export function hostEnded(posted: readonly Accused[], ending: Ending, reason: string): void {
  const [first] = posted;
  if (first && posted.length === 1) first.call.suspect().testify(ending, reason);
  else for (const { call } of posted) call.suspect().alone = true;
}

/**
 * Judges the batch `posted`, which a sandbox had when it was poisoned. `culprit` is `[script, seq]` where the host knows it;
 * `isolated` says that no other script ever was in the sandbox, so that there is nobody else to blame; `full` that memory was short,
 * for which the call needs less company and nothing else.
 */
export function sandboxPoisoned(
  posted: readonly Accused[],
  reason: string,
  culprit: readonly [number, number] | undefined,
  isolated: boolean,
  full = false,
): void {
  const named = culprit
    ? posted.find(({ call, slot }) => slot.number === culprit[0] && call.seq === culprit[1])
    : undefined;
  const only = (named ?? (posted.length === 1 ? posted[0] : undefined))?.call.suspect();
  if (!only) for (const { call } of posted) call.suspect().alone = true;
  else if (!isolated) {
    only.ownSandbox = true;
    only.alone ||= !full;
  } else if (named) only.convict(reason);
  // Without a name the sandbox may have been given up before the batch came to it: weak evidence.
  else only.testify("killed", reason);
}
