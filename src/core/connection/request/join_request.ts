import { dataText } from "../../../protocol/bytes.ts";
import type { Request } from "../../../protocol/codec.ts";
import type { Application } from "../../application/application.ts";
import { HotroomError } from "../../errors.ts";
import type { Room } from "../../room/room.ts";
import { checkRoomOptions } from "../../room/room_options.ts";
import { counted } from "../../text/counted.ts";
import { type Tracing, within } from "../../trace/tracing.ts";
import type { Connection } from "../connection.ts";
import { originOf } from "./kept_request.ts";
import { loggedIn, optionsOf, roomOf } from "./requester.ts";

/**
 * Has a user join a room, where its `join` handler lets it, and replies; with `rooms: join` a room is made that is not there. Rejects with
 * HotroomError.
 */
export async function joinRoom(connection: Connection, request: Request, tracing?: Tracing): Promise<void> {
  const { application } = loggedIn(connection, "join a room");
  const name = request.room as string;
  // Whoever comes while a room closes that nobody is in comes into the next one of that name.
  const unused = () => application.rooms.get(name)?.unused;
  for (let closing = unused(); closing; closing = unused()) await closing;
  const { user } = loggedIn(connection, "join a room");
  application.limits.breaker.check(`join room "${name}"`);
  const room = roomToJoin(connection, application, request);
  room.checkPassword(optionsOf(request).password, "join", connection.passwordTries);
  const { session } = user;
  const joined = () => {
    if (user.session === session) connection.reply(request, room.welcome(user));
    // Who has taken the user over has asked for nothing, and is in the room all the same.
    else user.send({ event: "joined", room: room.name, welcome: room.welcome(user) });
  };
  await user
    .enter(async () => {
      await room.ready;
      const data = dataText(request.data);
      await within(tracing, request, () => room.join(user, data, joined, originOf(connection, request)));
    })
    .finally(() => room.closeUnused());
}

/** Returns the room that a request is about, a new one where clients make rooms by joining them. Throws HotroomError. */
function roomToJoin(connection: Connection, application: Application, request: Request): Room {
  const name = request.room as string;
  const { rooms, roomsPerUser } = application.settings;
  const found = application.rooms.get(name);
  const joined = connection.user?.rooms;
  // Who is in the room already is told that.
  if (joined && joined.size >= roomsPerUser && !(found && joined.has(found)))
    throw new HotroomError(
      "too_many_rooms",
      `Cannot join room "${name}": you are in ${counted(joined.size, "room")}, the most you may be in.`,
    );
  if (found) return found;
  if (rooms !== "join") return roomOf(application, name, "join");
  const { password, type } = optionsOf(request);
  const options = checkRoomOptions({ password, type }, (given) => application.typeOf(given));
  const room = application.createRoom(name, options, connection.roomsMade);
  room.isProvisional = true;
  return room;
}
