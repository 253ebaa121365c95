import type { Request } from "../../protocol/codec.ts";
import type { JsonText } from "../ports/event.ts";
import type { SessionFrame } from "../session/kept_user.ts";
import type { Connection } from "./connection.ts";

/** A request as it is kept with the event that it has become, so that it is answered though the server ends meanwhile. */
export interface KeptRequest {
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

/** Returns the request that an origin is of; undefined where it is of none. */
export function readOrigin(origin: JsonText | undefined): KeptRequest | undefined {
  return origin?.startsWith('{"user":') ? JSON.parse(origin) : undefined;
}
