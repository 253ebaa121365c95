// biome-ignore-all lint/suspicious/noExplicitAny: what clients send is anything, and scripts may read it without ceremony
// biome-ignore-all lint/suspicious/noConfusingVoidType: a handler that returns nothing is typed as returning void
/** The handlers of rooms and applications. */
import type { Application } from "./application.d.ts";
import type { HttpRequest } from "./http.d.ts";
import type { CheckedRoomRequest, Room, RoomInfo, RoomRequest } from "./room.d.ts";
import type { SchemaOutput, StandardSchemaV1 } from "./schema.d.ts";
import type { Connection, Login, LoginResult, Message, User } from "./user.d.ts";

/** The edit that a script goes on after. */
export interface Reload {
  /** Name of the version that it left, as `v17·3fa9c1`. */
  readonly from: string;
}

/**
 * An event's handler, or one whose data is checked by a schema first: other data is answered with `invalid_data`, and the handler is not
 * asked.
 */
export type MayBeChecked<Schema, Handle, CheckedHandle> =
  | Handle
  | {
      /** A schema of valibot, or of any library that knows Standard Schema. */
      schema: Schema & StandardSchemaV1;
      handle: CheckedHandle;
    };

/**
 * What happens to a room. `R` is the `Room` that the handlers are given; `Join` and `Watch` are the schemas of these, `Watched` is what
 * the latter returns.
 */
export interface RoomEvents<R = Room, Join = any, Watch = any, Watched = unknown> {
  /** The room has been set up and has no user yet. */
  init?(room: R): unknown;
  /**
   * The room goes on in this version of the script, with the state that it had in the version before, `from`: the first event
   * that the version hears. The place for what `init` does since the edit.
   */
  reload?(room: R, edit: Reload): unknown;
  /**
   * A user joins; `data` is what the client sent along. May `refuse`. The user is in `room.users` already and can be
   * sent to; refused, the user is out again and nobody has seen anything. `{ schema, handle }` checks the data first.
   */
  join?: MayBeChecked<
    Join,
    (room: R, user: User, data: any) => unknown,
    (room: R, user: User, data: SchemaOutput<Join>) => unknown
  >;
  /** A user has left, for whatever reason, and is no longer in `room.users`. `reason` is there when the user was kicked. */
  leave?(room: R, user: User, reason?: string): unknown;
  /**
   * A user asks to watch the room without being in it; `data` is what the client sent along. May `refuse`. What it returns is
   * `data` of the reply. Without this handler a room that has a `join` handler is watched by nobody, unless the settings allow it.
   * `{ schema, handle }` checks the data first.
   */
  watch?: MayBeChecked<
    Watch,
    (room: R, user: User, data: any) => Watched,
    (room: R, user: User, data: SchemaOutput<Watch>) => Watched
  >;
  /** A user watches the room no more, for whatever reason. */
  unwatch?(room: R, user: User): unknown;
  /** A member's connection is gone. It may come back for a while, which `reconnect` tells; if it does not, `leave` follows. */
  disconnect?(room: R, user: User): unknown;
  /** A member whose connection was gone is back, or has another connection. */
  reconnect?(room: R, user: User): unknown;
  /** A message whose type `messages` has no handler for. What it returns is the reply. */
  message?(room: R, user: User, message: Message): unknown;
  /** A server-side event whose type `emits` has no handler for. */
  emit?(room: R, event: Message): unknown;
  /** The room is about to close; its users are still here. */
  close?(room: R, reason: string): unknown;
}

/** What a `login` handler may come to. */
type LoginAnswer = LoginResult | undefined | void | Promise<LoginResult | undefined | void>;

