import { HotroomError } from "../core/errors.ts";
import type { JsonText } from "../core/ports/event.ts";
import { textOfBytes } from "../protocol/bytes.ts";
import { isName, nameProblem } from "../protocol/names.ts";

/** Returns a message to clients: a type, and data that is JSON or a `Uint8Array`. Throws HotroomError: `invalid_name`, `invalid_data`. */
export function messageOfType(type: string, data: unknown) {
  if (!isName(type)) throw new HotroomError("invalid_name", `Cannot send the message: ${nameProblem(type)}`);
  const text = data instanceof Uint8Array ? textOfBytes(data) : jsonOf(`send "${type}"`, data);
  return { event: "message" as const, type, ...(text !== undefined && { data: text }) };
}

/** Returns data as JSON, undefined where there is none; `doing` begins the message. Throws HotroomError `invalid_data`. */
export function jsonOf(doing: string, data: unknown): JsonText | undefined {
  if (data === undefined) return undefined;
  try {
    const text: string | undefined = JSON.stringify(data);
    if (text !== undefined) return text;
  } catch {
    // It is in a circle, or has a BigInt.
  }
  throw new HotroomError("invalid_data", `Cannot ${doing}: the data is no JSON.`);
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
