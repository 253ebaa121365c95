// biome-ignore-all lint/suspicious/noExplicitAny: what clients send is anything, and scripts may read it without ceremony
// biome-ignore-all lint/suspicious/noConfusingVoidType: a handler that returns nothing is typed as returning void
/**
 * The script API of hotroom: what `import { … } from "hotroom"` gives to a script in `extensions/`.
 *
 * A script's default export is a room (`defineRoom`) or, in `app.ts`, an application (`defineApplication`): a plain
 * object of handlers. Handlers may be `async`, but nothing in a script waits for the outside: a promise that is still
 * pending when its handler has run fails the event.
 *
 * What a script sends, schedules or keeps in `state` is JSON: no functions, no `Map`, no `Date`, no instances of
 * classes. Besides the language itself a script has `console`, `hotroom` and `valibot`; there is no `setTimeout` (use
 * `room.schedule`), no `fetch`, no file and no network.
 *
 * When a handler throws, everything it asked for is dropped, as if it had sent nothing, and the server's log names
 * the line. What it changed in `state` stays.
 */

// ------------------------------------------------------------------------------------------------ definitions

/**
 * Defines a room type: the default export of `rooms/<type>.ts`, or of an application in one file `<name>.ts`.
 *
 * ```ts
 * import { defineRoom } from "hotroom";
 * import * as v from "valibot";
 *
 * export default defineRoom({
 *   maxUsers: 50,
 *   state: () => ({ lines: [] as string[] }),
 *   events: {
 *     join(room, user) {
 *       room.send(user, "history", room.state.lines);
 *     },
 *   },
 *   messages: {
 *     say: {
 *       schema: v.object({ text: v.pipe(v.string(), v.maxLength(500)) }),
 *       handle(room, user, { text }) {
 *         room.state.lines.push(`${user.name}: ${text}`);
 *         room.broadcast("said", { from: user.name, text });
 *       },
 *     },
 *   },
 * });
 * ```
 */
export declare function defineRoom<
  Schemas,
  Messages,
  State = Record<string, any>,
  Timers extends string = never,
>(definition: {
  /** Most users at one time; without it there is no limit. Who creates a room may ask for another limit. */
  maxUsers?: number;
  /** Makes the state of a new room, before its `init`. State is JSON; it is what survives when the script is edited. */
  state?: (() => State) & (() => JsonOnly<NoInfer<State>>);
  /** What happens to the room. */
  events?: RoomEvents<Room<State, NoInfer<Timers>>>;
  /**
   * What clients send to the room, by the message's type: a function, or `{ schema, handle }` where the data is checked
   * first. What the handler returns is the reply, where the client asked for one.
   */
  messages?: MessageHandlers<Room<State, NoInfer<Timers>>, Schemas> & Messages;
  /** What `room.schedule(name, …)` starts, by that name. */
  timers?: { [Name in Timers]: (room: Room<State, NoInfer<Timers>>, data: any) => unknown };
  /** Server-side events by their type, from `room.emit`, `app.room(name).emit` or HTTP; `events.emit` hears the others. */
  emits?: { [type: string]: (room: Room<State, NoInfer<Timers>>, data: any) => unknown };
  /** Runs `tickRate` times a second; `elapsed` is the time since the last tick, in ms. */
  tick?(room: Room<State, NoInfer<Timers>>, elapsed: number): unknown;
  /** Ticks a second: 1 to 60, without it 20. */
  tickRate?: number;
  /**
   * Turns the state that another version of the script left into this version's state, when the script is edited.
   * It has only its arguments to go by and may run more than once. `from` is the name of the other version, as
   * `v3·81c2aa`. Without `migrate` the state is taken over as it is. Give its result a type where the state has literal
   * types, as in `migrate: (old): MatchState => …`: the compiler widens them before it has seen what `state` gives.
   */
  migrate?(state: any, from: string): NoInfer<State>;
}): RoomDefinition<State, Messages>;

/**
 * Defines an application: the default export of `app.ts`. Its handlers hear what happens outside of rooms: who connects,
 * logs in, asks for a room, and the messages that are sent to no room.
 *
 * ```ts
 * import { defineApplication, refuse } from "hotroom";
 *
 * export default defineApplication({
 *   events: {
 *     init(app) {
 *       app.createRoom("hall", { type: "hall", keep: true });
 *     },
 *     login(app, { data }) {
 *       if (data.token !== "let-me-in") refuse("Wrong token.");
 *       return { name: data.name };
 *     },
 *   },
 * });
 * ```
 */
export declare function defineApplication<
  Schemas,
  Messages,
  State = Record<string, any>,
  Timers extends string = never,
