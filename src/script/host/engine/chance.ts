import { createCipheriv } from "node:crypto";

/** Bytes of chance that the guest is given at a time. */
const PART_BYTES = 1024;
/** Bytes of a block of AES. */
const BLOCK_BYTES = 16;
const BLOCKS_PER_PART = PART_BYTES / BLOCK_BYTES;

/**
 * Places of the 32-bit words that host and guest share: the host writes the chance, the guest whose it is to be: the seed of the script,
 * the number of the event in two words, and which part of what that event may use.
 */
export const ChanceWord = {
  seed: PART_BYTES / 4,
  seqHigh: PART_BYTES / 4 + 4,
  seqLow: PART_BYTES / 4 + 5,
  part: PART_BYTES / 4 + 6,
} as const;

/** Bytes of the shared words. */
export const CHANCE_BYTES = (ChanceWord.part + 1) * 4;

const zeros = new Uint8Array(PART_BYTES);

/**
 * Makes the chance of a guest: AES-128 in counter mode under the script's seed, from a counter that begins with the event's number
 * (docs/decisions/0021-chance.md). The same seed and event give the same bytes wherever that runs.
 */
export class Chance {
  readonly #key = new Uint8Array(BLOCK_BYTES);
  readonly #counter = new Uint8Array(BLOCK_BYTES);

  /** `address` is that of `CHANCE_BYTES` bytes in `memory` which stay where they are. */
  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly address: number,
  ) {}

  /** Writes the part that the guest has asked for. */
  fill(): void {
    const words = new DataView(this.memory.buffer, this.address, CHANCE_BYTES);
    const key = new DataView(this.#key.buffer);
    for (let i = 0; i < 4; i++) key.setUint32(4 * i, words.getUint32(4 * (ChanceWord.seed + i), true));
    const counter = new DataView(this.#counter.buffer);
    counter.setUint32(0, words.getUint32(4 * ChanceWord.seqHigh, true));
    counter.setUint32(4, words.getUint32(4 * ChanceWord.seqLow, true));
    counter.setUint32(12, words.getUint32(4 * ChanceWord.part, true) * BLOCKS_PER_PART);
    const part = createCipheriv("aes-128-ctr", this.#key, this.#counter).update(zeros);
    new Uint8Array(this.memory.buffer, this.address, PART_BYTES).set(part);
  }
}
