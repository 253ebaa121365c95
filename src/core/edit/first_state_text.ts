import type { FirstStateFault } from "../ports/scripts.ts";

/** Returns what is told of a definition that gives no first state. */
export function firstStateText({ type, reason }: FirstStateFault): string {
  const what =
    type === null ? "The application can't start again" : `New rooms of type "${type}" can't be opened`;
  return `${what}: state() failed: ${reason}`;
}
