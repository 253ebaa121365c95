import type { Engine } from "./engine.ts";
import { INITIAL_BYTES } from "./wasm.ts";

/** Least time between the birth of a sandbox and the first measurement of its memory, and between two of them, ms. */
export const MEASURE_EVERY_MS = 30_000;
/** The same where memory is scarce, ms. */
export const LOOK_EVERY_MS = 10_000;
/** Share of the cap from which on the size of a memory matters. */
const LARGE_SHARE = 0.5;
/** Share of its size that must be in use to justify a large memory. */
const USED_SHARE = 0.25;
/**
 * Where memory is scarce: how many times as much as at first a heap must have taken to be worth a look, and the share of it that must be in
 * use to justify it. To bring a text takes three times its size, so a new heap takes no more than one of which less is in use.
 */
const LEAST_GROWTH = 2;
const SCARCE_USED_SHARE = 1 / 3;

/**
 * Finds out whether a sandbox has grown: a WebAssembly memory never shrinks, so one that needed much of its cap once holds
 * it for ever, in pieces. Measuring what is in use walks the guest's heap, so it is rare; and a sandbox is left alone for a
 * while, so that an application whose events need much memory isn't moved all the time.
 */
export class MemoryGrowth {
  #nextAtMs: number;
  #nextLookAtMs: number;
  /** What the heap had taken before anything ran, bytes. */
  readonly #first: number;
  /** What the guest took of its heap when that was measured, and the size of the memory then, bytes. */
  #used = 0;
  #measuredSize = INITIAL_BYTES;

  /**
   * `cap` is the most that the memory may have, bytes; `nowMs` is the birth of the sandbox; `reserve` is what the host itself has taken of the
   * heap.
   */
  constructor(
    private readonly engine: Pick<Engine, "memory" | "inUse" | "heapPeak">,
    private readonly cap: number,
    nowMs: number,
    private readonly reserve: { readonly reserved: number },
  ) {
    this.#nextAtMs = nowMs + MEASURE_EVERY_MS;
    this.#nextLookAtMs = nowMs + LOOK_EVERY_MS;
    this.#first = engine.heapPeak;
  }

  /**
   * Memory of the heap that the guest uses as it was last measured, which is done whenever the memory has grown; 0 if it never
   * was. No call may be running.
   */
  get used(): number {
    if (this.engine.memory.buffer.byteLength > this.#measuredSize) this.#measure();
    return this.#used;
  }

  /** Returns true if most of a large memory is not in use; no call may be running. */
  hasGrown(nowMs: number): boolean {
    if (nowMs < this.#nextAtMs) return false;
    const { byteLength } = this.engine.memory.buffer;
    if (byteLength < this.cap * LARGE_SHARE) return false;
    this.#nextAtMs = nowMs + MEASURE_EVERY_MS;
    this.#measure();
    return this.#used < byteLength * USED_SHARE;
  }

  /**
   * Returns true if most of what the heap has taken is not in use, which is too much to hold where memory is scarce; undefined if it is
   * too soon to know, or not worth it. No call may be running.
   */
  look(nowMs: number): boolean | undefined {
    const { heapPeak } = this.engine;
    if (nowMs < this.#nextLookAtMs || heapPeak < this.#first * LEAST_GROWTH) return undefined;
    this.#nextLookAtMs = nowMs + LOOK_EVERY_MS;
    this.#measure();
    return this.#used < heapPeak * SCARCE_USED_SHARE;
  }

  #measure(): void {
    this.#measuredSize = this.engine.memory.buffer.byteLength;
    this.#used = this.engine.inUse() - this.reserve.reserved;
  }
}
