/** The errors of goroomserver's wire (its `server/constants.go`) and how ours become them. */
import type { ErrorCode } from "../codes.ts";
import { EventType } from "./events.ts";

/** Numbers of its errors; 500 is its "Server Error", here what fails a message and has no number of its own. */
export const ErrorNumber = {
  appNameInvalid: 1,
  userUnavailable: 2,
  login: 3,
  alreadyLoggedIn: 4,
  logout: 5,
  roomNameInvalid: 6,
  roomNotFound: 7,
  alreadyInRoom: 8,
  notInRoom: 9,
  invalidEvent: 10,
  disconnection: 11,
  join: 12,
  leave: 13,
  server: 500,
} as const;

/** Its texts for the numbers that have one cause; the others gather several of ours, and carry our message. */
const texts: ReadonlyMap<number, string> = new Map([
  [ErrorNumber.appNameInvalid, "App name is invalid"],
  [ErrorNumber.userUnavailable, "User unavailable in app"],
  [ErrorNumber.alreadyLoggedIn, "User already logged in to app"],
  [ErrorNumber.roomNameInvalid, "Room name provided is invalid"],
  [ErrorNumber.roomNotFound, "Room does not exist in app"],
  [ErrorNumber.alreadyInRoom, "User has already joined the room"],
  [ErrorNumber.notInRoom, "User is not available in the room"],
]);

/** Numbers of those of our codes that mean the same whatever was asked. */
const numbers: { readonly [code in ErrorCode]?: number } = {
  application_unavailable: ErrorNumber.appNameInvalid,
  not_logged_in: ErrorNumber.userUnavailable,
  session_expired: ErrorNumber.userUnavailable,
  login_refused: ErrorNumber.login,
  invalid_token: ErrorNumber.login,
  name_taken: ErrorNumber.login,
  too_many_users: ErrorNumber.login,
  already_logged_in: ErrorNumber.alreadyLoggedIn,
  room_not_found: ErrorNumber.roomNotFound,
  room_closed: ErrorNumber.roomNotFound,
  already_in_room: ErrorNumber.alreadyInRoom,
  already_subscribed: ErrorNumber.alreadyInRoom,
  not_in_room: ErrorNumber.notInRoom,
  not_subscribed: ErrorNumber.notInRoom,
  bad_frame: ErrorNumber.invalidEvent,
  too_large: ErrorNumber.invalidEvent,
  no_handler: ErrorNumber.invalidEvent,
  room_full: ErrorNumber.join,
  room_locked: ErrorNumber.join,
  wrong_password: ErrorNumber.join,
  join_refused: ErrorNumber.join,
  watch_refused: ErrorNumber.join,
};

/** Number of everything else, by the number of the event that failed. */
const numbersByEvent: ReadonlyMap<number, number> = new Map([
  [EventType.disconnection, ErrorNumber.disconnection],
  [EventType.joinRoom, ErrorNumber.join],
  [EventType.leaveRoom, ErrorNumber.leave],
  [EventType.login, ErrorNumber.login],
  [EventType.logout, ErrorNumber.logout],
  [EventType.reconnect, ErrorNumber.login],
  [EventType.subscribe, ErrorNumber.join],
  [EventType.unsubscribe, ErrorNumber.leave],
]);

/** Returns its text for a number that has one cause; undefined for the others. */
export function textOf(code: number): string | undefined {
  return texts.get(code);
}

/** Returns its number for an error of ours; `eventType` is the number of the event that failed, 0 where there is none. */
export function numberOf(code: string, eventType: number): number {
  if (code === "invalid_name") {
    return eventType === EventType.login ? ErrorNumber.login : ErrorNumber.roomNameInvalid;
  }
  const same = Object.hasOwn(numbers, code) ? numbers[code as ErrorCode] : undefined;
  return same ?? numbersByEvent.get(eventType) ?? ErrorNumber.server;
}
