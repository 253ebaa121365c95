import { DirectoryPieces } from "../../../core/directory/directory_pieces.ts";
import type { DirectoryUpdate, RoomSettingsView, RoomView, UserView } from "../../../core/ports/event.ts";
import type { Task } from "../../wire/batch/task.ts";

/**
 * Who one script knows, by the events that it has answered: the members and watchers of a room, or the users and rooms of an
 * application. A sandbox is told it with each snapshot, and is never asked for it: what is in there can be changed by the script.
 */
export class Roster {
  readonly #users = new Map<string, UserView>();
  /** Ids of those who watch a room. */
  readonly #watchers = new Set<string>();
  /** Only an application's extension knows rooms. */
  #rooms: Map<string, RoomView> | undefined;
  /** Ids of those who are in each room of an application. */
  readonly #members = new Map<string, Set<string>>();
  /** How the script's own room is set, where that is to be told. */
  #room: RoomSettingsView | undefined;
  #updates: readonly DirectoryUpdate[] | undefined;

  /** Notes an answered event. Who leaves has left whatever the handler came to, who joins or watches does so only where `isOk`. */
  note(task: Task, isOk: boolean): void {
    if (task.kind === "join" && isOk) this.#users.set(task.user.id, task.user);
    else if (task.kind === "leave") this.#users.delete(task.user);
    else if (task.kind === "disconnect") this.#setConnected(task.user, false);
    else if (task.kind === "reconnect") this.#setConnected(task.user, true);
    else if (task.kind === "watch" && isOk) this.#watchers.add(task.user.id);
    else if (task.kind === "unwatch") this.#watchers.delete(task.user.id);
    else if (task.kind === "directory") this.#apply(task.update);
    else return;
    this.#updates = undefined;
  }

  /** Returns the updates that tell a script of all of it which knows of nobody; they don't change. */
  updates(): readonly DirectoryUpdate[] {
    this.#updates ??= this.#write();
    return this.#updates;
  }

  /** Notes that a user has a connection or none, where the user is known. */
  #setConnected(id: string | undefined, isConnected: boolean): void {
    const user = id === undefined ? undefined : this.#users.get(id);
    if (!user) return;
    const { connected: _, ...here } = user;
    this.#users.set(here.id, isConnected ? here : { ...here, connected: false });
  }

  #apply({ users, rooms, watchers, members, room }: DirectoryUpdate): void {
    for (const id of users.remove) this.#users.delete(id);
    for (const user of users.add) this.#users.set(user.id, user);
    for (const id of users.away ?? []) this.#setConnected(id, false);
    for (const id of users.back ?? []) this.#setConnected(id, true);
    for (const name of rooms.remove) this.#rooms?.delete(name);
    if (rooms.add.length > 0) this.#rooms ??= new Map();
    for (const added of rooms.add) this.#rooms?.set(added.name, added);
    for (const id of watchers?.remove ?? []) this.#watchers.delete(id);
    for (const id of watchers?.add ?? []) this.#watchers.add(id);
    for (const [id, name] of members?.remove ?? []) {
      const left = this.#members.get(name);
      if (left?.delete(id) && left.size === 0) this.#members.delete(name);
    }
    for (const [id, name] of members?.add ?? []) {
      const there = this.#members.get(name) ?? new Set();
      this.#members.set(name, there.add(id));
    }
    this.#room = room ?? this.#room;
  }

  #write(): readonly DirectoryUpdate[] {
    const pieces = new DirectoryPieces();
    for (const user of this.#users.values()) pieces.addUser(user);
    for (const room of this.#rooms?.values() ?? []) pieces.addRoom(room);
    for (const id of this.#watchers) pieces.addWatcher(id);
    for (const [name, ids] of this.#members) for (const id of ids) pieces.addMember([id, name]);
    if (this.#room) pieces.setRoom(this.#room);
    return pieces.all();
  }
}
