import { isBytes } from "../../../protocol/bytes.ts";
import { jsonName } from "../json_name.ts";
import type { JsonText } from "../../ports/event.ts";
import type { KeptEvent } from "../../ports/script_journal.ts";

/** What the record of a message begins with; any other event is JSON, and so begins with a brace. */
const MESSAGE = "m";

/** The head of a message's record; behind it come its data and its origin, of so many UTF-16 units, -1 where there is none. */
type MessageHead = readonly [
  seq: number,
  time: number,
  status: number,
  user: string,
  type: string,
  reply: 0 | 1,
  dataUnits: number,
  originUnits: number,
];

/**
 * Returns the record of an event. Of a message, of which there are many, the texts are in it as they are, unless they are bytes: JSON that is escaped in JSON
 * takes longer to write and more space.
 */
export function eventRecord(kept: KeptEvent): string {
  const { event, isForeign } = kept;
  if (event.kind !== "message" || isForeign || isBytes(event.data ?? "")) return JSON.stringify(kept);
  const { seq, time, status, origin = "" } = kept;
  const { user, type, reply, data = "" } = event;
  const dataUnits = event.data === undefined ? -1 : data.length;
  const originUnits = kept.origin === undefined ? -1 : origin.length;
  const names = `${jsonName(user)},${jsonName(type)}`;
  const head = `${seq},${time},${status},${names},${reply ? 1 : 0},${dataUnits},${originUnits}`;
  return `${MESSAGE}[${head}]\n${data}${origin}`;
}

/** Returns the event of a record. Throws SyntaxError where it is none. */
export function readEventRecord(record: string): KeptEvent {
  if (!record.startsWith(MESSAGE)) return JSON.parse(record) as KeptEvent;
  const end = record.indexOf("\n");
  const head = JSON.parse(record.slice(MESSAGE.length, end)) as MessageHead;
  const [seq, time, status, user, type, reply, dataUnits, originUnits] = head;
  const data = textAt(record, end + 1, dataUnits);
  const origin = textAt(record, end + 1 + Math.max(0, dataUnits), originUnits);
  return {
    seq,
    time,
    event: { kind: "message", user, type, reply: reply === 1, ...(data !== undefined && { data }) },
    status,
    ...(origin !== undefined && { origin }),
  };
}

function textAt(record: string, at: number, units: number): JsonText | undefined {
  return units < 0 ? undefined : record.slice(at, at + units);
}
