import type { ListedRoomFrame, RoomChangeFrame } from "../connection/frames.ts";

/** Which rooms to list. */
export interface ListOptions {
  /** Of this type only. */
  type?: string;
  /** Only those that are neither locked nor full. */
  open?: boolean;
  /** Most rooms in the answer; 100 unless given, at most 1000. */
  limit?: number;
  /** Has `room_change` events told from now on, of all rooms of that type, or ends that. */
  live?: boolean;
}

/** A room of a list. */
export interface ListedRoom {
  name: string;
  type: string;
  users: number;
  /** Infinity where there is no limit. */
  maxUsers: number;
  locked: boolean;
  /** Whether one has to be given. */
  password: boolean;
  /** What the room tells of itself; undefined where it tells nothing. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a shape that the script decides.
  meta: any;
}

/** A room of a list as it is now, or one that has closed or is hidden. */
export type RoomChange = (ListedRoom & { gone: false }) | { name: string; type: string; gone: true };

/** What a list of rooms is answered with. */
export interface RoomPage {
  rooms: ListedRoom[];
  /** Whether there are others. */
  more: boolean;
}

/** Returns what the reply to a list of rooms says. */
export function roomPage(reply: unknown): RoomPage {
  const { rooms, more } = reply as { rooms: ListedRoomFrame[]; more: boolean };
  return { rooms: rooms.map(listedRoom), more };
}

function listedRoom({ room, type, users, maxUsers, locked, password, meta }: ListedRoomFrame): ListedRoom {
  return { name: room, type, users, maxUsers: maxUsers ?? Number.POSITIVE_INFINITY, locked, password, meta };
}

/** Returns what a `room_change` event says. */
export function changedRoom(frame: RoomChangeFrame): RoomChange {
  if ("gone" in frame) return { name: frame.room, type: frame.type, gone: true };
  return { ...listedRoom(frame), gone: false };
}
