import type { RoomTable } from "../../core/view/table/room_table.ts";
import type { ServerView } from "../../core/view/server_view.ts";
import { changesOf, type LiveEvent, type Look } from "./live_event.ts";
import { NamedRows } from "./named_rows.ts";

/** Users of one room that are shown. */
const SHOWN_USERS = 100;

/** Returns what looks at an application itself: its counts, its version, what is wrong with its newest edit. */
export function applicationLook(view: ServerView, name: string): Look {
  let before: object | undefined;
  return () => {
    const now = view.application(name);
    const changed = now && changesOf(before, now);
    before = now;
    return changed ? [{ event: "application", data: changed }] : [];
  };
}

/** Returns what looks at a table of rooms. */
export function tableLook(table: RoomTable): Look {
  const known = new NamedRows();
  let before: object | undefined;
  return () => {
    const view = table.view();
    if (!view) return [];
    const { rows, ...counts } = view;
    const data = { ...changesOf(before, counts), ...known.changes(rows) };
    before = counts;
    return Object.keys(data).length > 0 ? [{ event: "rooms", data }] : [];
  };
}

/** Returns what looks at one room and its users. */
export function roomLook(view: ServerView, application: string, name: string): Look {
  let before: object | undefined;
  let isThere = true;
  return () => {
    const room = view.room(application, name, { users: SHOWN_USERS });
    if (!room) {
      const events: LiveEvent[] = isThere ? [{ event: "room", data: { name, gone: true } }] : [];
      before = undefined;
      isThere = false;
      return events;
    }
    isThere = true;
    const changed = changesOf(before, room);
    before = room;
    return changed ? [{ event: "room", data: { name, ...changed } }] : [];
  };
}
