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
 * classes. Besides the language itself a script has `console`, `hotroom` and `valibot`, and of what
 * browsers have texts as bytes, base64, `structuredClone`, `crypto` for chance and `performance.now`; there is no `setTimeout` (use
 * `room.schedule`), no file and no network: the server fetches for it (`room.fetch`).
 *
 * When a handler throws, everything it asked for is dropped, as if it had sent nothing, `state` is what it was before, and the
 * server's log names the line.
 */
import type { Application } from "./application.d.ts";
import type { ApplicationDefinition, RoomDefinition } from "./definition.d.ts";
import type { FetchResponse } from "./fetch.d.ts";
import type {
  ApplicationEvents,
  MessageHandlers,
  Relay,
  RelayOptions,
  RoomEvents,
  RoomMessageHandlers,
  TimerHandlers,
} from "./handlers.d.ts";
import type { JsonOnly } from "./json.d.ts";
import type { Room } from "./room.d.ts";
import type { SentBy, StandardSchemaV1 } from "./schema.d.ts";

export type * from "./application.d.ts";
export type * from "./definition.d.ts";
export type * from "./fetch.d.ts";
export type * from "./handlers.d.ts";
export type * from "./http.d.ts";
export type * from "./room.d.ts";
export type * from "./schema.d.ts";
export type * from "./settings.d.ts";
export type * from "./user.d.ts";

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
  TimerSchemas = Record<never, never>,
  Sends extends Record<string, StandardSchemaV1> = Record<never, never>,
  Join = undefined,
  Watch = undefined,
  Watched = undefined,
>(definition: {
  /** Most users at one time; without it there is no limit. Who creates a room may ask for another limit. */
  maxUsers?: number;
  /** Most users who watch the room at one time; without it there is no limit. */
  maxWatchers?: number;
  /** Makes the state of a new room, before its `init`. State is JSON; it is what survives when the script is edited. */
  state?: (() => State) & (() => JsonOnly<NoInfer<State>>);
  /** What happens to the room. */
  events?: RoomEvents<Room<State, NoInfer<Timers>, SentBy<NoInfer<Sends>>>, Join, Watch, Watched>;
  /**
   * What clients send to the room, by the message's type: a function, or `{ schema, handle }` where the data is checked
   * first. What the handler returns is the reply, where the client asked for one. Or `relay()`, and the server passes it on by itself.
   */
  messages?: RoomMessageHandlers<Room<State, NoInfer<Timers>, SentBy<NoInfer<Sends>>>, Schemas> & Messages;
  /** What `room.schedule(name, …)` starts, by that name: a function, or `{ schema, handle }`. */
  timers?: { [Name in Timers]: unknown } & TimerHandlers<
    Room<State, NoInfer<Timers>, SentBy<NoInfer<Sends>>>,
    TimerSchemas
  >;
  /**
   * What the room sends, by the message's type: a schema of the data. Clients are sent what the schema makes of them; data that do not fit
   * fail the event. Clients are typed by it, too.
   */
  sends?: Sends;
  /**
   * Which timer runs when, by the patterns of cron: minute, hour, day, month, weekday, UTC, as in `"0 4 * * *": "cleanup"`. At most 16.
   */
  cron?: { [pattern: string]: NoInfer<Timers> };
  /** What came of a `room.fetch(name, …)`, by that name. */
  fetches?: {
    [name: string]: (
      room: Room<State, NoInfer<Timers>, SentBy<NoInfer<Sends>>>,
      response: FetchResponse,
      data: any,
    ) => unknown;
  };
  /**
   * Server-side events by their type, from `room.emit`, `app.room(name).emit` or HTTP; `events.emit` hears the others. Where the event is a call by
   * HTTP, what the handler returns is its answer, and `refuse` refuses it.
   */
  emits?: {
    [type: string]: (room: Room<State, NoInfer<Timers>, SentBy<NoInfer<Sends>>>, data: any) => unknown;
  };
  /** Runs `tickRate` times a second; `elapsed` is the time since the last tick, in ms. */
  tick?(room: Room<State, NoInfer<Timers>, SentBy<NoInfer<Sends>>>, elapsed: number): unknown;
  /** Ticks a second: 1 to 60, without it 20. */
  tickRate?: number;
  /**
   * Turns the state that another version of the script left into this version's state, when the script is edited.
   * It has only its arguments to go by and may run more than once. `from` is the name of the other version, as
   * `v3·81c2aa`. Without `migrate` the state is taken over as it is. Give its result a type where the state has literal
   * types, as in `migrate: (old): MatchState => …`: the compiler widens them before it has seen what `state` gives.
   */
  migrate?(state: any, from: string): NoInfer<State>;
  /** Whether rooms of this type outlive the server: state, timers, options, and who is in them. Without it they do not. */
  durable?: boolean;
}): RoomDefinition<State, Messages, { sends: Sends; join: Join; watch: Watch; watched: Watched }>;

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
  TimerSchemas = Record<never, never>,
  Sends extends Record<string, StandardSchemaV1> = Record<never, never>,
  LogIn = undefined,
  Create = undefined,
