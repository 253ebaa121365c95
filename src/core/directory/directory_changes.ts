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
  /** By the id of the user and the name of the room, which has no line breaks. */
  readonly #members = new PendingChanges<true>();

  /** For an extension that has just been opened, and knows of none of these. */
  constructor(users: Iterable<User>, rooms: Iterable<Room>) {
    for (const user of users) this.userAdded(user);
    for (const room of rooms) {
      if (room.isListed) this.roomAdded(room);
      for (const user of room.members.values()) this.#memberChanged(room, user, true);
    }
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

  /** Notes that a room is set otherwise, or has another number of users; `isIn` says whether `user` has come or gone. */
  roomChanged(room: Room, user?: User, isIn = false): void {
    if (user) this.#memberChanged(room, user, isIn);
    if (room.isListed) this.#rooms.changed(room.name, room);
  }

  /** Notes that a room has closed, and those who were in it are in it no more. */
  roomRemoved(room: Room): void {
    if (room.isListed) this.#rooms.removed(room.name);
    for (const user of room.members.values()) this.#memberChanged(room, user, false);
  }

  /** Returns what is new since the last call, in pieces; none where nothing is. */
  take(): readonly DirectoryUpdate[] {
    if (this.#users.size + this.#rooms.size + this.#members.size === 0) return [];
    const pieces = new DirectoryPieces();
    for (const [id, user] of this.#users.take()) {
      if (user) pieces.addUser(user.view);
      else pieces.removeUser(id);
    }
    for (const [name, room] of this.#rooms.take()) {
      if (room) pieces.addRoom(viewOf(room));
      else pieces.removeRoom(name);
    }
    for (const [key, isIn] of this.#members.take()) {
      const [user = "", room = ""] = key.split("\n");
      if (isIn) pieces.addMember([user, room]);
      else pieces.removeMember([user, room]);
    }
    return pieces.all();
  }

  #memberChanged({ name }: Room, { id }: User, isIn: boolean): void {
    const key = `${id}\n${name}`;
    if (isIn) this.#members.added(key, true);
    else this.#members.removed(key);
  }
}

/** Returns a room as scripts see it; without a limit `maxUsers` becomes null, since JSON has no Infinity. */
function viewOf({ name, type, members, maxUsers, keep, settings: { locked, hidden } }: Room): RoomView {
  const most = Number.isFinite(maxUsers) ? maxUsers : null;
  return { name, type, users: members.size, maxUsers: most, keep, locked, hidden };
}
