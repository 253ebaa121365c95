import { HEAP_OVERSHOOT_BYTES, HEAP_SLACK_BYTES } from "../wire/memory_bytes.ts";
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
}

/**
 * Says how far the heap of one sandbox may grow: by what its account has left; where nothing is left by a slack, once. The guest fails an
 * event that has taken more.
 */
export class HeapLimit {
  /** What the heap had taken when there was something left, or at first, bytes. */
  #slackFrom: number;

  constructor(
    private readonly engine: Pick<Engine, "heapPeak" | "heapRoom">,
    private readonly rows: Rows,
    private readonly account: MemoryAccount,
  ) {
    this.#slackFrom = engine.heapPeak;
  }

  /** Whether an event has passed it by so much that the heap can't stay what it is. */
  get isFarPassed(): boolean {
    return this.engine.heapPeak > this.rows.heapLimit + HEAP_OVERSHOOT_BYTES;
  }

  /** Returns true if the memory may grow by so many bytes. */
  grow(bytes: number): boolean {
    const mayGrow = this.account.reach(this.engine.heapRoom + bytes, this.rows.isOwed);
    this.rows.isRefused = !mayGrow;
    return mayGrow;
  }

  /** Sets the limit for a batch that comes. */
  set(): void {
    const { left, isHostShort } = this.account;
    const peak = this.engine.heapPeak;
    if (left > 0) this.#slackFrom = peak;
    this.rows.heapLimit = Math.max(peak, peak + left, this.#slackFrom + HEAP_SLACK_BYTES);
    this.rows.shortage = isHostShort ? Shortage.host : Shortage.application;
    this.rows.isRefused = false;
  }
}
