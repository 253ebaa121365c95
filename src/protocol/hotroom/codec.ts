/** The wire hotroom.v1, as docs/PROTOCOL.md describes it. */
import {
  type Codec,
  type ErrorData,
  FrameError,
  type Relayed,
  type Request,
  type RequestEvent,
  type ServerEvent,
} from "../codec.ts";
import {
  checkIntricacy,
  isLongerThan,
  DEFAULT_FRAME_BYTES,
  oversized,
  parseFrame,
  textOf,
  unreadable,
  unsoundness,
} from "../frame.ts";
import { binaryFrame, isBytes, type WireFrame } from "../bytes.ts";
import type { JsonObject } from "../json_object.ts";
import { isName, nameProblem } from "../names.ts";
import { Repeats } from "./repeats.ts";

/** What clients offer and the server picks in `Sec-WebSocket-Protocol`. */
export const subprotocol = "hotroom.v1";

/** What the frame of a request has besides `id` and `data`; other keys are ignored. */
interface Form {
  readonly event: RequestEvent;
  readonly room: "required" | "optional" | "none";
  readonly type: boolean;
}

const forms: ReadonlyMap<string, Form> = new Map(
  (
    [
      { event: "message", room: "optional", type: true },
      { event: "login", room: "none", type: false },
      { event: "logout", room: "none", type: false },
      { event: "create", room: "required", type: false },
      { event: "join", room: "required", type: false },
      { event: "leave", room: "required", type: false },
      { event: "subscribe", room: "required", type: false },
      { event: "unsubscribe", room: "required", type: false },
      { event: "rooms", room: "none", type: false },
      { event: "reconnect", room: "none", type: false },
      { event: "edits", room: "none", type: false },
      { event: "ping", room: "none", type: false },
    ] satisfies Form[]
  ).map((form) => [form.event, form]),
);

/** Longest text id, characters (code points). */
const MAX_ID_LENGTH = 64;
/** How far the id of a frame that is not parsed is looked for, UTF-16 units. */
const ID_SEARCH_LENGTH = 1024;
/** Longest header of a binary frame, bytes: what it may hold is bounded, and takes less. */
const MAX_HEADER_BYTES = 2048;
/** How much of what a client sent an error quotes, UTF-16 units. */
const QUOTED_LENGTH = 64;

/** For what is looked for in a frame that is not read. */
const lenient = new TextDecoder();

const idRule = `an id is a string of 1 to ${MAX_ID_LENGTH} characters or an integer from -(2^53 - 1) to 2^53 - 1`;

/** The wire hotroom.v1. */
export const hotroom: Codec = {
  name: subprotocol,
  replacesUsers: false,
  hasSessions: true,
  decode,
  decodeBinary,
  decoder: () => new Repeats({ decode }),
  reply,
  fail,
  event,
};

function decode(text: string, limit = DEFAULT_FRAME_BYTES): Request {
  if (isLongerThan(text, limit)) throw oversized(limit, idAtStart(text));
  checkIntricacy(text, idAtStart);
  const frame = parseFrame(text);
  const { id } = frame;
  if (id !== undefined && !isId(id)) throw unreadable(`its id is ${kindOf(id)}; ${idRule}`);
  const unsound = unsoundness(frame);
  if (unsound !== undefined) throw unreadable(unsound, id);
  const name = frame.event;
  if (typeof name !== "string") {
    throw unreadable(`its event is ${kindOf(name)}, not a string`, id);
  }
  const form = forms.get(name);
  if (form === undefined) throw unreadable(`there is no event ${quote(name)}`, id);
  return {
    event: form.event,
    id,
    room: form.room === "none" ? undefined : nameIn(frame, "room", form.room === "required", form.event, id),
    type: form.type ? nameIn(frame, "type", true, form.event, id) : undefined,
    data: frame.data,
    ...(frame.seen === undefined ? {} : { seen: seenIn(frame, id) }),
  };
}

/** Reads a message whose data is bytes. Of a frame nothing is decoded but its header, which is short. */
function decodeBinary(frame: Uint8Array, limit = DEFAULT_FRAME_BYTES): Request {
  const start = frame.subarray(0, MAX_HEADER_BYTES + 1);
  const end = start.indexOf(0);
  if (frame.length > limit) throw oversized(limit, idAtStart(lenient.decode(start)));
  if (end < 0 && frame.length <= MAX_HEADER_BYTES)
    throw unreadable(
      "it is binary, and there is no zero byte behind its header",
      idAtStart(lenient.decode(start)),
    );
  if (end < 0) throw unreadable(`it is binary, and its header has more than ${MAX_HEADER_BYTES} bytes`);
  const header = decode(textOf(frame.subarray(0, end), limit, "its header is"));
  const { event, id } = header;
  if (event !== "message") throw unreadable(`it is binary, and only a message may be, not a ${event}`, id);
  if (header.data !== undefined) throw unreadable("it is binary, and its header has data", id);
  return { ...header, data: frame.subarray(end + 1) };
}

function reply(request: Request, data?: string, seq?: number): WireFrame | undefined {
  if (request.id === undefined) return undefined;
  const head = `{"id":${JSON.stringify(request.id)},"ok":true`;
  if (data !== undefined && isBytes(data)) return binaryFrame(`${head}${endOf(seq)}`, data);
  return data === undefined ? `${head}${endOf(seq)}` : `${head},"data":${data}${endOf(seq)}`;
}

function fail(request: Request | FrameError, error: ErrorData, seq?: number): string {
  if (request.id !== undefined) {
    return `{"id":${JSON.stringify(request.id)},"ok":false,"error":${encodeError(error)}${endOf(seq)}`;
  }
  const room = request instanceof FrameError ? undefined : request.room;
  return textEvent({ event: "error", room, error }, seq);
}

