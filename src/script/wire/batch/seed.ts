import { Buffer } from "node:buffer";

/** Bytes of a seed: 128 bits can't be tried. */
const SEED_BYTES = 16;

/** Returns what chance follows from, as hexadecimal digits: drawn anew, from the runtime's secure generator. */
export function newSeed(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(SEED_BYTES))).toString("hex");
}
