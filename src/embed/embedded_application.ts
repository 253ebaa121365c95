import type { Application } from "../core/application/application.ts";
import { HotroomError } from "../core/errors.ts";
import { parseRoomOptions, type RoomOptions } from "../core/room/room_options.ts";
import { kick } from "../core/user/lose_connection.ts";
import { deliver } from "../core/user/user.ts";
import type { Server } from "../server_options.ts";
import type { GivenFiles } from "../source/read/given_files.ts";
import { isName, nameProblem } from "../protocol/names.ts";
import type { ApplicationEvents, ApplicationListeners } from "./application_listeners.ts";
import { EmbeddedRoom } from "./embedded_room.ts";
import { type UserInfo, userInfo } from "./info.ts";
import { checkEmitted, jsonOf, messageOfType } from "./message.ts";

/**
 * One application, for the program that has started the server. It stands for the name: it outlives edits, and calls throw, or reject
 * with, HotroomError `application_unavailable` while no version of it runs.
 */
export class EmbeddedApplication {
  readonly #server: Pick<Server, "applications" | "edit">;
  readonly #listeners: ApplicationListeners;

  constructor(
    readonly name: string,
    server: Pick<Server, "applications" | "edit">,
    listeners: ApplicationListeners,
  ) {
    this.#server = server;
    this.#listeners = listeners;
  }

  /** Whether a version of it runs. */
  get running(): boolean {
    return this.#server.applications.find(this.name) !== undefined;
  }

  /** What is wrong with the newest edit, with the place in its source; undefined where that is live, or there was none yet. */
  get error(): string | undefined {
    return this.#server.applications.entry(this.name)?.error?.toString();
  }

  /** Name of the version that new rooms get: `v3·81c2aa`. */
  get version(): string {
    return this.#live("name the version of").version.build.version;
  }

  /** Those who are logged in, as they are now. */
  get users(): readonly UserInfo[] {
    return Array.from(this.#live("list the users of").users.values(), userInfo);
  }

  /** The rooms that are there now. */
  get rooms(): readonly EmbeddedRoom[] {
    const rooms = [...this.#live("list the rooms of").rooms.values()].filter((each) => each.isAnnounced);
    return rooms.map(({ name }) => this.#room(name));
  }

  /** Returns a room by name; undefined where there is none. */
  room(name: string): EmbeddedRoom | undefined {
    const room = this.#live("look for a room of").rooms.get(name);
    return room?.isAnnounced ? this.#room(name) : undefined;
  }

  /**
   * Makes a room, as scripts do, and resolves when its `init` handler has run. Rejects with HotroomError: `invalid_data`,
   * `invalid_name`, `room_exists`, `room_type_not_found`, `too_many_rooms`, `handler_failed`.
   */
  async createRoom(name: string, options: Partial<RoomOptions> = {}): Promise<EmbeddedRoom> {
    const application = this.#live(`create room "${name}" of`);
    if (!isName(name)) throw new HotroomError("invalid_name", `Cannot create the room: ${nameProblem(name)}`);
    const parsed = parseRoomOptions(jsonOf("create the room", options) ?? "{}", (type) =>
      application.typeOf(type),
    );
    await application.createRoom(name, parsed).ready;
    return this.#room(name);
  }

  /** Makes an event for the application's script: its `emits.<type>` gets `data`. Throws HotroomError: `busy`, `no_handler`, `invalid_data`, `too_large`. */
  emit(type: string, data?: unknown): void {
    const application = this.#live(`emit "${type}" to`);
    const fate = application.emit(null, type, jsonOf(`emit "${type}"`, data));
    checkEmitted(
      fate,
      type,
      () => new HotroomError("no_handler", `Cannot emit "${type}": the application has no extension.`),
    );
  }

  /** Sends a message to all users. */
  broadcast(type: string, data?: unknown): void {
    this.#live(`broadcast "${type}" to`).broadcast(messageOfType(type, data));
  }

  /** Sends a message to one user, by id or name; returns false where there is none. */
  send(user: string, type: string, data?: unknown): boolean {
    const found = this.#live(`send "${type}" to a user of`).userOf(user);
    if (found) deliver([found], messageOfType(type, data));
    return found !== undefined;
  }

  /** Puts a user out, by id or name; returns false where there is none. */
  kick(user: string, reason: string): boolean {
    const application = this.#live("kick a user of");
    const found = application.userOf(user);
    if (found) kick(application, found, reason);
    return found !== undefined;
  }

  /** Hears of what happens from now on, also of an application that is not there yet; returns what ends that. */
  on<Event extends keyof ApplicationEvents>(
    event: Event,
    listener: (...values: ApplicationEvents[Event]) => unknown,
  ): () => void {
    return this.#listeners.add(this.name, event, listener);
  }

  /**
   * Edits an application that was given as texts: these are all of its files now. Resolves when its rooms have moved. Rejects with
   * HotroomError: `build_failed` where these files can't be a version, and what ran goes on; `not_allowed` where it lies on the disk.
   */
  edit(files: GivenFiles): Promise<void> {
    return this.#server.edit(this.name, files);
  }

  #room(name: string): EmbeddedRoom {
    return new EmbeddedRoom(name, (doing) => this.#live(doing));
  }

  #live(doing: string): Application {
    const application = this.#server.applications.find(this.name);
    if (application) return application;
    const message = `Cannot ${doing} application "${this.name}": no version of it runs.`;
    throw new HotroomError("application_unavailable", message);
  }
}
