/**
 * The wire of goroomserver (github.com/pratts/goroomserver), so that its clients work unchanged. What its server does was
 * read in `server/event_service.go`, `app_service.go` and `constants.go`; docs/PROTOCOL.md says where we differ.
 */
import {
  type Codec,
  type ErrorData,
  FrameError,
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
  textOf as frameText,
  unsoundness,
} from "../frame.ts";
import { numberOf, textOf } from "./errors.ts";
import type { ErrorCode } from "../codes.ts";
import { EventType } from "./events.ts";
import { type Fields, fieldsOf } from "./fields.ts";
import { nothing, repeat, type Repeated, repeatNames } from "./repeat.ts";
import { isBytes } from "../bytes.ts";
import { isObject, type JsonObject } from "../json_object.ts";
import { isFileName, isName } from "../names.ts";

/** Levels of arrays and objects up to which a frame is parsed, so that its answer can repeat its names. */
const DEEPEST = 12_000;

/** What a client may send. As on its server, a disconnection ends the user, not the socket. */
const requests: ReadonlyMap<unknown, RequestEvent> = new Map([
  [EventType.disconnection, "logout"],
  [EventType.joinRoom, "join"],
  [EventType.leaveRoom, "leave"],
  [EventType.login, "login"],
  [EventType.logout, "logout"],
  [EventType.reconnect, "reconnect"],
  [EventType.subscribe, "subscribe"],
  [EventType.unsubscribe, "unsubscribe"],
  [EventType.message, "message"],
]);

/** A request that keeps what its failure has to repeat. */
interface GoRequest extends Request {
  readonly repeated: Repeated;
}

/** A frame that is no request, with what could be told of it. */
class UnusableFrameError extends FrameError {
  constructor(
    code: ErrorCode,
    message: string,
    readonly repeated: Repeated,
  ) {
    super(code, message);
  }
}

/** The wire of goroomserver. */
export const goroomserver: Codec = {
  name: "goroomserver",
  replacesUsers: true,
  hasSessions: false,
  decode,
  decodeBinary: (frame, limit) => decode(frameText(frame, limit), limit),
  decoder: () => goroomserver,
  reply,
  fail,
  event,
};

function decode(text: string, limit = DEFAULT_FRAME_BYTES): GoRequest {
  if (isLongerThan(text, limit)) throw oversized(limit);
  checkIntricacy(text, undefined, DEEPEST);
  const frame = fieldsOf(parseFrame(text));
  const { eventType, appName, data: payload = {} } = frame;
  const unsound = unsoundness(frame.all);
  const repeated = unsound === undefined ? repeat(frame) : repeatNames(frame);
  if (unsound !== undefined) throw unusable("bad_frame", `Cannot read the frame: ${unsound}.`, repeated);
  if (!isObject(payload))
    throw unusable("bad_frame", "Cannot read the frame: its data is not an object.", repeated);
  // Its server takes a connection event without a word and without an application.
  if (eventType === EventType.connection) return { event: "ping", repeated };
  if (typeof appName !== "string" || !isFileName(appName))
    throw unusable("application_unavailable", "App name is invalid", repeated);
  const event = requests.get(eventType);
  if (event === undefined) throw unusable("bad_frame", "Invalid event provided", repeated);
  return { event, application: appName, repeated, ...parts(event, frame, payload, repeated) };
}

function unusable(code: ErrorCode, message: string, repeated: Repeated): FrameError {
  return new UnusableFrameError(code, message, repeated);
}

/** Returns what differs from one event to another. An id makes the core answer, though this wire has none. */
function parts(event: RequestEvent, frame: Fields, data: JsonObject, repeated: Repeated): Partial<Request> {
  switch (event) {
    case "login":
      // Scripts are written for hotroom.v1, where the name is `name`.
      return { id: EventType.login, data: { ...data, name: data.username ?? data.name } };
    case "logout":
    case "reconnect":
      return { id: EventType.login, data };
    case "message": {
      const type = typeof data.type === "string" && isName(data.type) ? data.type : "message";
      return { room: roomIn(frame.roomName || undefined, repeated), type, data };
    }
    default:
      return { room: roomIn(data.roomName || frame.roomName || "", repeated), data };
  }
}