>(definition: {
  /** Makes the application's state when it starts, before `init`. State is JSON; it survives when a script is edited. */
  state?: (() => State) & (() => JsonOnly<NoInfer<State>>);
  /** What happens to the application. */
  events?: ApplicationEvents<Application<State, NoInfer<Timers>>>;
  /** What clients send without naming a room, by the message's type; as in `defineRoom`. */
  messages?: MessageHandlers<Application<State, NoInfer<Timers>>, Schemas> & Messages;
  /** What `app.schedule(name, …)` starts, by that name. */
  timers?: { [Name in Timers]: (app: Application<State, NoInfer<Timers>>, data: any) => unknown };
  /** Server-side events by their type, from `app.emit`, `room.application.emit` or HTTP; `events.emit` hears the others. */
  emits?: { [type: string]: (app: Application<State, NoInfer<Timers>>, data: any) => unknown };
  /** Runs `tickRate` times a second; `elapsed` is the time since the last tick, in ms. */
  tick?(app: Application<State, NoInfer<Timers>>, elapsed: number): unknown;
  /** Ticks a second: 1 to 60, without it 20. */
  tickRate?: number;
  /** Turns the state that another version of the script left into this version's state; as in `defineRoom`. */
  migrate?(state: any, from: string): NoInfer<State>;
}): ApplicationDefinition<State, Messages>;

/**
 * Ends the handler by saying no. In `login`, `join` and `create` it means that the user is not logged in, does not join,
 * gets no room; in a message's handler that the request fails. The client gets `reason`, and `data` where it is given.
 */
export declare function refuse(reason: string, data?: unknown): never;

/** What `defineRoom` returns. */
export interface RoomDefinition<State = any, Messages = any> {
  /** Never there when the script runs: it carries the types for `StateOf` and `MessagesOf`. */
  readonly "~room"?: { readonly state: State; readonly messages: Messages };
}

/** What `defineApplication` returns. */
export interface ApplicationDefinition<State = any, Messages = any> {
  /** Never there when the script runs: it carries the types for `StateOf` and `MessagesOf`. */
  readonly "~application"?: { readonly state: State; readonly messages: Messages };
}

// ------------------------------------------------------------------------------------------------ handlers

/** What happens to a room. `R` is the `Room` that the handlers are given. */
export interface RoomEvents<R = Room> {
  /** The room has been set up and has no user yet. */
  init?(room: R): unknown;
  /**
   * A user joins; `data` is what the client sent along. May `refuse`. The user is in `room.users` already and can be
   * sent to; refused, the user is out again and nobody has seen anything.
   */
  join?(room: R, user: User, data: any): unknown;
  /** A user has left, for whatever reason, and is no longer in `room.users`. `reason` is there when the user was kicked. */
  leave?(room: R, user: User, reason?: string): unknown;
  /** A member's connection is gone. `leave` follows, unless the user comes back in time. */
  disconnect?(room: R, user: User): unknown;
  /** A member whose connection was gone is back. */
  reconnect?(room: R, user: User): unknown;
  /** A message whose type `messages` has no handler for. What it returns is the reply. */
  message?(room: R, user: User, message: Message): unknown;
  /** A server-side event whose type `emits` has no handler for. */
  emit?(room: R, event: Message): unknown;
  /** The room is about to close; its users are still here. */
  close?(room: R, reason: string): unknown;
}

/** What happens to an application. `A` is the `Application` that the handlers are given. */
export interface ApplicationEvents<A = Application> {
  /** The application has started. The place to create rooms that are always there. */
  init?(app: A): unknown;
  /** A client has connected; it has no user yet. */
  connect?(app: A, connection: Connection): unknown;
  /** A connection is gone; `user` is who was logged in on it, if anyone. */
  disconnect?(app: A, connection: Connection, user: User | undefined): unknown;
  /**
   * A client asks to be a user; `login.data` is what it sent. May `refuse`. Returns the user's name and, if wanted, data
   * to keep with the user; without a result, or without this handler, the name is `login.data.name`.
   */
  login?(app: A, login: Login): LoginResult | undefined | void | Promise<LoginResult | undefined | void>;
  /** A user has logged out and is no longer in `app.users`. */
  logout?(app: A, user: User): unknown;
  /** A user asks for a new room. May `refuse`. */
  create?(app: A, request: RoomRequest, user: User): unknown;
  /** A message without a room whose type `messages` has no handler for. What it returns is the reply. */
  message?(app: A, user: User, message: Message): unknown;
  /** A server-side event whose type `emits` has no handler for. */
  emit?(app: A, event: Message): unknown;
}

/**
 * Handlers of messages by type. `Schemas` is inferred from the entries; `Subject` is the `Room` or `Application` that
 * the handlers are given.
 */