/** What happens to an application. `A` is the `Application` that the handlers are given; `LogIn` and `Create` are the schemas of these. */
export interface ApplicationEvents<A = Application, LogIn = any, Create = any> {
  /** The application has started. The place to create rooms that are always there. */
  init?(app: A): unknown;
  /** The application goes on in this version of the script; as `reload` of a room. */
  reload?(app: A, edit: Reload): unknown;
  /** A client has connected; it has no user yet. */
  connect?(app: A, connection: Connection): unknown;
  /** A connection is gone; `user` is who was logged in on it, if anyone, and may come back for a while; if it does not, `logout` follows. */
  disconnect?(app: A, connection: Connection, user: User | undefined): unknown;
  /** A user whose connection was gone is back, on this one. */
  reconnect?(app: A, connection: Connection, user: User): unknown;
  /**
   * A client asks to be a user; `login.data` is what it sent. May `refuse`. Returns the user's name and, if wanted, data
   * to keep with the user; without a result, or without this handler, the name is `login.data.name`. The login may still
   * fail behind it: decide here, act in `loggedIn`. `{ schema, handle }` checks `login.data` first.
   */
  login?: MayBeChecked<
    LogIn,
    (app: A, login: Login) => LoginAnswer,
    (app: A, login: Login<SchemaOutput<LogIn>>) => LoginAnswer
  >;
  /** A user has logged in and is in `app.users`; the counterpart of `logout`. */
  loggedIn?(app: A, user: User): unknown;
  /** A user has logged out, or has been away for too long, and is no longer in `app.users`. */
  logout?(app: A, user: User): unknown;
  /**
   * A user asks for a new room. May `refuse`. The room may still not be made: decide here, act in `created`. `{ schema, handle }` checks
   * `request.data` first.
   */
  create?: MayBeChecked<
    Create,
    (app: A, request: RoomRequest, user: User) => unknown,
    (app: A, request: CheckedRoomRequest<SchemaOutput<Create>>, user: User) => unknown
  >;
  /** A room has been made and is in `app.rooms`; `user` asked for it, or joined it first; undefined where a script made it. */
  created?(app: A, room: RoomInfo, user: User | undefined): unknown;
  /** A message without a room whose type `messages` has no handler for. What it returns is the reply. */
  message?(app: A, user: User, message: Message): unknown;
  /** A server-side event whose type `emits` has no handler for. */
  emit?(app: A, event: Message): unknown;
  /**
   * Somebody asks by HTTP, at `/apps/<application>/…`, for what is no page. Returns an `HttpAnswer`, a text, or JSON; nothing is
   * answered with 204. What it refuses is answered with 400 and the reason.
   */
  request?(app: A, request: HttpRequest): unknown;
  /** The application is about to be removed, or the server stops. */
  close?(app: A, reason: string): unknown;
}

/**
 * Handlers of messages by type. `Schemas` is inferred from the entries; `Subject` is the `Room` or `Application` that
 * the handlers are given.
 */
export type MessageHandlers<Subject, Schemas> = {
  [Type in keyof Schemas]: MessageHandler<Subject> | CheckedMessageHandler<Subject, Schemas[Type]>;
};

/** Handlers of a room's messages by type, and what is passed on without one. */
export type RoomMessageHandlers<Subject, Schemas> = {
  [Type in keyof Schemas]: MessageHandler<Subject> | CheckedMessageHandler<Subject, Schemas[Type]> | Relay;
};

/** How messages of a type are passed on. */
export interface RelayOptions {
  /** Who gets them: without it all others who are in the room or watch it; with `"all"` the sender as well. */
  to?: "others" | "all";
  /**
   * Whether only the newest of a user matters, as of a cursor: for a client that does not keep up it takes the place of the one that waits, and
   * nobody is sent later what was missed.
   */
  volatile?: boolean;
  /** Messages a second of one user, from 1 to 10000, without it 30; twice as many at once. What is more is dropped. */
  rate?: number;
  /** Bytes of one message's data as JSON, or of bytes, from 1 to 1048576, without it 512. */
  maxBytes?: number;
}

/** What `relay` returns. */
export interface Relay<Data = any> {
  /** Never there when the script runs: it carries the type for clients. */
  readonly "~relay": { readonly data: Data };
}

/** Handles a message whose data comes as the client sent it: anything at all. What it returns is the reply. */
export type MessageHandler<Subject = Room> = (subject: Subject, user: User, data: any) => unknown;

/** Handles a message whose data is checked by a schema first; other data is answered with `invalid_data`. */
export interface CheckedMessageHandler<Subject = Room, Schema = StandardSchemaV1> {
  /** A schema of valibot, or of any library that knows Standard Schema. */
  schema: Schema & StandardSchemaV1;
  /** `data` is what the schema made of the client's data. What it returns is the reply. */
  handle(subject: Subject, user: User, data: SchemaOutput<Schema>): unknown;
}

/** Handlers of timers by name. `Schemas` is inferred from the entries. */
export type TimerHandlers<Subject, Schemas> = {
  [Name in keyof Schemas]: TimerHandler<Subject> | CheckedTimerHandler<Subject, Schemas[Name]>;
};

/** Handles a timer; `data` and `key` are what `schedule` was given. */
export type TimerHandler<Subject = Room> = (subject: Subject, data: any, key: string | undefined) => unknown;

/** Handles a timer whose data is checked by a schema first; other data fails the event. */
export interface CheckedTimerHandler<Subject = Room, Schema = StandardSchemaV1> {
  /** A schema of valibot, or of any library that knows Standard Schema. */
  schema: Schema & StandardSchemaV1;
  /** `data` is what the schema made of what `schedule` was given. */
  handle(subject: Subject, data: SchemaOutput<Schema>, key: string | undefined): unknown;
}
