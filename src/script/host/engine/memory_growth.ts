import type { Engine } from "./engine.ts";

/** Least time between the birth of a sandbox and a measurement, and between two of them, ms. */
export const REST = 30_000;
/** Share of the cap from which on a memory's size matters, and share of its size that must be in use to justify it. */
const LARGE = 0.5;
const USED = 0.25;

/**
 * Whether a sandbox has grown: a WebAssembly memory never shrinks, so one that needed much of its cap once holds it for
 * ever, in pieces. Measuring what is in use walks the guest's heap (6 ms for 200,000 objects on Bun 1.4.5), so it is rare;
 * and a sandbox is left alone for a while, so that an application whose events need much memory isn't moved all the time.
 */
export class MemoryGrowth {
  #next: number;

  /** `cap` is the most that the memory may have, bytes. */
  constructor(
    private readonly engine: Pick<Engine, "memory" | "inUse">,
    private readonly cap: number,
    now: number,
  ) {
    this.#next = now + REST;
  }

  /** Whether most of a large memory is not in use; no call may be running. */
  hasGrown(now: number): boolean {
    if (now < this.#next) return false;
    const { byteLength } = this.engine.memory.buffer;
    if (byteLength < this.cap * LARGE) return false;
    this.#next = now + REST;
    return this.engine.inUse() < byteLength * USED;
  }
}