export type MessageHandlers<Subject, Schemas> = {
  [Type in keyof Schemas]: MessageHandler<Subject> | CheckedMessageHandler<Subject, Schemas[Type]>;
};

/** Handles a message whose data comes as the client sent it: anything at all. What it returns is the reply. */
export type MessageHandler<Subject = Room> = (subject: Subject, user: User, data: any) => unknown;

/** Handles a message whose data is checked by a schema first; other data is answered with `invalid_data`. */
export interface CheckedMessageHandler<Subject = Room, Schema = StandardSchemaV1> {
  /** A schema of valibot, or of any library that knows Standard Schema. */
  schema: Schema & StandardSchemaV1;
  /** `data` is what the schema made of the client's data. What it returns is the reply. */
  handle(subject: Subject, user: User, data: SchemaOutput<Schema>): unknown;
}

// ------------------------------------------------------------------------------------------------ what scripts hold

/** A room, as the handlers of its script are given it. */
export interface Room<State = any, Timers extends string = string> {
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
  /** The application that the room belongs to. */
  readonly application: ApplicationHandle;
  /** The member with this id or name. */
  user(idOrName: string): User | undefined;
  /** Sends a message to all members, or to all but some. */
  broadcast(type: string, data?: unknown, options?: { except?: Recipients }): void;
  /** Sends a message to one member or to several. */
  send(to: Recipients, type: string, data?: unknown): void;
  /** Makes a server-side event for this room: `emits.<type>` or `events.emit` hears it, after this event. */
  emit(type: string, data?: unknown): void;
  /** Makes a member leave the room. The user stays logged in. */
  kick(user: User | string, reason?: string): void;
  /** Closes the room after this event. */
  close(reason?: string): void;
  /** Runs `timers.<name>` once, after `ms`. A second call with the same name replaces the first. */
  schedule(name: Timers, ms: number, data?: unknown): void;
  /** Takes back `schedule`; nothing happens where there is nothing to take back. */
  cancel(name: Timers): void;
}

/** An application, as the handlers of `app.ts` are given it. */
export interface Application<State = any, Timers extends string = string> {
  /** Name of the application: that of its folder or file. */
  readonly name: string;
  /** Name of the running version of the application, as `v17·3fa9c1`. */
  readonly version: string;
  /** The application's own data: JSON. It stays when the script is edited; variables of the script do not. */
  state: State;
  /** All rooms of the application. */
  readonly rooms: readonly RoomInfo[];
  /** All users of the application. */
  readonly users: readonly User[];
  /** Creates a room. */
  createRoom(name: string, options?: RoomOptions): void;
  /** A way to reach a room by its name. */
  room(name: string): RoomHandle;
  /** Sends a message to all users of the application, or to all but some. */
  broadcast(type: string, data?: unknown, options?: { except?: Recipients }): void;
  /** Sends a message to one user or to several, wherever they are. */
  send(to: Recipients, type: string, data?: unknown): void;
  /** Closes the user's connection. */
  kick(user: User | string, reason?: string): void;
  /** Makes a server-side event for this script: `emits.<type>` or `events.emit` hears it, after this event. */
  emit(type: string, data?: unknown): void;
  /** Runs `timers.<name>` once, after `ms`. A second call with the same name replaces the first. */
  schedule(name: Timers, ms: number, data?: unknown): void;
  /** Takes back `schedule`; nothing happens where there is nothing to take back. */
  cancel(name: Timers): void;
}

