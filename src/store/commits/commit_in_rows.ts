import { Buffer } from "node:buffer";

/** The changes of a commit that is in the rows only: none, and a word by which a copy of the rows from before knows that it lacks some. */
export const IN_ROWS = Buffer.from('{"places":[],"rows":[],"isInRows":true}\n');

/** Returns true if those are the changes of a commit. */
export function isInRows(changes: Uint8Array): boolean {
  return IN_ROWS.equals(changes);
}
