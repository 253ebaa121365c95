import { DirectoryPieces } from "../directory/directory_pieces.ts";
import type { DirectoryUpdate, RoomSettingsView } from "../ports/event.ts";
import type { KeptScript } from "../ports/script_journal.ts";

/** Whom a script that comes back was told of, as far as it has heard it. */
export class Told {
  readonly users = new Set<string>();
  readonly rooms = new Set<string>();
  /** `user\nroom`, which names don't hold. */
  readonly members = new Set<string>();
  /** How its own room is set. */
  room: RoomSettingsView | undefined;

  constructor(script: KeptScript | undefined) {
    for (const update of script?.opening.updates ?? []) this.add(update);
    for (const { event } of script?.events ?? []) if (event.kind === "directory") this.add(event.update);
  }

  /** Notes one more update that it has heard. */
  add({ users, rooms, members, room }: DirectoryUpdate): void {
    for (const id of users.remove) this.users.delete(id);
    for (const { id } of users.add) this.users.add(id);
    for (const name of rooms.remove) this.rooms.delete(name);
    for (const { name } of rooms.add) this.rooms.add(name);
    for (const each of members?.remove ?? []) this.members.delete(each.join("\n"));
    for (const each of members?.add ?? []) this.members.add(each.join("\n"));
    this.room = room ?? this.room;
  }

  /** Returns the updates that tell it of users, rooms and memberships that are not there any more. */
  gone(
    users: ReadonlyMap<string, unknown>,
    rooms: ReadonlyMap<string, HasMembers>,
  ): readonly DirectoryUpdate[] {
    const pieces = new DirectoryPieces();
    for (const id of this.users) if (!users.has(id)) pieces.removeUser(id);
    for (const name of this.rooms) if (!rooms.has(name)) pieces.removeRoom(name);
    for (const key of this.members) {
      const [user = "", room = ""] = key.split("\n");
      if (!rooms.get(room)?.members.has(user)) pieces.removeMember([user, room]);
    }
    return pieces.all();
  }
}

/** A room, as far as it is known who is in it. */
interface HasMembers {
  readonly members: ReadonlyMap<string, unknown>;
}
