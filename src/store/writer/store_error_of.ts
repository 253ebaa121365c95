import { messageOf } from "../../core/errors.ts";
import { StoreError } from "../../core/ports/journal_store.ts";

/**
 * Returns what the system's or SQLite's error means. SQLite is told by its messages, since Deno gives no codes; where a read or
 * write has failed nobody knows what is on the disk.
 */
export function storeErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = messageOf(error);
  const code = (error as { code?: string }).code;
  if (code === "ENOSPC" || code === "EDQUOT" || /disk is full/.test(message))
    return new StoreError("no_space", "the disk is full");
  if (code === "EROFS" || code === "EACCES" || code === "EPERM" || /readonly|unable to open/.test(message))
    return new StoreError("read_only", "the folder can't be written to");
  if (/malformed|not a database/.test(message))
    return new StoreError("damaged", `store.db is damaged: ${message}`, true);
  return new StoreError("io_failed", message, true);
}
