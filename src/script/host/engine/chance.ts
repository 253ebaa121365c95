import { Buffer } from "node:buffer";
import { type Cipheriv, createCipheriv } from "node:crypto";

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

/** Seeds whose cipher a guest's chance keeps: to make one takes Deno five times as long as to use it. */
const MAX_CIPHERS = 64;

/**
 * Makes the chance of a guest: AES-128 in counter mode under the script's seed, from a counter that begins with the event's number
 * (docs/decisions/0021-chance.md). The same seed and event give the same bytes wherever that runs.
 */
export class Chance {
  /** Ciphers by seed, of single blocks: counting is done here, so that one does for all events of a script. */
  readonly #ciphers = new Map<string, Cipheriv>();
  readonly #counters = new Uint8Array(PART_BYTES);

  /** `address` is that of `CHANCE_BYTES` bytes in `memory` which stay where they are. */
  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly address: number,
  ) {}

  /** Writes the part that the guest has asked for. */
  fill(): void {
    const words = new DataView(this.memory.buffer, this.address, CHANCE_BYTES);
    const word = (place: number) => words.getUint32(4 * place, true);
    const first = word(ChanceWord.part) * BLOCKS_PER_PART;
    const counters = new DataView(this.#counters.buffer);
    for (let i = 0; i < BLOCKS_PER_PART; i++) {
      counters.setUint32(BLOCK_BYTES * i, word(ChanceWord.seqHigh));
      counters.setUint32(BLOCK_BYTES * i + 4, word(ChanceWord.seqLow));
      counters.setUint32(BLOCK_BYTES * i + 12, first + i);
    }
    const seed = Buffer.alloc(BLOCK_BYTES);
    for (let i = 0; i < 4; i++) seed.writeUInt32BE(word(ChanceWord.seed + i), 4 * i);
    const part = this.#cipherOf(seed).update(this.#counters);
    new Uint8Array(this.memory.buffer, this.address, PART_BYTES).set(part);
  }

  #cipherOf(seed: Buffer): Cipheriv {
    const name = seed.toString("latin1");
    const known = this.#ciphers.get(name);
    if (known) return known;
    if (this.#ciphers.size >= MAX_CIPHERS) this.#ciphers.clear();
    const cipher = createCipheriv("aes-128-ecb", seed, null).setAutoPadding(false);
    this.#ciphers.set(name, cipher);
    return cipher;
  }
}
