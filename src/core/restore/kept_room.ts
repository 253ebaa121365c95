import type { JsonText } from "../ports/event.ts";
import type { Room } from "../room/room.ts";
import type { RoomOptions, RoomUpdate } from "../room/room_options.ts";
import type { Standing } from "../version/versions.ts";

/** How a durable room is kept. */
export interface KeptRoom {
  /** How it was made. */
  readonly options: RoomOptions;
  /** How it is set now. */
  readonly settings: RoomUpdate;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Why it runs the version that it runs, and since when, ms since the epoch. */
  readonly standing: Standing;
  readonly since: number;
  readonly state: "opening" | "open" | "closing";
  /** Why it closes, where it does. */
  readonly reason?: string;
  readonly isAnnounced: boolean;
  /** Whether a join has made it that nobody was let in by yet. */
  readonly isProvisional: boolean;
  /** Whether a client has made it. */
  readonly isMade: boolean;
}

/** Returns what was kept of a room. */
export function readRoom(text: JsonText): KeptRoom {
  return JSON.parse(text);
}

/** Returns a room as it is kept. */
export function textOf(room: Room): JsonText {
  const { settings, createdAt, state, closingReason, isAnnounced, isProvisional, extension } = room;
  const kept: KeptRoom = {
    options: room.options,
    settings: settings.kept,
    createdAt,
    standing: extension.standing,
    since: extension.since,
    state: state === "closed" ? "closing" : state,
    ...(closingReason !== undefined && { reason: closingReason }),
    isAnnounced,
    isProvisional,
    isMade: room.isMade,
  };
  return JSON.stringify(kept);
}
