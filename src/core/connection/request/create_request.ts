import type { Request } from "../../../protocol/codec.ts";
import { errorOf, HotroomError } from "../../errors.ts";
import type { Outcome } from "../../ports/outcome.ts";
import type { Room } from "../../room/room.ts";
import { checkRoomOptions, type RoomOptions } from "../../room/room_options.ts";
import type { Connection } from "../connection.ts";
import { originOf } from "./kept_request.ts";
import { loggedIn } from "./requester.ts";

/** Makes a room as a client asks for it, where the `create` handler lets it, and replies. Rejects with HotroomError. */
export async function createRoom(connection: Connection, request: Request): Promise<void> {
  const { application, user } = loggedIn(connection, "create a room");
  const name = request.room as string;
  if (application.settings.rooms === "server")
    throw new HotroomError(
      "not_allowed",
      `Cannot create room "${name}": only the application's scripts make rooms.`,
    );
  const { keep: _, ...options } = checkRoomOptions(request.data, (type) => application.typeOf(type));
  application.checkExtension(`create room "${name}"`);
  if (application.rooms.has(name))
    throw new HotroomError("room_exists", `Cannot create room "${name}": there is one of that name.`);
  const make = async () => {
    const room = application.createRoom(name, options, connection.roomsMade);
    await room.ready;
    return room;
  };
  const room = await (application.extension ? ask(connection, request, options, make) : make());
  application.announce(room, user);
  connection.reply(request, JSON.stringify({ room: room.name, type: room.type }));
}

/** Asks the `create` handler, and returns the room that is made where it does not refuse. Rejects with HotroomError. */
async function ask(
  connection: Connection,
  request: Request,
  options: RoomOptions,
  make: () => Promise<Room>,
): Promise<Room> {
  const { application, user } = loggedIn(connection, "create a room");
  let making: Promise<Room> | undefined;
  const { password: _, ...shown } = options;
  const { data } = (request.data ?? {}) as { data?: unknown };
  const event = {
    kind: "create" as const,
    user: user.view,
    request: JSON.stringify({ name: request.room, ...shown, data }),
  };
  // What the handler asks for happens once the room is there, and does not where it can't be made.
  const before = ({ failure }: Outcome) => {
    if (failure) return true;
    making = make();
    const isMade = making.then(
      () => true,
      () => false,
    );
    return { first: 0, settle: () => isMade };
  };
  const origin = originOf(connection, request, options);
  const { failure } = await new Promise<Outcome>((after) =>
    application.dispatch(event, { before, after, ...origin }),
  );
  if (failure) throw errorOf(failure, "create_refused");
  return making ?? make();
}
