/** The frames of hotroom.v1 as a client sees them; the server's side of the same wire is `protocol/`. */
import type { RequestEvent, UserData } from "../../protocol/codec.ts";
import { isObject } from "../../protocol/json_object.ts";

/** What the client sends. */
export interface OutgoingFrame {
  event: RequestEvent;
  id?: number;
  room?: string;
  type?: string;
  data?: unknown;
}

/** What went wrong, as frames say it. */
export interface ErrorFrame {
  code: string;
  message: string;
  data?: unknown;
}

/** The one answer to a frame that had an id. */
export type ReplyFrame = { id: number; seq?: number } & (
  | { ok: true; data?: unknown }
  | { ok: false; error: ErrorFrame }
);

/** A room as lists have it. */
export interface ListedRoomFrame {
  room: string;
  type: string;
  users: number;
  maxUsers?: number;
  locked: boolean;
  password: boolean;
  meta?: unknown;
}

/** A room of a list that is followed, as it is now, or one that is in none any more. */
export type RoomChangeFrame =
  | ({ event: "room_change" } & ListedRoomFrame)
  | { event: "room_change"; room: string; type: string; gone: true };

/** What the server sends unasked. */
export type EventFrame = { seq?: number } & (
  | { event: "message"; room?: string; type: string; data?: unknown }
  | { event: "join" | "disconnect" | "reconnect"; room: string; user: UserData }
  | { event: "leave"; room: string; user: UserData; reason?: string; to?: string }
  | { event: "unsubscribed"; room: string; reason?: string }
  | { event: "joined"; room: string; type: string; users: MemberData[] }
  | RoomChangeFrame
  | { event: "edit"; version: string }
  | { event: "room_add"; room: string; type: string }
  | { event: "room_remove"; room: string; reason?: string }
  | { event: "error"; error: ErrorFrame; room?: string }
);

/** A user in a list of members; `connected` is false where it is away. */
export interface MemberData extends UserData {
  readonly connected?: boolean;
}

/** A room that the user is in or watches, as it is when a session goes on. */
export interface RoomState {
  room: string;
  type: string;
  users: readonly MemberData[];
  watching?: boolean;
}

/** What a login gives, and with `outcome` a session that goes on; docs/PROTOCOL.md has the meaning of each. */
export interface SessionData {
  user: UserData;
  session: string;
  grace?: number;
  outcome?: "resumed" | "reset";
  received?: number;
  /** The number up to which the server needs no frames any more, where it keeps sessions for the one that is started in its place. */
  kept?: number;
  /** Numbers of frames beyond `received` that a server has taken which was started again since. */
  beyond?: readonly number[];
  missed?: number;
  rooms?: readonly RoomState[];
  lost?: readonly (string | null)[];
}

/** Parses a frame of the server; returns undefined if it is not one of this protocol. An unknown event is returned as it is. */
export function parseFrame(text: unknown): ReplyFrame | EventFrame | { event: string } | undefined {
  if (typeof text !== "string") return undefined;
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(frame)) return undefined;
  if ("event" in frame) return typeof frame.event === "string" ? (frame as EventFrame) : undefined;
  if (!("id" in frame) || typeof frame.id !== "number" || !("ok" in frame)) return undefined;
  const failed = frame as { ok: unknown; error?: { code?: unknown; message?: unknown } | null };
  if (failed.ok !== true && typeof failed.error?.code !== "string") return undefined;
  return frame as unknown as ReplyFrame;
}
