import type { JsonText } from "../ports/event.ts";

/** What stands in JSON as it is. */
const PLAIN = /^[\w .:@/-]*$/;

/** Returns the JSON of a name: most have nothing to escape, and to look is cheaper than to have it written. */
export function jsonName(name: string): JsonText {
  return PLAIN.test(name) ? `"${name}"` : JSON.stringify(name);
}