function roomIn(name: unknown, repeated: Repeated): string | undefined {
  if (name === undefined || (typeof name === "string" && isName(name))) return name;
  throw unusable("invalid_name", "Room name provided is invalid", repeated);
}

function reply(request: Request, data?: string): string | undefined {
  const { event } = request;
  if (event !== "login" && event !== "logout" && event !== "reconnect") return undefined;
  const user =
    data === undefined ? undefined : (JSON.parse(data) as { user?: { name?: string } } | null)?.user;
  // Its server answers a logout with a login's number too.
  const eventType = event === "reconnect" ? EventType.reconnect : EventType.login;
  return success(
    eventType,
    JSON.stringify({ userName: user?.name ?? "", appName: request.application ?? "" }),
  );
}

function fail(request: Request | FrameError, error: ErrorData): string {
  if (request instanceof UnusableFrameError || !(request instanceof FrameError))
    return failure((request as GoRequest | UnusableFrameError).repeated, error);
  return failure(nothing, error);
}

function event(event: ServerEvent): string | undefined {
  switch (event.event) {
    case "message":
      return success(EventType.message, messageData(event));
    case "relay": {
      const { from, data } = event;
      const text = JSON.stringify({ from });
      const more = data === undefined ? "" : `,"data":${isBytes(data) ? base64(data) : data}`;
      return success(EventType.message, messageData({ ...event, data: `${text.slice(0, -1)}${more}}` }));
    }
    case "room_add":
    case "room_remove": {
      const eventType = event.event === "room_add" ? EventType.roomAdd : EventType.roomRemove;
      return success(eventType, JSON.stringify({ roomName: event.room, appName: event.application ?? "" }));
    }
    case "error":
      return failure({ ...nothing, data: { ...nothing.data, roomName: event.room ?? "" } }, event.error);
    // Its server tells nobody who comes and goes, and has no lists.
    case "join":
    case "leave":
    case "disconnect":
    case "reconnect":
    case "joined":
    case "unsubscribed":
    case "room_change":
    case "edit":
      return undefined;
  }
}

/**
 * Returns the data of a message event: always an object, as its Go clients read a map. As in a client's message the type is
 * in `type` and the room in `roomName`; where the script's data has keys of these names, they stay.
 */
function messageData({ type, room, data }: { type: string; room?: string; data?: string }): string {
  if (data !== undefined && isBytes(data)) return messageData({ type, room, data: base64(data) });
  const place = room === undefined ? {} : { roomName: room };
  const text = data?.trim();
  if (text === undefined || text === "null") return JSON.stringify({ type, ...place });
  if (!text.startsWith("{")) return `${JSON.stringify({ type, ...place }).slice(0, -1)},"data":${text}}`;
  const own = JSON.parse(text) as JsonObject;
  const extra: { type?: string; roomName?: string } = {};
  if (!Object.hasOwn(own, "type")) extra.type = type;
  if (room !== undefined && !Object.hasOwn(own, "roomName")) extra.roomName = room;
  const head = JSON.stringify(extra).slice(0, -1);
  const rest = text.slice(1).trimStart();
  const comma = head === "{" || rest === "}" ? "" : ",";
  return `${head}${comma}${rest}`;
}

/** Returns bytes as Go writes them in JSON. */
function base64(data: string): string {
  return `"${btoa(data.slice(1))}"`;
}

/** Returns the frame of a success; Go writes every field of its struct, so an `error` of zeros is part of it. */
function success(eventType: number, data: string): string {
  return `{"eventType":${eventType},"data":${data},"code":200,"error":{"code":0,"message":""}}`;
}

function failure({ eventType, data }: Repeated, error: ErrorData): string {
  const code = numberOf(error.code, eventType);
  const body = { eventType, data, code: 500, error: { code, message: textOf(code) ?? error.message } };
  return JSON.stringify(body);
}
