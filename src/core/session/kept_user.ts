import type { History } from "../history/history.ts";
import type { WrittenBacklog } from "../history/backlog.ts";
import type { JsonText } from "../ports/event.ts";
import type { User } from "../user/user.ts";

/** Which frames of a session were answered: the session's number, and its count; all frames up to the next number, and further ones. */
export type KeptAnswers = readonly number[];

/** A frame of a client, by which session it came, and its number there in that count. */
export interface SessionFrame {
  readonly session: number;
  readonly count: number;
  readonly frame: number;
}

/** What is kept of a session. */
export interface KeptSession {
  /** Which one of the user's it is: others have frames of the same numbers. */
  readonly number: number;
  /** How often its frames were counted anew. */
  readonly count: number;
  /** Up to which all were answered when that was done last. */
  readonly base: number;
  /** Hashes of its secrets, the newest last. */
  readonly hashes: readonly string[];
  /** Frames that the client was told of with the newest secret, which it may not have got. */
  readonly told: readonly number[];
  /** Whether the client has shown that it has its secret. */
  readonly isConfirmed: boolean;
}

/** What is kept of a user of a durable application. */
export interface KeptUser {
  readonly id: string;
  readonly name: string;
  /** What the login handler attached; JSON. */
  readonly data?: JsonText;
  /** Names of the rooms that it is in, and of those that it watches: not only of durable ones, since it is told if one is gone. */
  readonly rooms: readonly string[];
  readonly watched: readonly string[];
  /** Names of rooms whose scripts had not answered whether they let it in, or watch, as far as was kept. */
  readonly asked?: readonly string[];
  /** Id of the connection that it came by last. */
  readonly connection: string;
  /** Whether the scripts of its rooms take it for connected. */
  readonly isConnected: boolean;
  /** From when on the token that it logged in with is not valid any more, ms since the epoch. */
  readonly expires?: number;
  /** Set while it is taken out of all rooms and the application. */
  readonly isLeaving?: true;
  /** Absent of a user who can't come back, so that its rooms are told. */
  readonly session?: KeptSession;
  readonly backlog?: WrittenBacklog;
}

/** Returns a user as it is kept; `keyOf` gives the key of a history, 0 for one that is not kept. */
export function keptTextOf(user: User, keyOf: (history: History) => string | 0): JsonText {
  const { id, name, connection, rooms, watched, isConnected, session, backlog } = user;
  const { data } = user.view;
  const kept: KeptUser = {
    id,
    name,
    ...(data !== undefined && { data }),
    rooms: Array.from(rooms, (room) => room.name),
    watched: Array.from(watched, (room) => room.name),
    ...(user.asked.size > 0 && { asked: [...user.asked] }),
    connection: connection.id,
    isConnected,
    ...(user.expires !== undefined && { expires: user.expires }),
    ...(user.removal && { isLeaving: true }),
    ...(session && backlog && { session: session.kept, backlog: backlog.written(keyOf) }),
  };
  return JSON.stringify(kept);
}
