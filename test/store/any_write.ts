import type { ItemKind, LogKind, Place, Write } from "../../src/core/ports/journal_store.ts";
import type { Random } from "../torture/random.ts";

/** Where changes are, and in which logs. */
export const places: Place[] = ["a", "b"].flatMap((application) => [
  { application },
  { application, room: "x" },
  { application, room: "y" },
]);
const items: ItemKind[] = ["user", "script", "schedule"];
export const logs: LogKind[] = ["events", "frames"];

/** Returns a change that has little in common with others, but is of the same few places, keys and numbers. */
export function anyWrite(random: Random): Write {
  const pick = (limit: number) => random.below(limit);
  const at = places[pick(places.length)] as Place;
  const item = items[pick(items.length)] as ItemKind;
  const log = logs[pick(logs.length)] as LogKind;
  const key = String(pick(4));
  const text = JSON.stringify("x".repeat(pick(1500)) + pick(1000));
  const kind = pick(100);
  if (kind < 40) return { kind: "put", at, item, key, value: text };
  if (kind < 50) return { kind: "delete", at, item, key };
  if (kind < 85) return { kind: "append", at, log, number: pick(50), record: text };
  if (kind < 91) return { kind: "trim", at, log, upTo: pick(50) };
  if (kind < 97) return { kind: "cut", at, log, from: pick(50) };
  return { kind: "forget", at };
}
