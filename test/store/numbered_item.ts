import type { Write } from "../../src/core/ports/journal_store.ts";

/** Returns a change that keeps an item of the application `chat`, whose key is a number. */
export function put(number: number): Write {
  return { kind: "put", at: { application: "chat" }, item: "room", key: `${number}`, value: "{}" };
}
