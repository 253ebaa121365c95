import { counted } from "../text/counted.ts";
import { isName, nameProblem } from "../../protocol/names.ts";
import { HotroomError } from "../errors.ts";
import type { Definition } from "../ports/build.ts";
import type { JsonText } from "../ports/event.ts";
import type { MemoryShortage } from "../ports/memory_shortage.ts";
import type { RoomOptions } from "../room/room_options.ts";
import type { User } from "../user/user.ts";
import type { Application } from "./application.ts";

/**
 * Returns what declares a room that is to be made in the current version. `made` is how many rooms there are of the client that
 * asks for it, `shortage` whose memory is too short. Throws HotroomError where it can't be made.
 */
export function checkNewRoom(
  application: Application,
  name: string,
  { type }: RoomOptions,
  made: number,
  shortage: MemoryShortage | undefined,
): Definition {
  const { version, rooms, settings, limits, durable } = application;
  const refuse = (code: string, why: string) =>
    new HotroomError(code, `Cannot create room "${name}": ${why}.`);
  if (!isName(name)) throw new HotroomError("invalid_name", `Cannot create the room: ${nameProblem(name)}`);
  if (application.state !== "running") throw refuse("application_unavailable", "the application is closing");
  limits.checkRoom(name, shortage);
  if (rooms.has(name)) throw refuse("room_exists", "there is one of that name");
  if (rooms.size >= settings.maxRooms)
    throw refuse("too_many_rooms", `the application has ${rooms.size}, the most it may have`);
  if (made >= settings.roomsPerUser)
    throw refuse("too_many_rooms", `you have ${counted(made, "room")}, the most you may have`);
  const definition = version.rooms.get(type);
  if (!definition) {
    const types = [...version.rooms.keys()].map((each) => `"${each}"`).join(", ");
    throw refuse("room_type_not_found", `there is no type "${type}" (there is ${types || "none"})`);
  }
  if (definition.isDurable && durable?.problem !== undefined)
    throw refuse("not_saved", `it can't be saved (${durable.problem})`);
  return definition;
}

/**
 * Throws HotroomError `name_taken` or `too_many_users` where nobody of that name, with that data, can be a user; `going` are users
 * who go first.
 */
export function checkNewUser(
  { names, users, settings, limits }: Application,
  name: string,
  data: JsonText | undefined,
  going: ReadonlySet<User> = new Set(),
): void {
  names.check(name, going);
  const refuse = (why: string) => new HotroomError("too_many_users", `Cannot log in: ${why}.`);
  if (users.size - going.size >= settings.maxUsers)
    throw refuse(`the application has ${counted(users.size, "user")}, the most it may have`);
  if (!limits.users.fits(data?.length ?? 0)) throw refuse("the data of the users takes all that it may");
}
