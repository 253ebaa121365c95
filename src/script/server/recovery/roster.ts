import { DirectoryPieces } from "../../../core/application/directory_pieces.ts";
import type { DirectoryUpdate, RoomView, UserView } from "../../../core/ports/event.ts";
import type { Task } from "../../wire/batch/task.ts";

/**
 * Who one script knows, by the events that it has answered: the members of a room, or the users and rooms of an application. A
 * sandbox is told it with each snapshot, and is never asked for it: what is in there can be changed by the script.
 */
export class Roster {
  readonly #users = new Map<string, UserView>();
  /** Only an application's extension knows rooms. */
  #rooms: Map<string, RoomView> | undefined;
  #updates: readonly DirectoryUpdate[] | undefined;

  /** Notes an answered event. Who leaves has left whatever the handler came to, who joins is in only where `isOk`. */
  note(task: Task, isOk: boolean): void {
    if (task.kind === "join" && isOk) this.#users.set(task.user.id, task.user);
    else if (task.kind === "leave") this.#users.delete(task.user);
    else if (task.kind === "disconnect") this.#setConnected(task.user, false);
    else if (task.kind === "reconnect") this.#setConnected(task.user, true);
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

  #apply({ users, rooms }: DirectoryUpdate): void {
    for (const id of users.remove) this.#users.delete(id);
    for (const user of users.add) this.#users.set(user.id, user);
    for (const id of users.away ?? []) this.#setConnected(id, false);
    for (const id of users.back ?? []) this.#setConnected(id, true);
    for (const name of rooms.remove) this.#rooms?.delete(name);
    if (rooms.add.length > 0) this.#rooms ??= new Map();
    for (const room of rooms.add) this.#rooms?.set(room.name, room);
  }

  #write(): readonly DirectoryUpdate[] {
    const pieces = new DirectoryPieces();
    for (const user of this.#users.values()) pieces.addUser(user);
    for (const room of this.#rooms?.values() ?? []) pieces.addRoom(room);
    return pieces.all();
  }
}
