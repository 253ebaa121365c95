import type { Request } from "../../protocol/codec.ts";
import type { Application } from "../application/application.ts";
import { errorOf } from "../errors.ts";
import type { JsonText } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { Reservation } from "../ports/script.ts";
import type { Room } from "../room/room.ts";
import { checkRoomOptions } from "../room/room_options.ts";
import type { SessionFrame } from "../session/kept_user.ts";
import type { User } from "../user/user.ts";
import type { Connection } from "./connection.ts";

/** Codes of requests that a script has said no to. */
const refusals: Partial<Record<Request["event"], string>> = {
  join: "join_refused",
  subscribe: "watch_refused",
};

/** A request as it is kept with the event that it has become, so that it is answered though the server ends meanwhile. */
interface KeptRequest {
  /** Id of the user. */
  readonly user: string;
  readonly of: SessionFrame;
  readonly event: Request["event"];
  readonly id?: string | number;
  /** Name of the room. */
  readonly room?: string;
  /** How a room is to be made, as the client has sent it. */
  readonly data?: unknown;
}

/** Returns what is kept of a request with its event as its origin; none where its user does not come back to a server that has ended. */
export function originOf(connection: Connection, request: Request): { readonly origin?: JsonText } {
  const { user } = connection;
  const of = user?.session?.isKept ? connection.frameOf(request) : undefined;
  if (!user || !of) return {};
  const { event, id, room } = request;
  const kept: KeptRequest = {
    user: user.id,
    of,
    event,
    ...(id !== undefined && { id }),
    ...(room !== undefined && { room }),
    ...(event === "create" && { data: request.data }),
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
  return answer(
    application,
    kept,
    failure ? errorOf(failure, kept && refusals[kept.event]) : undefined,
    value,
  );
}

/**
 * Makes the room that a client has asked for whose event was handled before the server ended, and answers it. Returns whether what
 * the `create` handler has asked for is carried out.
 */
export function createAgain(
  application: Application,
  origin: JsonText | undefined,
  outcome: Outcome,
): boolean | Reservation {
  const kept = readOrigin(origin);
  const user = kept && application.users.get(kept.user);
  if (!kept?.room || !user || outcome.failure) {
    answerAgain(application, origin, outcome);
    return outcome.failure !== undefined;
  }
  const fail = (error: unknown) => {
    answer(application, kept, error);
    return false;
  };
  try {
    const room = roomOf(application, user, kept.room, kept.data);
    const isMade = room.ready.then(() => {
      application.announce(room, user);
      answer(application, kept, undefined, JSON.stringify({ room: room.name, type: room.type }));
      return true;
    }, fail);
    return { first: 0, settle: () => isMade };
  } catch (error) {
    return fail(error);
  }
}

/** Makes the room, unless that was kept already. Throws HotroomError where it can't be made. */
function roomOf(application: Application, user: User, name: string, data: unknown): Room {
  const found = application.rooms.get(name);
  if (found && !found.isAnnounced && !found.isGone) return found;
  const { keep: _, ...options } = checkRoomOptions(data, (type) => application.typeOf(type));
  return application.createRoom(name, options, user.connection.roomsMade);
}

function answer(
  application: Application,
  kept: KeptRequest | undefined,
  error: unknown,
  value?: JsonText,
): boolean {
  const user = kept && application.users.get(kept.user);
  const { session } = user ?? {};
  // Who has taken the user over waits for no answer.
  if (!kept || !user || session?.number !== kept.of.session) return false;
  const { event, id, room } = kept;
  const request: Request = { event, ...(id !== undefined && { id }), ...(room !== undefined && { room }) };
  if (error !== undefined) user.connection.fail(request, error, session);
  else if (id !== undefined) user.connection.reply(request, value, session);
  session.answered(kept.of);
  return true;
}

function readOrigin(origin: JsonText | undefined): KeptRequest | undefined {
  return origin?.startsWith('{"user":') ? JSON.parse(origin) : undefined;
}
