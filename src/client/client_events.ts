import type { Closed } from "./connection/link.ts";
import type { HotroomClientError } from "./error.ts";
import type { RoomIn } from "./room/declared.ts";
import type { RoomChange } from "./room/listed_room.ts";
import type { Room } from "./room/room.ts";
import type { Back, Expired, Reset } from "./session/session_events.ts";

/** A room of the application, by name and type. */
export interface RoomInfo {
  name: string;
  type: string;
}

/**
 * What happens outside of rooms; messages are not among these, they are heard with `messages.on`. `A` is the type of the application's
 * definition.
 */
export type ClientEvents<A = unknown> = {
  /** The connection was lost; the client comes back by itself, and what is sent meanwhile waits. */
  away: [closed: Closed];
  /** The client is back; what it has missed follows. */
  back: [back: Back];
  /** Something could not be kept while the client was away: ask for it anew. `back` follows. */
  reset: [reset: Reset];
  /** The session is over, for the client was away for too long or the server has restarted. */
  expired: [expired: Expired];
  /** A room was made in the application. */
  room_add: [room: RoomInfo];
  /** A room was closed; a `Room` of it has its `end` event too. */
  room_remove: [room: { name: string; reason: string | undefined }];
  /** A script has put the user into a room; one that it has left for it has its `end` event before, with the cause `moved`. */
  joined: [room: Room<RoomIn<A>>];
  /** Something has changed in a room of the list that is followed (`listRooms` with `live`), or it is in none any more. */
  room_change: [room: RoomChange];
  /** The application was edited: its scripts, or the pages. Only of a server that runs with `--dev`. */
  edit: [edit: { version: string }];
  /** Something failed that nobody waits for: a message sent without asking for a reply, a frame that isn't understood. */
  error: [error: HotroomClientError];
  /** The connection has ended, and the client does not come back; rooms have their `end` events too. */
  close: [closed: Closed];
  /** Each frame as it goes over the wire, before it is handled, a Uint8Array where it is binary: for logs and tools. It may hold secrets. */
  frame: [direction: "in" | "out", frame: string | Uint8Array];
};
