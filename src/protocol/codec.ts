/**
 * The port of a wire: how frames become requests, and how replies and events become frames. `hotroom/codec.ts` is the wire
 * hotroom.v1, `goroomserver/codec.ts` that of its ancestor; the core knows only this file.
 */
import type { WireFrame } from "./bytes.ts";
import type { ErrorCode } from "./codes.ts";

/** What a client can ask for. */
export type RequestEvent =
  | "login"
  | "logout"
  | "create"
  | "join"
  | "leave"
  | "message"
  | "subscribe"
  | "unsubscribe"
  | "rooms"
  | "reconnect"
  | "edits"
  | "ping";

/** One decoded and validated frame. */
export interface Request {
  readonly event: RequestEvent;
  /** Present where the client asks for a reply. */
  readonly id?: string | number;
  readonly room?: string;
  /** Type of a message. */
  readonly type?: string;
  /**
   * The data as a value, a Uint8Array where the frame is binary; else it holds nothing that JSON can't carry back (no Infinity, no lone
   * surrogates, no `__proto__` key).
   */
  readonly data?: unknown;
  /** Name of the application, on wires whose address does not name it. */
  readonly application?: string;
  /** The number up to which the client has all of its frames, where it says so; an integer from 0. */
  readonly seen?: number;
  /** Which of its connection's frames it was, where that is noted: by the connection. */
  place?: number;
}

/** A message that the server passes on: of a user, by id, in whom nothing is escaped. Its data is as of a message. */
export interface Relayed {
  readonly event: "relay";
  readonly room: string;
  readonly type: string;
  readonly from: string;
  readonly data?: string;
}

/** A user as clients see it. */
export interface UserData {
  readonly id: string;
  readonly name: string;
}

/** What went wrong, as clients see it. */
export interface ErrorData {
  readonly code: string;
  readonly message: string;
  /** JSON text: what a script has added to its refusal. */
  readonly data?: string;
}

/** What the server sends unasked; `room` and `type` are names, `application` is for wires whose frames name it. */
export type ServerEvent =
  /** The data is JSON, or bytes as text. */
  | { event: "message"; room?: string; type: string; data?: string }
  | Relayed
  | { event: "join"; room: string; user: UserData }
  /** `to` is the room that a script has moved the user to; for the user alone. */
  | { event: "leave"; room: string; user: UserData; reason?: string; to?: string }
  /** A script has put the user out of a room that it watched. */
  | { event: "unsubscribed"; room: string; reason?: string }
  /** A script has put the user into a room; `welcome` is JSON of what the reply to a join has. */
  | { event: "joined"; room: string; welcome: string }
  /** A room of a list that is followed: `listing` is JSON of what a list has, `gone` the type of a room that is in none any more. */
  | { event: "room_change"; room: string; listing: string }
  | { event: "room_change"; room: string; gone: string }
  /** The application runs another version, or has other pages; for who has asked. */
  | { event: "edit"; room?: undefined; version: string }
  | { event: "disconnect"; room: string; user: UserData }
  | { event: "reconnect"; room: string; user: UserData }
  | { event: "room_add"; room: string; type: string; application?: string }
  | { event: "room_remove"; room: string; reason?: string; application?: string }
  | { event: "error"; error: ErrorData; room?: string };

/** A frame that can't be understood; the connection stays. `id` is the frame's, where it had a valid one. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  constructor(
    /** `bad_frame`, `too_large` or `invalid_name`; on a wire whose frames name the application also `application_unavailable`. */
    readonly code: ErrorCode,
    message: string,
    readonly id?: string | number,
  ) {
    super(message);
  }
}

/** Reads frames. */
export interface Decoder {
  /** Throws FrameError, and nothing else, whatever the text; `too_large` past `limit` bytes (1 MB where not given). */
  decode(frame: string, limit?: number): Request;
}

/** One wire. Its methods are pure, and frames are text but for those that carry bytes; where one returns undefined, nothing is sent. */
export interface Codec extends Decoder {
  /** `hotroom.v1` or `goroomserver`. */
  readonly name: string;
  /** Reads a binary frame, as `decode` does one of text. */
  decodeBinary(frame: Uint8Array, limit?: number): Request;
  /** A login with the name of another user takes its place; elsewhere it is `name_taken`. */
  readonly replacesUsers: boolean;
  /** Frames to users have numbers, and a user may come back to its session. */
  readonly hasSessions: boolean;
  /** Makes what reads the frames of one connection. Its results are those of `decode`; it may remember what clients repeat. */
  decoder(): Decoder;
  /**
   * Returns the reply to a request that succeeded; `data` is JSON text, or bytes as text. `request` is the very object that `decode`
   * gave. This and the others write the frame's number `seq` where there is one, and the wire has numbers.
   */
  reply(request: Request, data?: string, seq?: number): WireFrame | undefined;
  /** Returns the answer to a request that failed: a reply where it has an id, else an `error` event. */
  fail(request: Request | FrameError, error: ErrorData, seq?: number): string | undefined;
  /** Returns the frame of an event; the `data` of a message that is JSON text is inserted as it is. */
  event(event: ServerEvent, seq?: number): WireFrame | undefined;
}