>(definition: {
  /** Makes the application's state when it starts, before `init`. State is JSON; it survives when a script is edited. */
  state?: (() => State) & (() => JsonOnly<NoInfer<State>>);
  /** What happens to the application. */
  events?: ApplicationEvents<Application<State, NoInfer<Timers>, SentBy<NoInfer<Sends>>>, LogIn, Create>;
  /** What clients send without naming a room, by the message's type; as in `defineRoom`. */
  messages?: MessageHandlers<Application<State, NoInfer<Timers>, SentBy<NoInfer<Sends>>>, Schemas> & Messages;
  /** What `app.schedule(name, …)` starts, by that name: a function, or `{ schema, handle }`. */
  timers?: { [Name in Timers]: unknown } & TimerHandlers<
    Application<State, NoInfer<Timers>, SentBy<NoInfer<Sends>>>,
    TimerSchemas
  >;
  /** What users are sent without a room, by the message's type; as in `defineRoom`. */
  sends?: Sends;
  /**
   * Which timer runs when, by the patterns of cron: minute, hour, day, month, weekday, UTC, as in `"0 4 * * *": "cleanup"`. At most 16.
   */
  cron?: { [pattern: string]: NoInfer<Timers> };
  /** What came of an `app.fetch(name, …)`, by that name. */
  fetches?: {
    [name: string]: (
      app: Application<State, NoInfer<Timers>, SentBy<NoInfer<Sends>>>,
      response: FetchResponse,
      data: any,
    ) => unknown;
  };
  /** Server-side events by their type, from `app.emit`, `room.application.emit` or HTTP; `events.emit` hears the others. A call by HTTP is answered as in a room. */
  emits?: {
    [type: string]: (app: Application<State, NoInfer<Timers>, SentBy<NoInfer<Sends>>>, data: any) => unknown;
  };
  /** Runs `tickRate` times a second; `elapsed` is the time since the last tick, in ms. */
  tick?(app: Application<State, NoInfer<Timers>, SentBy<NoInfer<Sends>>>, elapsed: number): unknown;
  /** Ticks a second: 1 to 60, without it 20. */
  tickRate?: number;
  /** Turns the state that another version of the script left into this version's state; as in `defineRoom`. */
  migrate?(state: any, from: string): NoInfer<State>;
  /** Whether the application's state and timers outlive the server. Without it they do not. */
  durable?: boolean;
}): ApplicationDefinition<State, Messages, { sends: Sends; login: LogIn; create: Create }>;

/**
 * Ends the handler by saying no. In `login`, `join`, `watch` and `create` it means that the user is not logged in, does not join,
 * does not watch, gets no room; in a message's handler that the request fails. The client gets `reason`, and `data` where it is given.
 */
export declare function refuse(reason: string, data?: unknown): never;

/**
 * Has the server itself pass messages of a type on to all who are in the room or watch it, as `{ from, data }`: `from` is the id of the user who
 * sent it. The script is not asked, nothing waits for it, and a schema is not looked at. In `messages` of a room:
 *
 * ```ts
 * messages: { cursor: relay<{ x: number; y: number }>({ volatile: true }) }
 * ```
 *
 * `Data` is what clients send, and get; nobody checks it.
 */
export declare function relay<Data = any>(options?: RelayOptions): Relay<Data>;

declare global {
  /**
   * Writes to the server's log; each line names application, room and version. A first text may say by `%s`, `%d`, `%i`, `%f`,
   * `%j` and `%o` where the other values stand.
   */
  interface Console {
    debug(...data: any[]): void;
    log(...data: any[]): void;
    info(...data: any[]): void;
    warn(...data: any[]): void;
    error(...data: any[]): void;
    /** Writes an error where the condition is falsy. */
    assert(condition?: unknown, ...data: any[]): void;
    /** Writes where it is called. */
    trace(...data: any[]): void;
    dir(value?: any, options?: any): void;
    dirxml(...data: any[]): void;
    table(data?: any, properties?: string[]): void;
    /** Indents what the event writes, until `groupEnd`. */
    group(...label: any[]): void;
    groupCollapsed(...label: any[]): void;
    groupEnd(): void;
    /** Writes how often the room or the application has called it with this label. */
    count(label?: string): void;
    countReset(label?: string): void;
    /** Begins a time between events; during an event time stands still. `timeLog` and `timeEnd` write it. */
    time(label?: string): void;
    timeLog(label?: string, ...data: any[]): void;
    timeEnd(label?: string): void;
    /** These do nothing. */
    clear(): void;
    timeStamp(label?: string): void;
    profile(label?: string): void;
    profileEnd(label?: string): void;
  }
  var console: Console;
}
