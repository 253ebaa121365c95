import type { Request } from "../../protocol/codec.ts";
import type { Application } from "../application/application.ts";
import { errorOf } from "../errors.ts";
import type { JsonText } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { Reservation } from "../ports/script.ts";
import type { Room } from "../room/room.ts";
import { checkRoomOptions } from "../room/room_options.ts";
import type { User } from "../user/user.ts";
import { type KeptRequest, readOrigin } from "./kept_request.ts";

/** Codes of requests that a script has said no to. */
const refusals: Partial<Record<Request["event"], string>> = {
  create: "create_refused",
  join: "join_refused",
  subscribe: "watch_refused",
};

/** Requests of one application that were under way when the server ended: their clients get the answers when they are back. */
export class KeptRequests {
  constructor(private readonly application: Application) {}

  /** Answers a request whose event was handled, and whose answer had not been kept. Returns false where nobody waits for that. */
  answerAgain(origin: JsonText | undefined, { failure, value }: Outcome): boolean {
    const kept = readOrigin(origin);
    return this.#answer(kept, failure ? errorOf(failure, kept && refusals[kept.event]) : undefined, value);
  }

  /**
   * Makes the room that a client has asked for whose event was handled, and answers it. Returns whether what the `create` handler
   * has asked for is carried out.
   */
  createAgain(origin: JsonText | undefined, outcome: Outcome): boolean | Reservation {
    const { application } = this;
    const kept = readOrigin(origin);
    const user = kept && application.users.get(kept.user);
    if (!kept?.room || !user || outcome.failure) {
      this.answerAgain(origin, outcome);
      return outcome.failure !== undefined;
    }
    const fail = (error: unknown) => {
      this.#answer(kept, error);
      return false;
    };
    try {
      const room = this.#roomOf(user, kept.room, kept.data);
      const isMade = room.ready.then(() => {
        application.announce(room, user);
        this.#answer(kept, undefined, JSON.stringify({ room: room.name, type: room.type }));
        return true;
      }, fail);
      return { first: 0, settle: () => isMade };
    } catch (error) {
      return fail(error);
    }
  }

  /** Makes the room, unless that was kept already. Throws HotroomError where it can't be made. */
  #roomOf(user: User, name: string, data: unknown): Room {
    const { application } = this;
    const found = application.rooms.get(name);
    if (found && !found.isAnnounced && !found.isGone) return found;
    const { keep: _, ...options } = checkRoomOptions(data, (type) => application.typeOf(type));
    return application.createRoom(name, options, user.connection.roomsMade);
  }

  #answer(kept: KeptRequest | undefined, error: unknown, value?: JsonText): boolean {
    const user = kept && this.application.users.get(kept.user);
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
}
