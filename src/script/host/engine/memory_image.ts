import { Buffer } from "node:buffer";

/** Bytes that are compared and copied as one. */
const BLOCK_BYTES = 4096;
/** Bytes that are compared first, since most of a memory is zeros. */
const CHUNK_BYTES = 65536;
const zeros = new Uint8Array(CHUNK_BYTES);

/** A stretch of memory. */
export interface Run {
  /** Address of its first byte. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * A copy of what is in an engine's memory while no call is running in it. The whole state of an engine is its memory then:
 * the module's only mutable global is the stack pointer, which is where it started (a test reads it from the module).
 */
export class MemoryImage {
  /** Memory that the copy takes, bytes. */
  readonly size: number;

  /** `runs` are all stretches that are not zero. */
  constructor(readonly runs: readonly Run[]) {
    this.size = runs.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /**
   * Returns a copy of a memory. `fresh` are the blocks that a new engine has filled by itself, see `filledBlocks`: they are
   * copied even where they are zero by now.
   */
  static of(memory: ArrayBuffer, fresh: ReadonlySet<number>): MemoryImage {
    const filled = new Set([...filledBlocks(memory), ...fresh]);
    const runs: Run[] = [];
    for (let block = 0; block * BLOCK_BYTES < memory.byteLength; block++) {
      if (!filled.has(block)) continue;
      const first = block;
      while (filled.has(block + 1)) block++;
      const bytes = new Uint8Array(memory.slice(first * BLOCK_BYTES, (block + 1) * BLOCK_BYTES));
      runs.push({ at: first * BLOCK_BYTES, bytes });
    }
    return new MemoryImage(runs);
  }

  /** Makes the memory of a new engine the same as the one that the copy is of. */
  copyTo(memory: ArrayBuffer): void {
    const target = new Uint8Array(memory);
    for (const { at, bytes } of this.runs) target.set(bytes, at);
  }
}

/** Returns the numbers of the blocks of a memory that have anything but zeros in them. */
export function filledBlocks(memory: ArrayBuffer): Set<number> {
  const filled = new Set<number>();
  const bytes = Buffer.from(memory);
  const isEmpty = (at: number, size: number) => bytes.compare(zeros, 0, size, at, at + size) === 0;
  for (let chunk = 0; chunk < bytes.length; chunk += CHUNK_BYTES) {
    if (isEmpty(chunk, CHUNK_BYTES)) continue;
    for (let at = chunk; at < chunk + CHUNK_BYTES; at += BLOCK_BYTES) {
      if (!isEmpty(at, BLOCK_BYTES)) filled.add(at / BLOCK_BYTES);
    }
  }
  return filled;
}
