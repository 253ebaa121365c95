import type { Request } from "../../protocol/codec.ts";
import type { Application } from "../application/application.ts";
import { errorOf } from "../errors.ts";
import type { JsonText, ScriptEvent } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { Room } from "../room/room.ts";
import type { SessionFrame } from "../session/kept_user.ts";
import type { User } from "../user/user.ts";
import type { Connection } from "./connection.ts";

/** A request as it is kept with the event that it has become, so that it is answered though the server ends meanwhile. */
interface KeptRequest extends SessionFrame {
  /** Id of the user. */
  readonly user: string;
  readonly event: Request["event"];
  readonly id?: string | number;
}

/** Returns what is kept of a request with its event; undefined where its user does not come back to a server that has ended. */
export function originOf(connection: Connection, request: Request): JsonText | undefined {
  const frame = connection.frameOf(request);
  const { user } = connection;
  if (!frame || !user?.session?.isKept) return undefined;
  const { event, id } = request;
  const kept: KeptRequest = { user: user.id, event, ...frame, ...(id !== undefined && { id }) };
  return JSON.stringify(kept);
}
