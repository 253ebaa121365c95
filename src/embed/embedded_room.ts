import type { Application } from "../core/application/application.ts";
import { HotroomError } from "../core/errors.ts";
import type { Room } from "../core/room/room.ts";
import { parseRoomUpdate, type RoomUpdate } from "../core/room/room_options.ts";
import { deliver } from "../core/user/user.ts";
import { type UserInfo, userInfo } from "./info.ts";
import { checkEmitted, jsonOf, messageOfType } from "./message.ts";

/**
 * One room, for the program that has started the server. It stands for the name; calls throw, or reject with, HotroomError
 * `room_not_found` when the room is gone.
 */
export class EmbeddedRoom {
  readonly #live: (doing: string) => Application;

  constructor(
    readonly name: string,
    /** Returns its application as it is now, or throws. */
    live: (doing: string) => Application,
  ) {
    this.#live = live;
  }

  /** Its room type. */
  get type(): string {
    return this.#room("name the type of").type;
  }

  /** Its members, as they are now. */
  get users(): readonly UserInfo[] {
    return Array.from(this.#room("list the users of").members.values(), userInfo);
  }

  /** Sends a message to all who are in it or watch it. */
  broadcast(type: string, data?: unknown): void {
    const room = this.#room(`broadcast "${type}" in`);
    room.audience.send({ ...messageOfType(type, data), room: room.name });
  }

  /** Sends a message to one member, by id or name; returns false where there is none. */
  send(user: string, type: string, data?: unknown): boolean {
    const room = this.#room(`send "${type}" in`);
    const member = room.member(user);
    if (member) deliver([member], { ...messageOfType(type, data), room: room.name });
    return member !== undefined;
  }

  /** Makes an event for the room's script: its `emits.<type>` gets `data`. Throws HotroomError: `busy`, `invalid_data`, `too_large`. */
  emit(type: string, data?: unknown): void {
    const room = this.#room(`emit "${type}" to`);
    const fate = room.application.emit(this.name, type, jsonOf(`emit "${type}"`, data));
    checkEmitted(fate, type, () => this.#gone(`emit "${type}" to`));
  }

  /** Sets the room otherwise, as scripts do: what is absent stays. Throws HotroomError `invalid_data`. */
  update(update: RoomUpdate): void {
    this.#room("update").update(parseRoomUpdate(jsonOf("update the room", update) ?? "{}"));
  }

  /** Closes it; resolves when its `close` handler has run. */
  close(reason = "The server closed it."): Promise<void> {
    return this.#room("close").close(reason);
  }

  #room(doing: string): Room {
    const room = this.#live(`${doing} room "${this.name}" of`).rooms.get(this.name);
    if (room) return room;
    throw this.#gone(doing);
  }

  #gone(doing: string): HotroomError {
    return new HotroomError("room_not_found", `Cannot ${doing} room "${this.name}": there is no such room.`);
  }
}
