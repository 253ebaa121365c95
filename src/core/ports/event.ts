/** Text that JSON.parse accepts; it travels as it is and is decoded only by whoever needs the value. */
export type JsonText = string;

/** Data of a message: JSON, or bytes as text, as `protocol/bytes.ts` has them. */
export type DataText = string;

/** The user as scripts see it. */
export interface UserView {
  readonly id: string;
  readonly name: string;
  /** What the login handler attached; JSON. */
  readonly data?: JsonText;
  /** Absent where it is true: there is a connection. */
  readonly connected?: boolean;
}

/** A schedule has fallen due. */
export interface TimerEvent {
  kind: "timer";
  name: string;
  /** Which one of that name; absent where the schedule was set without. */
  key?: string;
  data?: JsonText;
  /** Set where it runs by `cron`: then nothing that the script sets or cancels takes it back. */
  cron?: true;
  /**
   * Number of the last event of the script that was carried out when this one was dispatched, set by the script side: one behind it that sets
   * or cancels the schedule comes before this event, which is not heard then. `TAKEN_BACK` once the core itself knows of that.
   */
  known?: number;
}

/** A client asks to be a user. */
export interface LoginEvent {
  kind: "login";
  connection: string;
  data?: JsonText;
  /** IP address of its peer; and headers that the settings choose, by name. */
  address?: string;
  headers?: Readonly<Record<string, string>>;
  /** What its token says, where the application asks for one: a JSON object. */
  claims?: JsonText;
}

/** What `known` is of a timer that is not to be heard any more. */
export const TAKEN_BACK = -1;

/** The room as scripts see it from outside; `users` is how many are in it, `maxUsers` is null where there is no limit. */
export interface RoomView {
  readonly name: string;
  readonly type: string;
  readonly users: number;
  readonly maxUsers: number | null;
  readonly keep: boolean;
  /** Whether clients can't join it, and whether it is neither listed nor announced. */
  readonly locked: boolean;
  readonly hidden: boolean;
}

/** How a room is set, as its script is told. */
export interface RoomSettingsView {
  readonly locked: boolean;
  readonly hidden: boolean;
  /** JSON; absent where there is none. */
  readonly meta?: JsonText;
  /** What the script has set itself, null for no limit; absent where it has set none. */
  readonly maxUsers?: number | null;
}

/** Id of a user, and the name of a room that it is in. */
export type MembershipView = readonly [user: string, room: string];

/** Who has come and gone since a script was told last; one that is added again takes the place of the one of that id or name. */
export interface DirectoryUpdate {
  /** Ids of those who have gone, and then those who have come; and ids of those who have lost their connection, or are back. */
  readonly users: {
    readonly remove: readonly string[];
    readonly add: readonly UserView[];
    readonly away?: readonly string[];
    readonly back?: readonly string[];
  };
  /** Names of those that have closed, and then those that are new or have changed. */
  readonly rooms: { readonly remove: readonly string[]; readonly add: readonly RoomView[] };
  /** Ids of those who watch a room no more, and then of those who do. */
  readonly watchers?: { readonly remove: readonly string[]; readonly add: readonly string[] };
  /** Who is in a room of the application no more, and then who is. */
  readonly members?: { readonly remove: readonly MembershipView[]; readonly add: readonly MembershipView[] };
  /** How the script's own room is set now; absent where that has not changed. */
  readonly room?: RoomSettingsView;
}

/** One event for a script, as plain data; the arguments of its handler. */
export type ScriptEvent =
  | { kind: "init" }
  /** `hops` counts the moves and emits that led to this one without any cause from outside; only the core reads it. */
  | { kind: "join"; user: UserView; data?: JsonText; hops?: number }
  | { kind: "leave"; user: string; reason?: string; hops?: number }
  | { kind: "watch"; user: UserView; data?: JsonText }
  | { kind: "unwatch"; user: UserView }
  | { kind: "message"; user: string; type: string; data?: DataText; reply: boolean }
  | { kind: "connect"; connection: string }
  | { kind: "disconnect"; connection: string; user?: string }
  | { kind: "reconnect"; connection: string; user: string }
  | LoginEvent
  /** The user is logged in: the login that its handler let through has happened. */
  | { kind: "loggedIn"; user: string }
  | { kind: "logout"; user: UserView }
  | { kind: "create"; user: UserView; request: JsonText }
  /** The room is there and its users have been told; `user` is whose request made it, absent where a script did. */
  | { kind: "created"; room: string; user?: UserView }
  /** The script goes on in another version than `from`, with the state that it had there. Made by the script side. */
  | { kind: "reload"; from: string }
  /** `hops` counts the emits that led to this one without any cause from outside; only the core reads it. */
  /** `reply` says that somebody outside waits for what the handler returns, and makes the event anew where it is lost. */
  | { kind: "emit"; type: string; data?: JsonText; hops?: number; reply?: true }
  /** What became of a fetch of that name; `response` is JSON as scripts are given it but for its `body`, `data` what the script gave for it. */
  | { kind: "fetched"; name: string; response: JsonText; body?: string; data?: JsonText; hops?: number }
  /** Somebody has asked the application by HTTP; `request` is JSON of `{ method, path, query, headers, address }`. */
  | { kind: "request"; request: JsonText; body?: DataText }
  /** Somebody outside puts a value into the state, or takes one out; no handler hears it. `data` is JSON of `{ path, value? }`. */
  | { kind: "edit"; data: JsonText }
  | TimerEvent
  | { kind: "tick"; elapsed: number }
  /** Brings who a script knows of up to date, as `app.users` and `app.rooms`; has no handler. */
  | { kind: "directory"; update: DirectoryUpdate }
  | { kind: "close"; reason: string };
