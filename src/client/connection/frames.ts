/** The frames of hotroom.v1 as a client sees them; the server's side of the same wire is `protocol/`. */
import type { RequestEvent, UserData } from "../../protocol/codec.ts";
import { isObject } from "../../protocol/json_object.ts";

/** A frame as it goes over the wire: text, or where its data is bytes a header, a zero and these. */
export type SentFrame = string | Uint8Array<ArrayBuffer>;

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

/** A frame of the server; an event may be one that this client does not know. */
type ServerFrame = ReplyFrame | EventFrame | { event: string };

/** Parses a frame of the server; returns undefined if it is not one of this protocol. Where it is binary its data is a Uint8Array. */
export function parseFrame(data: unknown): ServerFrame | undefined {
  if (typeof data === "string") return parseText(data);
  if (!(data instanceof Uint8Array)) return undefined;
  const end = data.indexOf(0);
  const frame = end < 0 ? undefined : parseText(decoder.decode(data.subarray(0, end)));
  // A copy: whoever gets it may keep it, and the frame would be kept with it.
  const bytes = data.slice(end + 1);
  // Of what another user has sent, and the server has passed on, the sender stands in the header.
  const { from } = (frame ?? {}) as { from?: unknown };
  return frame && ({ ...frame, data: from === undefined ? bytes : { from, data: bytes } } as ServerFrame);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes a frame; one whose data is bytes is binary. Throws what JSON.stringify does, and TypeError for bytes inside of other data and for other views. */
export function writeFrame(frame: OutgoingFrame): SentFrame {
  const bytes = bytesOf(frame.data);
  if (bytes !== undefined) return withBytes({ ...frame, data: undefined }, bytes);
  if (ArrayBuffer.isView(frame.data))
    throw new TypeError(
      `data is a ${frame.data.constructor.name}; its bytes are new Uint8Array(data.buffer)`,
    );
  const text = JSON.stringify(frame);
  // What JSON makes of bytes begins so.
  const path = text.includes('{"0":') ? pathOfBytes(frame.data) : undefined;
  if (path === undefined) return text;
  throw new TypeError(`data${path} is bytes, which are sent as the whole data of a message`);
}

/** Returns where bytes lie in data, as `.page[0].ink`; undefined where there are none. */
function pathOfBytes(data: unknown): string | undefined {
  if (bytesOf(data)) return "";
  if (typeof data !== "object" || data === null) return undefined;
  for (const [key, value] of Object.entries(data)) {
    const path = pathOfBytes(value);
    if (path !== undefined) return Array.isArray(data) ? `[${key}]${path}` : `.${key}${path}`;
  }
  return undefined;
}

/** Returns a frame with the number up to which all frames of the server have come: last in it, where servers read it at the least cost. */
export function withSeen(frame: SentFrame, seen: number): SentFrame {
  const told = `,"seen":${seen}}`;
  if (typeof frame === "string") return frame.slice(0, -1) + told;
  const end = frame.indexOf(0);
  const head = encoder.encode(told);
  const longer = new Uint8Array(frame.length - 1 + head.length);
  longer.set(frame.subarray(0, end - 1));
  longer.set(head, end - 1);
  longer.set(frame.subarray(end), end - 1 + head.length);
  return longer;
}

/** Returns bytes as they are given: an ArrayBuffer or a view of one; undefined for everything else. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return data instanceof Uint8Array ? data : undefined;
}

function withBytes(header: OutgoingFrame, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = encoder.encode(JSON.stringify(header));
  const frame = new Uint8Array(head.length + 1 + bytes.length);
  frame.set(head);
  frame.set(bytes, head.length + 1);
  return frame;
}

function parseText(text: string): ServerFrame | undefined {
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
