import type { Request } from "../../../protocol/codec.ts";
import type { Application } from "../../application/application.ts";
import { errorOf } from "../../errors.ts";
import { jsonName } from "../../durable/json_name.ts";
import type { JsonText } from "../../ports/event.ts";
import type { Outcome } from "../../ports/outcome.ts";
import type { RoomOptions } from "../../room/room_options.ts";
import type { SessionFrame } from "../../session/kept_user.ts";
import type { Connection } from "../connection.ts";

/** Codes of requests that a script has said no to. */
const refusals: Partial<Record<Request["event"], string>> = {
  create: "create_refused",
  join: "join_refused",
  subscribe: "watch_refused",
};

/** What the origin of a request that makes no room begins with. */
const SHORT = '["';

/** Such an origin: of whom, which frame of which session, and the request; null for what is absent. */
type ShortRequest = readonly [
  user: string,
  session: number,
  count: number,
  frame: number,
  event: Request["event"],
  id: string | number | null,
  room: string | null,
];

/** A request as it is kept with the event that it has become, so that it is answered though the server ends meanwhile. */
interface KeptRequest {
  /** Id of the user. */
  readonly user: string;
  readonly of: SessionFrame;
  readonly event: Request["event"];
  readonly id?: string | number;
  /** Name of the room. */
  readonly room?: string;
  /** How a room is to be made. */
  readonly options?: RoomOptions;
}

/** Returns what is kept of a request with its event, as its origin; nothing where its user does not come back to a server that has ended. */
export function originOf(
  connection: Connection,
  request: Request,
  options?: RoomOptions,
): { readonly origin?: JsonText } {
  const { user } = connection;
  const of = user?.session?.isKept ? connection.frameOf(request) : undefined;
  if (!user || !of) return {};
  const { event, id, room } = request;
  if (!options) return { origin: shortOrigin(user.id, of, request) };
  const kept: KeptRequest = {
    user: user.id,
    of,
    event,
    ...(id !== undefined && { id }),
    ...(room !== undefined && { room }),
    options,
  };
  return { origin: JSON.stringify(kept) };
}

/**
 * Answers a request whose event was handled before the server ended, and whose answer had not been kept: the client gets it when it
 * is back. Returns false where nobody waits for that.
 */
export function answerAgain(
  application: Application,
  origin: JsonText | undefined,
  { failure, value }: Outcome,
): boolean {
  const kept = readOrigin(origin);
  const user = kept && application.users.get(kept.user);
  const { session } = user ?? {};
  // Who has taken the user over waits for no answer.
  if (!kept || !user || session?.number !== kept.of.session) return false;
  const { event, id, room } = kept;
  const request: Request = { event, ...(id !== undefined && { id }), ...(room !== undefined && { room }) };
  if (failure) user.connection.fail(request, errorOf(failure, refusals[event]), session);
  else if (id !== undefined) user.connection.reply(request, value, session);
  session.answered(kept.of);
  return true;
}

/** Returns the text of a `ShortRequest`: there is one for each message. */
function shortOrigin(
  user: string,
  { session, count, frame }: SessionFrame,
  { event, id, room }: Request,
): JsonText {
  const idText = id === undefined ? "null" : typeof id === "string" ? jsonName(id) : JSON.stringify(id);
  const roomText = room === undefined ? "null" : jsonName(room);
  return `["${user}",${session},${count},${frame},"${event}",${idText},${roomText}]`;
}

function readOrigin(origin: JsonText | undefined): KeptRequest | undefined {
  if (origin?.startsWith('{"user":')) return JSON.parse(origin) as KeptRequest;
  if (!origin?.startsWith(SHORT)) return undefined;
  const [user, session, count, frame, event, id, room] = JSON.parse(origin) as ShortRequest;
  return {
    user,
    of: { session, count, frame },
    event,
    ...(id !== null && { id }),
    ...(room !== null && { room }),
  };
}
