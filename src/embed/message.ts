import { HotroomError } from "../core/errors.ts";
import type { JsonText } from "../core/ports/event.ts";
import { textOfBytes } from "../protocol/bytes.ts";
import { DEFAULT_FRAME_BYTES, isLongerThan, unsoundness } from "../protocol/frame.ts";
import { isName, nameProblem } from "../protocol/names.ts";

/** Most that the data of one message, event or room has, bytes: as much as a client may send. */
const MAX_DATA_BYTES = DEFAULT_FRAME_BYTES;

/** Returns a message to clients: a type, and data that is JSON or a `Uint8Array`. Throws HotroomError: `invalid_name`, `invalid_data`, `too_large`. */
export function messageOfType(type: string, data: unknown) {
  if (!isName(type)) throw new HotroomError("invalid_name", `Cannot send the message: ${nameProblem(type)}`);
  const doing = `send "${type}"`;
  if (data instanceof Uint8Array && data.length > MAX_DATA_BYTES) throw tooLarge(doing);
  const text = data instanceof Uint8Array ? textOfBytes(data) : jsonOf(doing, data);
  return { event: "message" as const, type, ...(text !== undefined && { data: text }) };
}

/**
 * Returns data as JSON, undefined where there is none; `doing` begins the message. Throws HotroomError: `invalid_data`, `too_large`,
 * for data that no client could send either.
 */
export function jsonOf(doing: string, data: unknown): JsonText | undefined {
  if (data === undefined) return undefined;
  const text = textOf(data);
  if (text === undefined) throw new HotroomError("invalid_data", `Cannot ${doing}: the data is no JSON.`);
  if (isLongerThan(text, MAX_DATA_BYTES)) throw tooLarge(doing);
  const unsound = unsoundness(JSON.parse(text));
  if (unsound !== undefined) throw new HotroomError("invalid_data", `Cannot ${doing}: ${unsound}.`);
  return text;
}

function textOf(data: unknown): string | undefined {
  try {
    return JSON.stringify(data);
  } catch {
    return undefined; // It is in a circle, too deep, or has a BigInt.
  }
}

function tooLarge(doing: string): HotroomError {
  return new HotroomError("too_large", `Cannot ${doing}: the data is larger than ${MAX_DATA_BYTES} bytes.`);
}

/** Throws HotroomError where an emit was not queued; `unheard` makes it where nobody would hear it. */
export function checkEmitted(
  fate: "queued" | "busy" | "unheard",
  type: string,
  unheard: () => HotroomError,
): void {
  if (fate === "unheard") throw unheard();
  if (fate === "busy")
    throw new HotroomError("busy", `Cannot emit "${type}": too many events wait for the script.`);
}
