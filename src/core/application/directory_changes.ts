import type { DirectoryUpdate, RoomView } from "../ports/event.ts";
import type { Room } from "../room/room.ts";
import type { User } from "../user/user.ts";
import { DirectoryPieces } from "./directory_pieces.ts";
import { PendingChanges } from "./pending_changes.ts";

/**
 * What an application's extension has not been told yet of users and rooms. It is told before its next event, so that
 * `app.users` and `app.rooms` are right whenever a handler looks, and a busy room costs the extension nothing.
 */
export class DirectoryChanges {
  readonly #users = new PendingChanges<User>();
  readonly #rooms = new PendingChanges<Room>();

  /** For an extension that has just been opened, and knows of none of these. */
  constructor(users: Iterable<User>, rooms: Iterable<Room>) {
    for (const user of users) this.userAdded(user);
    for (const room of rooms) if (room.isListed) this.roomAdded(room);
  }

  userAdded(user: User): void {
    this.#users.added(user.id, user);
  }

  userRemoved(user: User): void {
    this.#users.removed(user.id);
  }

  roomAdded(room: Room): void {
    this.#rooms.added(room.name, room);
  }

  /** Notes that another number of users is in a room. */
  roomChanged(room: Room): void {
    this.#rooms.changed(room.name, room);
  }

  roomRemoved(room: Room): void {
    this.#rooms.removed(room.name);
  }

  /** Returns what is new since the last call, in pieces; none where nothing is. */
  take(): readonly DirectoryUpdate[] {
    if (this.#users.size + this.#rooms.size === 0) return [];
    const pieces = new DirectoryPieces();
    for (const [id, user] of this.#users.take()) {
      if (user) pieces.addUser(user.view);
      else pieces.removeUser(id);
    }
    for (const [name, room] of this.#rooms.take()) {
      if (room) pieces.addRoom(viewOf(room));
      else pieces.removeRoom(name);
    }
    return pieces.all();
  }
}

/** Returns a room as scripts see it; without a limit `maxUsers` becomes null, since JSON has no Infinity. */
function viewOf({ name, type, members, maxUsers, keep }: Room): RoomView {
  return { name, type, users: members.size, maxUsers: Number.isFinite(maxUsers) ? maxUsers : null, keep };
}
