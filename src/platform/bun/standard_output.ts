import { write } from "node:fs";

/** Descriptor of standard output. */
const STDOUT = 1;

/** Writes to standard output in a thread of its own; resolves with how many bytes were taken. */
export function writeOutput(bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    // Not `process.stdout`, which keeps without a bound what a reader does not take (seen on Bun 1.4.5, November 2026).
    write(STDOUT, bytes, 0, bytes.length, null, (error, taken) => (error ? reject(error) : resolve(taken)));
  });
}
