import type { JsonText } from "../ports/event.ts";
import type { User } from "../user/user.ts";

/** What is kept of a user of a durable application. */
export interface KeptUser {
  readonly id: string;
  readonly name: string;
  /** What the login handler attached; JSON. */
  readonly data?: JsonText;
  /** Names of the durable rooms that it is in, and of those that it watches. */
  readonly rooms: readonly string[];
  readonly watched: readonly string[];
}

/** Returns a user as it is kept; undefined where it is gone. */
export function keptTextOf({ id, name, view: { data }, rooms, watched }: User): JsonText {
  const kept: KeptUser = {
    id,
    name,
    ...(data !== undefined && { data }),
    rooms: Array.from(
      rooms.values().filter(({ isDurable }) => isDurable),
      (room) => room.name,
    ),
    watched: Array.from(
      watched.values().filter(({ isDurable }) => isDurable),
      (room) => room.name,
    ),
  };
  return JSON.stringify(kept);
}
