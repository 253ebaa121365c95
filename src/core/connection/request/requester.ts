/** Who makes a request, and about which room: looked up, or refused. */
import type { Request } from "../../../protocol/codec.ts";
import { isObject } from "../../../protocol/json_object.ts";
import type { Application } from "../../application/application.ts";
import { HotroomError } from "../../errors.ts";
import type { Room } from "../../room/room.ts";
import type { User } from "../../user/user.ts";
import type { Connection } from "../connection.ts";

/** Returns the user of a connection, and its application. Throws HotroomError `not_logged_in` where nobody is, who can't do `doing`. */
export function loggedIn(connection: Connection, doing: string): { application: Application; user: User } {
  const { application, user } = connection;
  if (application && user && !user.removal) return { application, user };
  throw new HotroomError("not_logged_in", `Cannot ${doing}: you are not logged in.`);
}

/** Returns the room of that name. Throws HotroomError `room_not_found` where there is none that clients know. */
export function roomOf(application: Application, name: string, doing: string): Room {
  const room = application.rooms.get(name);
  if (room && !room.isProvisional) return room;
  throw new HotroomError("room_not_found", `Cannot ${doing} room "${name}": there is no such room.`);
}

/** Makes the error of who is not in a room, and can't do `doing`. */
export function notIn(room: Room, doing: string): HotroomError {
  return new HotroomError("not_in_room", `Cannot ${doing} room "${room.name}": you are not in it.`);
}

/** Returns the request's data where it is an object, for the keys that the server itself reads. */
export function optionsOf({ data }: Request): { name?: unknown; type?: unknown; password?: unknown } {
  return isObject(data) ? data : {};
}
