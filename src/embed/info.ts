import type { Room } from "../core/room/room.ts";
import type { User } from "../core/user/user.ts";

/** A user at one moment, as a program is told of it. */
export interface UserInfo {
  readonly id: string;
  readonly name: string;
  /** What the `login` handler has attached. */
  readonly data: unknown;
  /** Whether there is a connection; without one the user is away, and may come back. */
  readonly connected: boolean;
}

/** A room at one moment, as a program is told of it. */
export interface RoomInfo {
  readonly name: string;
  readonly type: string;
}

/** Returns a user as it is now. */
export function userInfo({ id, name, view, isConnected }: User): UserInfo {
  const data = view.data === undefined ? undefined : JSON.parse(view.data);
  return { id, name, data, connected: isConnected };
}

/** Returns what is told of a room. */
export function roomInfo({ name, type }: Room): RoomInfo {
  return { name, type };
}
