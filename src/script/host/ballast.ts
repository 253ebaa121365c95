import type { Engine } from "./engine/engine.ts";

/** Bytes of a block: what fits into no block's place is left to events that need next to nothing. */
const BLOCK_BYTES = 64 * 1024;
/** Blocks that are given back where nothing else is free, so that such events go on. */
const SPARE_BLOCKS = 2;

/**
 * Fills the holes of a heap that has taken more than it may, for what is owed: else its scripts would fill them, and the heap grow again
 * for what is owed next, without end (docs/decisions/0013-memory.md).
 */
export class Ballast {
  /** Addresses of the blocks. */
  readonly #blocks: number[] = [];

  constructor(private readonly engine: Pick<Engine, "heapPeak" | "crossing">) {}

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  /** What it has taken. */
  get bytes(): number {
    return this.#blocks.length * BLOCK_BYTES;
  }

  /** Takes what is free until it has `most` bytes; at the end the heap may have grown by a block. */
  fill(most: number): void {
    const { engine } = this;
    const peak = engine.heapPeak;
    while ((this.#blocks.length + 1) * BLOCK_BYTES <= most) {
      const address = engine.crossing.block(BLOCK_BYTES);
      if (address !== undefined) this.#blocks.push(address);
      if (address !== undefined && engine.heapPeak === peak) continue;
      for (let n = 0; n <= SPARE_BLOCKS; n++) this.#giveBack();
      return;
    }
  }

  /** Gives everything back. */
  release(): void {
    while (!this.isEmpty) this.#giveBack();
  }

  #giveBack(): void {
    const address = this.#blocks.pop();
    if (address !== undefined) this.engine.crossing.freeBlock(address);
  }
}
