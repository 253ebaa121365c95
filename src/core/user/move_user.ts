import type { Application } from "../application/application.ts";
import { HotroomError, messageOf } from "../errors.ts";
import type { JsonText } from "../ports/event.ts";
import type { Room } from "../room/room.ts";
import type { User } from "./user.ts";

/** Where a script wants a user to be. */
export interface Destination {
  readonly room: string;
  /** For the room's `join` handler. */
  readonly data?: JsonText | undefined;
  /** How many emits and moves have led to this one. */
  readonly hops: number;
}

/**
 * Has a user join a room since a script wants it to, without asking for a password or minding a lock; then the user leaves the room
 * `from`, where it comes from one. Where the other room does not let it in all stays as it was, and the log says why.
 */
export function moveUser(
  application: Application,
  user: User,
  destination: Destination,
  from?: Room,
): Promise<void> {
  if (!from) return move(application, user, destination);
  // Scripts ask for the next move before they hear of the last one: whoever is gone from a room is not moved from it again.
  const before = user.moving ?? Promise.resolve();
  user.moving = before.then(() => move(application, user, destination, from));
  return user.moving;
}

async function move(
  application: Application,
  user: User,
  { room: name, data, hops }: Destination,
  from?: Room,
): Promise<void> {
  try {
    // Looked at before the other room is waited for: this one may close behind those it has moved.
    if (from && !user.rooms.has(from))
      throw new HotroomError("not_in_room", `the user is not in room "${from.name}" any more.`);
    const room = roomFor(application, name);
    await user.enter(async () => {
      await room.ready;
      check(application, user, room, from);
      const joined = () => {
        void from?.leave(user, undefined, { to: room, hops });
        user.send({ event: "joined", room: room.name, welcome: room.welcome(user) });
      };
      await room.join(user, data, joined, { byScript: true, hops });
    });
  } catch (error) {
    const what = `${from ? "move" : "join"} user "${user.name}" ${from ? "to" : "with"} room "${name}"`;
    application.limits.note(`Cannot ${what}: ${messageOf(error)}`, from?.name);
  }
}

/** Returns the room of that name. Throws HotroomError where there is none, or nobody can join. */
function roomFor(application: Application, name: string): Room {
  application.limits.breaker.check(`join room "${name}"`);
  const room = application.rooms.get(name);
  if (!room || room.isProvisional) throw new HotroomError("room_not_found", "there is no such room.");
  return room;
}

/** Throws HotroomError where a user can't be in one more room, or is going. */
function check(application: Application, user: User, room: Room, from: Room | undefined): void {
  if (user.removal) throw new HotroomError("not_logged_in", "the user is going.");
  if (user.rooms.has(room)) return;
  const others = user.rooms.size + user.entering.size - (from && user.rooms.has(from) ? 1 : 0);
  if (others >= application.settings.roomsPerUser)
    throw new HotroomError("too_many_rooms", `the user is in ${others} other rooms, the most it may be in.`);
}
