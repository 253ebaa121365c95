import { HEAP_OVERSHOOT_BYTES, HEAP_SLACK_BYTES } from "../wire/memory_bytes.ts";
import { Ballast } from "./ballast.ts";
import type { Engine } from "./engine/engine.ts";
import type { MemoryAccount } from "./memory_budget.ts";

/** Whose memory is the first to be too short for a heap: the application's, or that of all on the host. */
export const Shortage = { application: 1, host: 2 } as const;

/** What the guest of the sandbox is told, and what runs in it, as `EventRows` has it. */
interface Rows {
  heapLimit: number;
  shortage: number;
  isRefused: boolean;
  readonly isOwed: boolean;
  readonly hasOwed: boolean;
}

/**
 * Says how far the heap of one sandbox may grow: by what its account has left; where nothing is left by a slack, once, which no event that
 * fails uses up. The guest fails an event that has taken more.
 */
export class HeapLimit {
  /** What the heap had taken when there was something left, or at first, bytes. */
  #slackFrom: number;
  /** What events that have failed left the heap larger since, bytes. */
  #overshot = 0;
  /** What the heap had taken before the last batch, bytes. */
  #peakBefore: number;
  /** Takes what else would be free past the limit, between the batches in which something is owed. */
  readonly #ballast: Ballast;
  /** What the heap had taken when the ballast was filled last, bytes; 0 where that is to be done anew. */
  #filledAt = 0;
  #isFilling = false;

  constructor(
    private readonly engine: Pick<Engine, "heapPeak" | "heapRoom" | "crossing">,
    private readonly rows: Rows,
    private readonly account: MemoryAccount,
  ) {
    this.#slackFrom = this.#peakBefore = engine.heapPeak;
    this.#ballast = new Ballast(engine);
  }

  /** What of the heap is kept from the scripts, bytes. */
  get reserved(): number {
    return this.#ballast.bytes;
  }

  /** Whether an event has passed it by so much that the heap can't stay what it is. */
  get isFarPassed(): boolean {
    return this.engine.heapPeak > this.rows.heapLimit + HEAP_OVERSHOOT_BYTES;
  }

  /** Returns true if the memory may grow by so many bytes. */
  grow(bytes: number): boolean {
    if (this.#isFilling) return false;
    const mayGrow = this.account.reach(this.engine.heapRoom + bytes, this.rows.isOwed);
    this.rows.isRefused = !mayGrow;
    return mayGrow;
  }

  /** Sets the limit for the batch that comes, which is in the rows. */
  set(): void {
    const { left, isHostShort } = this.account;
    if (!this.#ballast.isEmpty && (left > 0 || this.rows.hasOwed)) {
      this.#ballast.release();
      this.#filledAt = 0;
    }
    const peak = this.engine.heapPeak;
    if (left > 0) {
      this.#slackFrom = peak;
      this.#overshot = 0;
    } else if (peak > this.rows.heapLimit) this.#overshot += peak - this.#peakBefore;
    this.#peakBefore = peak;
    // Past that the scripts have what the ballast leaves to them.
    const slackTo = this.#slackFrom + Math.min(this.#overshot, HEAP_OVERSHOOT_BYTES) + HEAP_SLACK_BYTES;
    this.rows.heapLimit = Math.max(peak, peak + left, slackTo);
    this.rows.shortage = isHostShort ? Shortage.host : Shortage.application;
    this.rows.isRefused = false;
  }

  /** Keeps what a batch has left free past the limit from being used by the next ones. */
  settle(): void {
    if (this.account.left >= 0 || this.engine.heapPeak === this.#filledAt) return;
    this.#isFilling = true;
    this.#ballast.fill(this.engine.heapPeak - this.#slackFrom - HEAP_SLACK_BYTES);
    this.#isFilling = false;
    this.#filledAt = this.engine.heapPeak;
  }
}
