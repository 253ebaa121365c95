import type { JsonText } from "../ports/event.ts";
import type { Page, PageRequest } from "./page.ts";

/** A user, as the API shows it. */
export interface AdminUserView {
  readonly id: string;
  readonly name: string;
  /** Whether there is a connection; without one the user is away, and may come back. */
  readonly connected: boolean;
  /** Names of the first of the rooms that it is in, and how many there are; how many it watches. */
  readonly rooms: readonly string[];
  readonly roomCount: number;
  readonly watchCount: number;
  /** What the `login` handler has attached; only where one user is shown. */
  readonly data?: unknown;
}

/** A user's right to come back, without what it is shown by. */
export interface SessionView {
  readonly user: { readonly id: string; readonly name: string };
  /** Which one of the user's it is. */
  readonly number: number;
  readonly connected: boolean;
  /** When it ends unless the user comes back, ms since the epoch; absent while there is a connection. */
  readonly until?: number;
  /** Frames of the client that were taken. */
  readonly received: number;
}

/** Where a user is to be moved. */
export interface MoveRequest {
  readonly room: string;
  /** The room that it leaves for that; without it the only one that it is in. */
  readonly from?: string | undefined;
  /** For the `join` handler of the other one. */
  readonly data?: JsonText | undefined;
}

/**
 * The port of the API for users, by id or name. All throw (or reject with) HotroomError: `application_unavailable` where no version of the
 * application runs, `user_not_found`.
 */
export interface UserControl {
  users(application: string, page: PageRequest): Page<AdminUserView>;
  user(application: string, user: string): AdminUserView;
  sessions(application: string, page: PageRequest): Page<SessionView>;
  /** Sends a message to a user, as the application's script does; returns whom it went to. */
  send(application: string, user: string, type: string, data?: JsonText): AdminUserView;
  /** Puts a user out, and ends its session. */
  kick(application: string, user: string, reason: string): AdminUserView;
  /**
   * Has a user leave a room and join another one, as scripts do; in none, or where it is in that one, it only joins. Rejects with
   * HotroomError: `room_not_found`, `not_in_room`, `several_rooms`, `room_full`, `join_refused`, `too_many_rooms`, `room_closed`,
   * `handler_failed`, `busy`, `timeout`.
   */
  move(application: string, user: string, request: MoveRequest): Promise<AdminUserView>;
}
