import type { JsonText } from "../ports/event.ts";
import type { WrittenBacklog } from "./backlog.ts";
import { FrameRecord, keyOf, readFrameRecord, type WrittenFrame } from "./frame_record.ts";

/**
 * Returns a record of an application's frame log without what is of a room; what else it has stays. Of an answer it is not known
 * which room gave it: those to users who may have missed something of the room go as well, and these are told anyway that it is
 * lost. `backlogs` has what was written of users, by id; of others, who are gone, nothing stays.
 */
export function recordWithoutRoom(
  record: JsonText,
  room: string,
  backlogs: ReadonlyMap<string, WrittenBacklog>,
): JsonText {
  const { of, more } = readFrameRecord(record);
  const without = new FrameRecord();
  for (const each of of) {
    const [key, isAll, gone, frames] = each;
    const backlog = backlogs.get(key);
    const isOfAll = key === keyOf(null) || key.startsWith(keyOf(""));
    if (key === keyOf(room) || !(isOfAll || backlog)) continue;
    if (isOfAll || !backlog) without.addWritten(each);
    else {
      const hears = backlog.spans.some(([, name]) => name === room);
      const stays = frames.filter((frame) => staysWithout(room, frame, hears, backlog.seen));
      without.addWritten([key, isAll, gone, stays]);
    }
  }
  return without.text(JSON.stringify(more));
}

/** Returns true if one of a user's own frames may stay: it was not seen, is not about the room, and answers none who may have missed something of it. */
function staysWithout(room: string, [number, , note]: WrittenFrame, hears: boolean, seen: number): boolean {
  return number > seen && note !== room && !(hears && note === 0);
}
