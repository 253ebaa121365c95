import type { JsonText } from "../ports/event.ts";
import type { Room } from "../room/room.ts";
import type { User } from "../user/user.ts";

/**
 * What an application's extension has not been told yet of users and rooms. It is told before its next event, so that
 * `app.users` and `app.rooms` are right whenever a handler looks, and a busy room costs the extension nothing.
 */
export class DirectoryChanges {
  readonly #users = new Map<string, User | undefined>();
  readonly #rooms = new Map<string, Room | undefined>();

  /** Takes everything for new: the extension has just been opened. */
  reset(users: Iterable<User>, rooms: Iterable<Room>): void {
    for (const user of users) this.#users.set(user.id, user);
    for (const room of rooms) this.#rooms.set(room.name, room);
  }

  /** Notes that a user came, or is gone (undefined). */
  user(id: string, user: User | undefined): void {
    this.#users.set(id, user);
  }

  /** Notes that a room came or changed, or is gone (undefined). */
  room(name: string, room: Room | undefined): void {
    this.#rooms.set(name, room);
  }

  /** What is new since the last call, as JSON of `DirectoryUpdate`; undefined where nothing is. */
  take(): JsonText | undefined {
    if (this.#users.size + this.#rooms.size === 0) return undefined;
    const users = split(this.#users, ({ id, name, view }) => {
      const data = view.data === undefined ? "" : `,"data":${view.data}`;
      return `{"id":${JSON.stringify(id)},"name":${JSON.stringify(name)}${data}}`;
    });
    const rooms = split(this.#rooms, (room) => JSON.stringify(describe(room)));
    this.#users.clear();
    this.#rooms.clear();
    return `{"users":${users},"rooms":${rooms}}`;
  }
}

/** Returns a room as scripts see it; without a limit `maxUsers` becomes null, since JSON has no Infinity. */
function describe({ name, type, members, maxUsers, keep }: Room) {
  return { name, type, users: members.size, maxUsers, keep };
}

function split<T>(changes: Map<string, T | undefined>, encode: (value: T) => string): string {
  const add: string[] = [];
  const remove: string[] = [];
  for (const [key, value] of changes) {
    if (value === undefined) remove.push(JSON.stringify(key));
    else add.push(encode(value));
  }
  return `{"add":[${add}],"remove":[${remove}]}`;
}
