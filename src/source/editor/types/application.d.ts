// biome-ignore-all lint/suspicious/noExplicitAny: what clients send is anything, and scripts may read it without ceremony
/** The application: as the handlers of its script are given it, and as its rooms see it. */
import type { FetchOptions } from "./fetch.d.ts";
import type { KnownRoomHandle, RoomHandle, RoomInfo, RoomOptions } from "./room.d.ts";
import type { AnySent, SendArguments } from "./schema.d.ts";
import type { Recipients, User } from "./user.d.ts";

/** An application, as the handlers of `app.ts` are given it; `Sent` are the data by type of the messages that it sends. */
export interface Application<State = any, Timers extends string = string, Sent = AnySent> {
  /** Name of the application: that of its folder or file. */
  readonly name: string;
  /** Name of the running version of the application, as `v17·3fa9c1`. */
  readonly version: string;
  /** What `config` of the application's settings says: JSON, frozen; `{}` without it. */
  readonly config: any;
  /** Variables of the server's environment that `env` of the settings names, and that are set. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The application's own data: JSON. It stays when the script is edited; variables of the script do not. */
  state: State;
  /** All rooms of the application. */
  readonly rooms: readonly RoomInfo[];
  /** All users of the application. */
  readonly users: readonly User[];
  /** The user with this id or name. */
  user(idOrName: string): User | undefined;
  /** Creates a room. */
  createRoom(name: string, options?: RoomOptions): void;
  /** A way to reach a room by its name. */
  room(name: string): KnownRoomHandle;
  /**
   * Has a user join a room, whose `join` handler is given `data` and may refuse. No password is asked for, and a lock doesn't matter.
   */
  join(user: User | string, roomName: string, data?: unknown): void;
  /** Sends a message to all users of the application, or to all but some. */
  broadcast<Type extends keyof Sent & string>(
    type: Type,
    ...data: SendArguments<Sent[Type], [options?: { except?: Recipients }]>
  ): void;
  /** Sends a message to one user or to several, wherever they are. */
  send<Type extends keyof Sent & string>(
    to: Recipients,
    type: Type,
    ...data: SendArguments<Sent[Type]>
  ): void;
  /** Closes the user's connection. */
  kick(user: User | string, reason?: string): void;
  /** Makes a server-side event for this script: `emits.<type>` or `events.emit` hears it, after this event. */
  emit(type: string, data?: unknown): void;
  /**
   * Runs `timers.<name>` once, after `ms`. A second call with the same name replaces the first; with keys, which are names as those of
   * users are, there may be one for each key.
   */
  schedule(name: Timers, ms: number, data?: unknown, options?: { key?: string }): void;
  /** Takes back `schedule` with the same name and key; nothing happens where there is nothing to take back. */
  cancel(name: Timers, options?: { key?: string }): void;
  /** Has the server ask another one; as `room.fetch`. */
  fetch(name: string, url: string, options?: FetchOptions, data?: unknown): void;
}

/** The application, as a room's script reaches it: `room.application`. `String(room.application)` is its name. */
export interface ApplicationHandle {
  /** Name of the application. */
  readonly name: string;
  /** What `config` of the application's settings says: JSON, frozen; `{}` without it. */
  readonly config: any;
  /** Variables of the server's environment that `env` of the settings names, and that are set. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Makes a server-side event for `app.ts`. */
  emit(type: string, data?: unknown): void;
  /** A way to reach another room by its name. */
  room(name: string): RoomHandle;
  /** Creates a room. */
  createRoom(name: string, options?: RoomOptions): void;
  /** Has a user of the application join a room, whose `join` handler is given `data` and may refuse. */
  join(user: User | string, roomName: string, data?: unknown): void;
  /** Sends a message to all users of the application, in this room or not. */
  broadcast(type: string, data?: unknown): void;
  /** Sends a message to users of the application, in this room or not. */
  send(to: Recipients, type: string, data?: unknown): void;
  /** Closes the user's connection. */
  kick(user: User | string, reason?: string): void;
  /** The application's name. */
  toString(): string;
}
