import { dataText } from "../../protocol/bytes.ts";
import type { Request } from "../../protocol/codec.ts";
import type { Connection } from "../connection/connection.ts";
import { HotroomError } from "../errors.ts";
import type { DataText } from "../ports/event.ts";
import type { Room } from "../room/room.ts";
import type { Session } from "../session/session.ts";
import type { User } from "../user/user.ts";
import type { Relay } from "./relay.ts";

/** A message that a room passes on: whose it is, and in which session it came. */
interface Message {
  readonly room: Room;
  readonly user: User;
  readonly connection: Connection;
  readonly request: Request;
  readonly session: Session | undefined;
}

/**
 * Passes a member's message on, and answers it where it was a request. What is over the rate is dropped. Throws HotroomError:
 * `rate_limited` where that was a request, `too_large`, `busy`.
 */
export function passOn(relay: Relay, message: Message): void {
  const { room, user, connection, request, session } = message;
  if (!relay.take(user.id)) {
    room.extension.usage.breach("relays");
    if (request.id !== undefined) throw relay.refusal;
    return connection.handled(request, session);
  }
  // Written anew: others get what was checked, and of a key that stands twice in a text that is the last one.
  const data = dataText(request.data);
  const tooLarge = relay.problemOf(data);
  if (tooLarge) throw tooLarge;
  if (relay.isShut) relay.hold(data?.length ?? 0, () => passLater(relay, message, data));
  else send(relay, message, data);
}

/**
 * Passes a message on that was with the script when an edit made its type a relay, for which the script has no handler; or fails it. Those
 * behind it wait.
 */
export function passOnLate(message: Message): void {
  const relay = message.room.relays.of(message.request.type as string);
  if (relay) passLater(relay, message, dataText(message.request.data));
}

/** Passes a message on whose user may have left meanwhile. */
function passLater(relay: Relay, message: Message, data: DataText | undefined): void {
  const { room, user, connection, request, session } = message;
  const failed = (error: HotroomError) => connection.fail(request, error, session);
  if (room.members.get(user.id) !== user)
    return failed(new HotroomError("not_in_room", `Cannot send to room "${room.name}": you are not in it.`));
  const tooLarge = relay.problemOf(data);
  if (tooLarge) return failed(tooLarge);
  send(relay, message, data);
}

function send(relay: Relay, { room, user, connection, request, session }: Message, data?: DataText): void {
  const event = { event: "relay" as const, room: room.name, type: relay.type, from: user.id, data };
  if (relay.isVolatile) room.audience.sendNewest(event, relay.isToAll ? undefined : user);
  else room.audience.send(event, relay.isToAll ? undefined : user.alone);
  if (request.id !== undefined) connection.reply(request, undefined, session);
  else connection.handled(request, session);
}
