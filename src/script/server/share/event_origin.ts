import type { ScriptEvent } from "../../../core/ports/event.ts";

/**
 * Who makes an event: a client, or a caller of the API, that asks for something, a connection that comes or goes, a script with an
 * emit, a timer or a fetch, or the server itself. Of the first three there can be any number, so as many of each may wait for a
 * script as `limits.queue` says. Of the last there are no more than users and extensions make them (a user can't come back as long
 * as much of its coming and going waits, core/user/come_back.ts), and what they tell must not get lost.
 */
export type EventOrigin = "client" | "connection" | "script" | "server";

/** Returns who makes an event. */
export function originOf(event: ScriptEvent): EventOrigin {
  switch (event.kind) {
    case "message":
    case "login":
    case "create":
    case "join":
    case "watch":
    case "request":
    case "edit":
      return "client";
    case "created":
      return event.user === undefined ? "script" : "client";
    case "connect":
      return "connection";
    case "disconnect":
      return event.user === undefined ? "connection" : "server";
    case "emit":
      return event.reply ? "client" : "script";
    case "timer":
    case "fetched":
      return "script";
    default:
      return "server";
  }
}
