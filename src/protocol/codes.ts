/** The codes that servers and clients share: of errors in replies and `error` events, and of closed connections. */

/** Every error code with its meaning; the server sends no other. docs/PROTOCOL.md shows this table. */
export const errorCodes = {
  bad_frame: "The frame is no JSON object of this protocol, or holds a value that can't be kept.",
  too_large: "The frame is larger than the server takes.",
  rate_limited:
    "The connection sent more frames, or wrong passwords, than it may; the frame was not handled.",
  busy: "Too many events wait for the script, or for too long; the frame was not handled and may be sent again later.",
  not_logged_in: "The request needs a user, and the connection has not logged in.",
  already_logged_in: "The connection carries a user already; log out first.",
  login_refused: "The application's login handler said no; the message is its reason.",
  invalid_name: "A name breaks the name rule, or a login gives none.",
  invalid_token:
    "The application asks for a token: there is none, it is not valid, or that of the session has expired.",
  name_taken: "Another user of the application has that name.",
  too_many_users: "The application has as many users as it may have.",
  session_expired: "The session token is unknown, was ended by a logout, or its grace period is over.",
  room_not_found: "The application has no room of that name.",
  room_exists: "The application has a room of that name already.",
  room_type_not_found: "The application has no room type of that name.",
  room_full: "The room has as many users, or watchers, as it may have.",
  room_locked: "The room is locked: no client can join it now.",
  room_closed: "The room closed before the request could be handled.",
  too_many_rooms:
    "The application has as many rooms as it may have, or no memory for one more; or the user has made, is in or watches as many as it may.",
  wrong_password: "The room has a password, and the one given is missing or is another.",
  create_refused: "The application's create handler said no; the message is its reason.",
  join_refused: "The room's join handler said no; the message is its reason.",
  watch_refused: "The room's watch handler said no; the message is its reason.",
  not_allowed: "The application doesn't let clients do that.",
  already_in_room: "The user is a member of the room already.",
  not_in_room: "The user is not a member of the room.",
  already_subscribed: "The connection watches the room already.",
  not_subscribed: "The connection does not watch the room.",
  no_handler: "The script has no handler for that type of message.",
  invalid_data: "The data does not fit what the handler or the request takes; the message names the path.",
  refused: "A message handler said no; the message is its reason.",
  handler_failed: "The script's handler threw, ran into a limit, or returned what can't be sent.",
  not_saved: "The event could not be saved, so it has not happened; it may be sent again later.",
  application_unavailable: "The application is not loaded, is being removed, or its script can't be run.",
  internal: "The server failed in a way that it has no code for; its log says more.",
} as const satisfies Record<string, string>;

/** A code of an error, as replies and `error` events carry it. */
export type ErrorCode = keyof typeof errorCodes;

/** Returns true if `text` is a code of this table: a client may meet a newer server's. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}

/**
 * Why the server closes a connection: the WebSocket close code, whether a client connects again after it, and the meaning,
 * which is sent as the close reason (at most 123 bytes) where a script gives none. The range is the rule: after 4000–4499
 * a client comes back (with a pause that grows), after 4500–4999 it does not, so that clients need not know codes that are
 * added later.
 */
export const closeCodes = {
  server_shutdown: { code: 4000, reconnect: true, meaning: "The server is stopping or restarting." },
  slow_client: {
    code: 4001,
    reconnect: true,
    meaning: "The client took its frames too slowly, and more waited for it than the server holds.",
  },
  login_timeout: {
    code: 4002,
    reconnect: true,
    meaning: "The connection had no user for too long; log in sooner after connecting.",
  },
  application_removed: {
    code: 4500,
    reconnect: false,
    meaning: "The application was removed while it ran.",
  },
  kicked: {
    code: 4501,
    reconnect: false,
    meaning: "A script put the user out of the application; the close reason is the script's.",
  },
  rate_abuse: {
    code: 4502,
    reconnect: false,
    meaning: "The client went on sending after many `rate_limited` errors.",
  },
  session_replaced: {
    code: 4503,
    reconnect: false,
    meaning: "The session was taken over by a newer connection.",
  },
} as const satisfies Readonly<Record<string, CloseCode>>;

/** One entry of the table of close codes. */
export interface CloseCode {
  readonly code: number;
  readonly reconnect: boolean;
  readonly meaning: string;
}

/** Name of a close code. */
export type CloseName = keyof typeof closeCodes;

/**
 * The standard codes (RFC 6455 §7.4.1 and the registry it founded) after which a client comes back: the path failed, not the
 * conversation. 1001 the server's process or a proxy goes away; 1005 closed without a code, as proxies do; 1006 cut off;
 * 1011 an error in the server; 1012 it restarts; 1013 it is overloaded; 1014 a gateway's upstream failed.
 */
const standardReconnect: ReadonlySet<number> = new Set([1001, 1005, 1006, 1011, 1012, 1013, 1014]);

/**
 * Returns true if a client should connect again after a close that it did not ask for. The other standard codes say no: 1000
 * is a deliberate end, and after 1002, 1003, 1007–1010 and 1015 the same client would meet the same end.
 */
export function mayReconnect(code: number): boolean {
  return standardReconnect.has(code) || (code >= 4000 && code <= 4499);
}