/** The application, as a room's script reaches it: `room.application`. `String(room.application)` is its name. */
export interface ApplicationHandle {
  /** Name of the application. */
  readonly name: string;
  /** Makes a server-side event for `app.ts`. */
  emit(type: string, data?: unknown): void;
  /** A way to reach another room by its name. */
  room(name: string): RoomHandle;
  /** Creates a room. */
  createRoom(name: string, options?: RoomOptions): void;
  /** Sends a message to all users of the application, in this room or not. */
  broadcast(type: string, data?: unknown): void;
  /** Sends a message to users of the application, in this room or not. */
  send(to: Recipients, type: string, data?: unknown): void;
  /** Closes the user's connection. */
  kick(user: User | string, reason?: string): void;
  /** The application's name. */
  toString(): string;
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

/**
 * Who is logged in to the application. `Data` is what the `login` handler attached; a handler may say what it expects:
 * `join(room, user: User<{ level: number }>)`.
 */
export interface User<Data = any> {
  /** Unique in the application, and never given to another user. */
  readonly id: string;
  /** Unique in the application at one time. */
  readonly name: string;
  /** What the `login` handler returned as `data`. */
  readonly data: Data;
}

/** Users to send to: a user, or the id or name of one, or several of these. */
export type Recipients = User | string | readonly (User | string)[];

/** One live connection of a client; it has a user once a login on it has succeeded. */
export interface Connection {
  /** Unique while the server runs. */
  readonly id: string;
}

/** A client that asks to be a user. */
export interface Login<Data = any> {
  /** What the client sent: anything at all. */
  readonly data: Data;
  /** The connection that the client logs in on. */
  readonly connection: Connection;
}

/** What a `login` handler may return. */
export interface LoginResult {
  /** The user's name; without it, `login.data.name`. */
  name?: string;
  /** JSON to keep with the user, as `user.data`. */
  data?: unknown;
}

/** A message of a client, or a server-side event, as the catch-all handlers are given it. */
export interface Message<Data = any> {
  readonly type: string;
  /** What was sent along: anything at all. */
  readonly data: Data;
}

/** A client that asks for a new room. */
export interface RoomRequest<Data = any> {
  readonly name: string;
  readonly type: string;
  readonly maxUsers?: number;
  /** What the client sent along: anything at all. */
  readonly data?: Data;
}

/** How to create a room. */
export interface RoomOptions {
  /** The room's type; may be left out where the application has only one. */
  type?: string;
  /** Most users at one time, instead of what the room type says. */
  maxUsers?: number;
  /** Keeps the room when it is empty; other rooms close a while after the last user has left. */
  keep?: boolean;
  /** What clients must give to join. */
  password?: string;
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
}

// ------------------------------------------------------------------------------------------------ types of definitions

/** The state of a definition: `StateOf<typeof import("./rooms/match.ts").default>`. */
export type StateOf<Definition> =
  Definition extends RoomDefinition<infer State, any>
    ? State
    : Definition extends ApplicationDefinition<infer State, any>
      ? State
      : never;

/**
 * The messages of a definition as a client sees them, by type: what to send as `data`, and the `reply`.
 *
 * ```ts
 * import type match from "./extensions/tictactoe/rooms/match.ts";
 * type Messages = MessagesOf<typeof match>; // { move: { data: { cell: number }; reply: { ok: boolean } } }
 * ```
 */
export type MessagesOf<Definition> =
  Definition extends RoomDefinition<any, infer Messages>
    ? MessagesOfHandlers<Messages>
    : Definition extends ApplicationDefinition<any, infer Messages>
      ? MessagesOfHandlers<Messages>
      : never;

/** What a client sends with one message, and what it gets back where it asks for a reply. */
export interface MessageType<Data = any, Reply = any> {
  data: Data;
  reply: Reply;
}

type MessagesOfHandlers<Handlers> = { [Type in keyof Handlers]: MessageOfHandler<Handlers[Type]> };

type MessageOfHandler<Handler> = Handler extends {
  schema: infer Schema;
  handle: (...parameters: any) => infer Reply;
}
  ? MessageType<SchemaInput<Schema>, ReplyOf<Reply>>
  : Handler extends (...parameters: infer Parameters) => infer Reply
    ? MessageType<Parameters extends [any, any, infer Data, ...any] ? Data : any, ReplyOf<Reply>>
    : MessageType;

/** A handler that returns nothing is answered with nothing. */
type ReplyOf<Result> = [Awaited<Result>] extends [void] ? undefined : Awaited<Result>;

// ------------------------------------------------------------------------------------------------ schemas and JSON

/** What every schema library has in common; see standardschema.dev. */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
      ...rest: any[]
    ) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema accepts. */
export type SchemaInput<Schema> = Schema extends StandardSchemaV1<infer Input, any> ? Input : any;

/** What a schema makes of what it accepts. */
export type SchemaOutput<Schema> = Schema extends StandardSchemaV1<any, infer Output> ? Output : any;

/** `T` where it is JSON; what is not JSON in it becomes a text that can't be assigned to, so that the editor shows it. */
type JsonOnly<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends NotJson
      ? "State is JSON: this would be lost. Use plain objects, arrays, strings, numbers, booleans and null."
      : { [Key in keyof T]: JsonOnly<T[Key]> };

type NotJson =
  | ((...parameters: any) => any)
  | bigint
  | symbol
  | Date
  | RegExp
  | Error
  | ReadonlyMap<any, any>
  | ReadonlySet<any>
  | WeakMap<any, any>
  | WeakSet<any>
  | Promise<any>
  | ArrayBuffer
  | ArrayBufferView;

// ------------------------------------------------------------------------------------------------ globals

declare global {
  /** Writes to the server's log; each line names application, room and version. */
  interface Console {
    debug(...data: any[]): void;
    log(...data: any[]): void;
    info(...data: any[]): void;
    warn(...data: any[]): void;
    error(...data: any[]): void;
  }
  var console: Console;
}