function event(event: ServerEvent, seq?: number): WireFrame {
  if (event.event === "relay") return relayed(event, seq);
  if (event.event !== "message" || event.data === undefined || !isBytes(event.data))
    return textEvent(event, seq);
  return binaryFrame(textEvent({ ...event, data: undefined }, seq), event.data);
}

/** Returns the frame of a message that is passed on; the id of a user holds nothing that JSON escapes. Beside bytes the sender is in the header. */
function relayed({ room, type, from, data }: Relayed, seq?: number): WireFrame {
  const head = `{"event":"message","room":"${room}","type":"${type}"`;
  if (data === undefined) return `${head},"data":{"from":"${from}"}${endOf(seq)}`;
  if (isBytes(data)) return binaryFrame(`${head},"from":"${from}"${endOf(seq)}`, data);
  return `${head},"data":{"from":"${from}","data":${data}}${endOf(seq)}`;
}

/** Returns the frame of an event without bytes; names hold nothing that JSON escapes. */
function textEvent(event: Exclude<ServerEvent, Relayed>, seq?: number): string {
  const room = event.room === undefined ? "" : `,"room":"${event.room}"`;
  const head = `{"event":"${event.event}"${room}`;
  const end = endOf(seq);
  switch (event.event) {
    case "message": {
      const data = event.data === undefined ? "" : `,"data":${event.data}`;
      return `${head},"type":"${event.type}"${data}${end}`;
    }
    case "join":
    case "disconnect":
    case "reconnect":
      return `${head},"user":${encodeUser(event.user)}${end}`;
    case "leave":
      return `${head},"user":${encodeUser(event.user)}${encodeReason(event.reason)}${encodeTo(event.to)}${end}`;
    case "joined":
      return `{"event":"joined",${event.welcome.slice(1, -1)}${end}`;
    case "room_change":
      if ("gone" in event) return `${head},"type":"${event.gone}","gone":true${end}`;
      return `{"event":"room_change",${event.listing.slice(1, -1)}${end}`;
    case "edit":
      return `{"event":"edit","version":${JSON.stringify(event.version)}${end}`;
    case "room_add":
      return `${head},"type":"${event.type}"${end}`;
    case "room_remove":
    case "unsubscribed":
      return `${head}${encodeReason(event.reason)}${end}`;
    case "error":
      return `${head},"error":${encodeError(event.error)}${end}`;
  }
}

/** Returns how a frame ends: with its number, where it has one. */
function endOf(seq: number | undefined): string {
  return seq === undefined ? "}" : `,"seq":${seq}}`;
}

function isId(id: unknown): id is string | number {
  if (typeof id === "number") return Number.isSafeInteger(id);
  if (typeof id !== "string" || id.length === 0 || id.length > 2 * MAX_ID_LENGTH || !id.isWellFormed())
    return false;
  return id.length <= MAX_ID_LENGTH || [...id].length <= MAX_ID_LENGTH;
}

/** Finds the id of a frame that is not parsed, where only `event`, `room` and `type` stand before it. */
const leadingId =
  /^\s*\{(?:\s*"(?:event|room|type)"\s*:\s*"[^"\\]{0,128}"\s*,)*\s*"id"\s*:\s*(-?(?:0|[1-9]\d{0,15})|"[^"\\\p{Cc}]{1,128}")\s*[,}]/u;

function idAtStart(text: string): string | number | undefined {
  const found = leadingId.exec(text.slice(0, ID_SEARCH_LENGTH))?.[1];
  if (found === undefined) return undefined;
  const id: unknown = JSON.parse(found);
  return isId(id) ? id : undefined;
}

/** Returns the value of `room` or `type`; throws FrameError where it is missing though required, or is not a name. */
function nameIn(
  frame: JsonObject,
  key: "room" | "type",
  required: boolean,
  event: RequestEvent,
  id?: string | number,
): string | undefined {
  const value = frame[key];
  if (typeof value === "string") {
    if (isName(value)) return value;
    throw new FrameError("invalid_name", `Cannot ${event}: ${nameProblem(value)}`, id);
  }
  if (value === undefined && !required) return undefined;
  const why =
    value === undefined ? `the frame has no ${key}` : `its ${key} is ${kindOf(value)}, not a string`;
  throw new FrameError("bad_frame", `Cannot ${event}: ${why}.`, id);
}

/** Returns the value of `seen`; throws FrameError where it is no number of a frame. */
function seenIn({ seen }: JsonObject, id?: string | number): number {
  if (typeof seen === "number" && Number.isSafeInteger(seen) && seen >= 0) return seen;
  throw unreadable(`its seen is ${kindOf(seen)}, not the number of a frame`, id);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return value === "" ? "an empty string" : "a string out of bounds";
  return typeof value === "number" ? "a number out of bounds" : `a ${typeof value}`;
}

/** Returns what a client sent as a message may show it: in quotes, and cut. */
function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH - 1)}…` : text);
}

function encodeUser(user: { readonly id: string; readonly name: string }): string {
  return `{"id":${JSON.stringify(user.id)},"name":${JSON.stringify(user.name)}}`;
}

function encodeReason(reason: string | undefined): string {
  return reason === undefined ? "" : `,"reason":${JSON.stringify(reason)}`;
}

function encodeTo(room: string | undefined): string {
  return room === undefined ? "" : `,"to":"${room}"`;
}

function encodeError(error: ErrorData): string {
  const data = error.data === undefined ? "" : `,"data":${error.data}`;
  return `{"code":${JSON.stringify(error.code)},"message":${JSON.stringify(error.message)}${data}}`;
}
