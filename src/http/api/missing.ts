import { HotroomError } from "../../core/errors.ts";
import type { ApplicationView, RoomView, ServerView } from "../../core/view/server_view.ts";

/** Returns the application of that name. Throws HotroomError `application_not_found`. */
export function applicationOf(
  view: ServerView,
  { application = "" }: Readonly<Record<string, string>>,
): ApplicationView {
  const found = view.application(application);
  if (found) return found;
  throw new HotroomError("application_not_found", `There is no application ${JSON.stringify(application)}.`);
}

/** Returns the room of that name with its first users. Throws HotroomError: `application_not_found`, `room_not_found`. */
export function roomOf(view: ServerView, params: Readonly<Record<string, string>>, users: number): RoomView {
  const { name } = applicationOf(view, params);
  const { room = "" } = params;
  const found = view.room(name, room, { users });
  if (found) return found;
  const message = `Application ${JSON.stringify(name)} has no room ${JSON.stringify(room)}.`;
  throw new HotroomError("room_not_found", message);
}
