// biome-ignore-all lint/suspicious/noExplicitAny: what clients send is anything, and scripts may read it without ceremony
/** Rooms: as the handlers of their script are given them, and as others see them. */
import type { FetchOptions } from "./fetch.d.ts";
import type { ApplicationHandle } from "./application.d.ts";
import type { AnySent, SendArguments } from "./schema.d.ts";
import type { Recipients, User } from "./user.d.ts";

/** A room, as the handlers of its script are given it; `Sent` are the data by type of the messages that it sends. */
export interface Room<State = any, Timers extends string = string, Sent = AnySent> {
  /** Name of the room: unique in its application. */
  readonly name: string;
  /** Type of the room: the name of its file in `rooms/`. */
  readonly type: string;
  /** Name of the running version of the application, as `v17·3fa9c1`. */
  readonly version: string;
  /** The room's own data: JSON. It stays when the script is edited; variables of the script do not. */
  state: State;
  /** The members, in the order in which they joined. */
  readonly users: readonly User[];
  /** Most users at one time; `Infinity` where there is no limit. */
  readonly maxUsers: number;
  /** How many users watch the room. Who watches is no member, and is sent what all members are. */
  readonly watchers: number;
  /** Most watchers at one time, as the definition says; `Infinity` where there is no limit. */
  readonly maxWatchers: number;
  /** Whether clients can't join. */
  readonly locked: boolean;
  /** Whether the room is neither listed nor announced. */
  readonly hidden: boolean;
  /** What lists of rooms tell of it: JSON; undefined where there is nothing. */
  readonly meta: any;
  /** The application that the room belongs to. */
  readonly application: ApplicationHandle;
  /** The member with this id or name. */
  user(idOrName: string): User | undefined;
  /** Sends a message to all members, or to all but some. */
  broadcast<Type extends keyof Sent & string>(
    type: Type,
    ...data: SendArguments<Sent[Type], [options?: { except?: Recipients }]>
  ): void;
  /** Sends a message to one member or to several. */
  send<Type extends keyof Sent & string>(
    to: Recipients,
    type: Type,
    ...data: SendArguments<Sent[Type]>
  ): void;
  /** Makes a server-side event for this room: `emits.<type>` or `events.emit` hears it, after this event. */
  emit(type: string, data?: unknown): void;
  /** Makes a member leave the room, and a watcher stop watching it. The user stays logged in. */
  kick(user: User | string, reason?: string): void;
  /**
   * Has a member join another room, whose `join` handler is given `data`, and leave this one once it is in; where that room does not
   * let it in it stays, and who has left this room by then is not moved. No password is asked for, and a lock doesn't matter.
   */
  move(user: User | string, roomName: string, data?: unknown): void;
  /** Changes how the room is set; what is not named stays. */
  update(options: RoomUpdate): void;
  /** Closes the room after this event. */
  close(reason?: string): void;
  /**
   * Runs `timers.<name>` once, after `ms`. A second call with the same name replaces the first; with keys, which are names as those of
   * users are, there may be one for each key.
   */
  schedule(name: Timers, ms: number, data?: unknown, options?: { key?: string }): void;
  /** Takes back `schedule` with the same name and key; nothing happens where there is nothing to take back. */
  cancel(name: Timers, options?: { key?: string }): void;
  /**
   * Has the server ask another one, after this event: what comes of it is an event, which `fetches.<name>` hears with `data`. Only what
   * `fetch` of the application's settings lists is asked.
   */
  fetch(name: string, url: string, options?: FetchOptions, data?: unknown): void;
}

/** A way to reach a room by its name. It may be made before the room exists; what is sent to no room is dropped. */
export interface RoomHandle {
  /** Name of the room. */
  readonly name: string;
  /** Makes a server-side event for the room's script. */
  emit(type: string, data?: unknown): void;
  /** Sends a message to all members of the room. */
  broadcast(type: string, data?: unknown): void;
  /** Closes the room. */
  close(reason?: string): void;
}

/** A way to reach a room by its name, from `app.ts`. */
export interface KnownRoomHandle extends RoomHandle {
  /** The members; none where there is no such room. */
  readonly users: readonly User[];
}

/** What may be changed of a room. */
export interface RoomUpdate {
  /** Most users at one time, `Infinity` for no limit. Who is in it stays. */
  maxUsers?: number;
  /** Keeps clients from joining. */
  locked?: boolean;
  /** Keeps the room out of lists and announcements; who knows its name may join it. */
  hidden?: boolean;
  /** What clients must give to join; null for nothing. */
  password?: string | null;
  /** What lists of rooms tell of it: JSON of at most 1 KB; null for nothing. */
  meta?: unknown;
}

/** A client that asks for a new room. */
export interface RoomRequest<Data = any> {
  readonly name: string;
  readonly type: string;
  readonly maxUsers?: number;
  /** Whether the room is to be neither listed nor announced. */
  readonly hidden?: boolean;
  /** What lists of rooms are to tell of it. */
  readonly meta?: any;
  /** What the client sent along: anything at all. */
  readonly data?: Data;
}

/** The same, with data that a schema has checked. */
export interface CheckedRoomRequest<Data> extends RoomRequest<Data> {
  /** What the schema made of what the client sent along. */
  readonly data: Data;
}

/** How to create a room. */
export interface RoomOptions {
  /** The room's type; may be left out where the application has only one. */
  type?: string;
  /** Most users at one time, instead of what the room type says; `Infinity` for no limit. */
  maxUsers?: number;
  /** Keeps the room when it is empty; other rooms close a while after the last user has left. */
  keep?: boolean;
  /** Keeps clients from joining; `app.join` and `room.move` still let users in. */
  locked?: boolean;
  /** What clients must give to join. */
  password?: string;
  /** Keeps the room out of lists and announcements; who knows its name may join it. */
  hidden?: boolean;
  /** What lists of rooms tell of it: JSON of at most 1 KB. */
  meta?: unknown;
}

/** A room, as the application sees it in `app.rooms`. */
export interface RoomInfo {
  readonly name: string;
  readonly type: string;
  /** Number of members. */
  readonly users: number;
  /** Most users at one time; `Infinity` where there is no limit. */
  readonly maxUsers: number;
  /** Whether the room stays when it is empty. */
  readonly keep: boolean;
  /** Whether clients can't join. */
  readonly locked: boolean;
  /** Whether the room is neither listed nor announced. */
  readonly hidden: boolean;
}
