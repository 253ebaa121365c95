import { Buffer } from "node:buffer";

/** What is looked at and copied as one. */
const BLOCK = 4096;
const LARGE = 65536;
const zeros = new Uint8Array(LARGE);

/** A stretch of memory, bytes. */
export interface Run {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * A copy of what is in an engine's memory while no call is running in it. The whole state of an engine is its memory then:
 * the module's only mutable global is the stack pointer, which is where it started (a test reads it from the module).
 */
export class MemoryImage {
  /** Bytes of memory that the copy takes. */
  readonly size: number;

  /** `runs` are all that is not zero. */
  constructor(readonly runs: readonly Run[]) {
    this.size = runs.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /**
   * Copies a memory. `fresh` are the blocks that a new engine has filled by itself, see `filledBlocks`: they are copied even
   * where they are zero by now.
   */
  static of(memory: ArrayBuffer, fresh: ReadonlySet<number>): MemoryImage {
    const filled = new Set([...filledBlocks(memory), ...fresh]);
    const runs: Run[] = [];
    for (let block = 0; block * BLOCK < memory.byteLength; block++) {
      if (!filled.has(block)) continue;
      const first = block;
      while (filled.has(block + 1)) block++;
      const bytes = new Uint8Array(memory.slice(first * BLOCK, (block + 1) * BLOCK));
      runs.push({ at: first * BLOCK, bytes });
    }
    return new MemoryImage(runs);
  }

  /** Makes a new engine's memory the same as the one that the copy is of. */
  copyTo(memory: ArrayBuffer): void {
    const target = new Uint8Array(memory);
    for (const { at, bytes } of this.runs) target.set(bytes, at);
  }
}

/** Numbers of the blocks of a memory that have anything but zeros in them. */
export function filledBlocks(memory: ArrayBuffer): Set<number> {
  const filled = new Set<number>();
  const bytes = Buffer.from(memory);
  const isEmpty = (at: number, size: number) => bytes.compare(zeros, 0, size, at, at + size) === 0;
  for (let large = 0; large < bytes.length; large += LARGE) {
    if (isEmpty(large, LARGE)) continue;
    for (let at = large; at < large + LARGE; at += BLOCK) if (!isEmpty(at, BLOCK)) filled.add(at / BLOCK);
  }
  return filled;
}
