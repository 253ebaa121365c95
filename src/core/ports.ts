/**
 * The ports of the core: what the core needs from the outside, and what the outside implements.
 * `platform/` implements Socket, `script/` implements Scripts, `extension/` makes Builds.
 */
import type { Settings } from "./application/settings.ts";

/** Text that JSON.parse accepts; it travels as it is and is decoded only by whoever needs the value. */
export type JsonText = string;

/** One live WebSocket as the core sees it; implemented by `platform/`. */
export interface Socket {
  /** Queues one text frame; everything queued in one loop turn leaves together and in order. Never throws. */
  send(frame: string): void;
  /** Bytes that were accepted by `send` and have not been handed to the network yet. */
  readonly buffered: number;
  /** Starts the closing handshake after what is queued; a second call does nothing. */
  close(code: number, reason: string): void;
  /** Ends the connection at once; the handler's `close` is still called, once. */
  terminate(): void;
}

/**
 * Sockets that get the same frames; implemented by `platform/` with the runtime's own fan-out where it has one. A frame
 * keeps its place among those that its sockets are sent one by one.
 */
export interface Group {
  /** A socket that has closed is not taken; one that closes leaves by itself. */
  add(socket: Socket): void;
  delete(socket: Socket): void;
  /** Queues one text frame for every socket of the group. Never throws. */
  send(frame: string): void;
}

/** Makes an empty group. */
export type MakeGroup = () => Group;

/** Who listens to a socket; the core gives one to `platform/` for each accepted upgrade. */
export interface SocketHandler {
  open(socket: Socket): void;
  /** One frame; a binary frame arrives as bytes. */
  message(socket: Socket, frame: string | Uint8Array): void;
  /** Called exactly once for each `open`, however the connection ended. */
  close(socket: Socket, code: number, reason: string): void;
}

/** Severity of a log line. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a log line is about; every line about a room names the version that handled the event. */
export interface LogFields {
  application?: string;
  room?: string;
  version?: string;
  [key: string]: unknown;
}

/** Where log lines go. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** Time as the core uses it; replaced in tests. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once after `ms`; returns what cancels it. */
  after(ms: number, task: () => void): () => void;
  /** Runs `task` every `ms`; returns what cancels it. */
  every(ms: number, task: () => void): () => void;
}

/** One immutable state of an application's folder, made by `extension/`, not yet loaded by a script host. */
export interface Build {
  readonly application: string;
  /** Content hash of all files and settings: 6 or more lower-case hex digits. */
  readonly hash: string;
  /** Name of the version: `v17·3fa9c1`. */
  readonly version: string;
  /** Plain JavaScript by path inside the application's folder, with `/` (`rooms/match.ts`); types are already stripped with lines and columns kept. */
  readonly files: ReadonlyMap<string, string>;
  /** The same files as their author wrote them, for error messages that show the line. */
  readonly sources: ReadonlyMap<string, string>;
  /** Path of the application's extension, where there is one. */
  readonly extension?: string;
  /** Path of each room type's extension, by type. */
  readonly rooms: ReadonlyMap<string, string>;
  readonly settings: Settings;
}

/** What the server knows of one loaded extension: what its default export declares. */
export interface Definition {
  readonly kind: "application" | "room";
  readonly maxUsers?: number;
  /** Ticks a second, where the definition has a `tick`. */
  readonly tickRate?: number;
  readonly hasMigrate: boolean;
  /** Names of the handlers it has, as `events.join`, `messages.move`, `timers.round`, `emits.x`. */
  readonly handlers: readonly string[];
}

/** A build that script hosts have loaded and validated. */
export interface Version {
  readonly build: Build;
  readonly extension?: Definition;
  readonly rooms: ReadonlyMap<string, Definition>;
}

/** Place in a source file, 1-based. */
export interface SourcePosition {
  file: string;
  line: number;
  column: number;
}

/** The user as scripts see it. */
export interface UserView {
  readonly id: string;
  readonly name: string;
  /** What the login handler attached; JSON. */
  readonly data?: JsonText;
}

/** One event for a script, as plain data; the arguments of its handler. */
export type ScriptEvent =
  | { kind: "init" }
  | { kind: "join"; user: UserView; data?: JsonText }
  | { kind: "leave"; user: string; reason?: string }
  | { kind: "message"; user: string; type: string; data?: JsonText; reply: boolean }
  | { kind: "connect"; connection: string }
  | { kind: "disconnect"; connection: string; user?: string }
  | { kind: "reconnect"; user: string }
  | { kind: "login"; connection: string; data?: JsonText }
  | { kind: "logout"; user: UserView }
  | { kind: "create"; user: UserView; request: JsonText }
  /** `hops` counts the emits that led to this one without any cause from outside; only the core reads it. */
  | { kind: "emit"; type: string; data?: JsonText; hops?: number }
  | { kind: "timer"; name: string; data?: JsonText }
  | { kind: "tick"; elapsed: number }
  /** Brings the application extension's `app.users` and `app.rooms` up to date; has no handler. */
  | { kind: "mirror"; changes: JsonText }
  | { kind: "close"; reason: string };

/** Whom a `send` effect addresses: an id or a name of a user, each. */
export type Recipients = readonly string[];

/** What a script asks the server for, as plain data; the server applies them in order, all or none of an event. */
export type Effect =
  /** To every member of the room (from a room) or every user of the application (from its extension). */
  | { kind: "broadcast"; type: string; data?: JsonText; except?: Recipients }
  | { kind: "send"; to: Recipients; type: string; data?: JsonText }
  /** To every user of the application, from anywhere in it. */
  | { kind: "broadcastApplication"; type: string; data?: JsonText }
  | { kind: "broadcastRoom"; room: string; type: string; data?: JsonText }
  /** To users anywhere in the application, from a room by `room.application.send`. */
  | { kind: "sendApplication"; to: Recipients; type: string; data?: JsonText }
  /** From a room: the user leaves the room. From the application's extension: the user's connection is closed. */
  | { kind: "kick"; user: string; reason: string }
  | { kind: "kickApplication"; user: string; reason: string }
  /** `data` is handed to nobody; `options` is JSON: `{ type?, maxUsers?, keep?, password? }`. */
  | { kind: "createRoom"; room: string; options: JsonText }
  /** Closes the named room, or the script's own where there is no name. */
  | { kind: "closeRoom"; room?: string; reason: string }
  /** An event for the named room, or for the application's extension where `room` is null. */
  | { kind: "emit"; room: string | null; type: string; data?: JsonText }
  | { kind: "schedule"; name: string; ms: number; data?: JsonText }
  | { kind: "cancel"; name: string }
  | { kind: "log"; level: LogLevel; text: string };

/** A limit that cut a handler short; `host` stands for one that had to be killed with its script host or sandbox. */
export type BrokenLimit = "cpu" | "memory" | "output" | "stack" | "host";

/** Why a handler did not succeed. */
export interface ScriptFailure {
  /** `refused` is the script's own will; `handler_failed` is a throw or a limit; `busy` is a queue that is full. */
  code: "refused" | "no_handler" | "invalid_data" | "handler_failed" | "busy";
  /** For the client: never contains host error text. */
  message: string;
  /** For the log: message, and stack in source coordinates. */
  detail?: string;
  position?: SourcePosition;
  /** Set where a limit cut the handler short. */
  limit?: BrokenLimit;
}

/** What became of one event. */
export interface Outcome {
  /** Name of the version that handled it. */
  readonly version: string;
  /** The handler's result as JSON where it returned one. */
  readonly value?: JsonText;
  readonly failure?: ScriptFailure;
  /** CPU time that it took, ms: measured for many events together and split, so true on average. */
  readonly cpu?: number;
  /** Empty for a failed event, but for its `log` effects. */
  readonly effects: readonly Effect[];
}

/** What a script is the script of; everything it needs to be set up, and what the server learns from it. */
export interface Subject {
  readonly application: string;
  /** Name and type of the room; absent for the application's extension. */
  readonly room?: { readonly name: string; readonly type: string; readonly maxUsers: number };
  /** Called for each dispatched event, in order of dispatch; this is where effects are applied. */
  outcome(event: ScriptEvent, outcome: Outcome): void;
  /**
   * Its first event in the version named `failed` did so; the script has gone back to the version and the state that it
   * had before, and handles that event there. Called before that event's `outcome`.
   */
  rolledBack(failed: string, reason: string): void;
  /** The script can't go on (it was killed too often, or can't be brought back); the subject closes. Called at most once. `killer` says that it took down what it ran in. */
  failed(message: string, killer: boolean): void;
}

/** Where a script runs, and what waits for it. */
export interface ScriptView {
  /** Events that are not answered. */
  readonly waiting: number;
  /** Id of its script host; absent while it has none. */
  readonly host?: number;
  /** Its sandbox, which it may share: bytes of memory, and scripts in it. */
  readonly sandbox?: { readonly memory: number; readonly scripts: number };
}

/** What the sandboxes of one application take on all script hosts. */
export interface SandboxesView {
  readonly count: number;
  /** Bytes. */
  readonly memory: number;
}

/** The live script of one room, or of an application's extension: it is what gets events. */
export interface Script {
  readonly view: ScriptView;
  /** Name of the version that handles the next event. */
  readonly version: string;
  /** Queues one event; `done` (where given) is called with its outcome after `subject.outcome`. Never throws; calls neither before it returns. */
  dispatch(event: ScriptEvent, done?: (outcome: Outcome) => void): void;
  /**
   * Moves to another loaded version between two events, state carried over; resolves with the CPU time that it took, ms.
   * Rejects with a HotroomError where `migrate` or setting up failed; the script then goes on in its old version.
   */
  swap(version: Version): Promise<number>;
  /**
   * Goes back to a version. Where the script came from it a short while ago it has the state that it had then, and the
   * events since are run again with their effects muted; else this is a `swap`.
   */
  goBack(version: Version): Promise<number>;
  /** Forgets the state that it had before its last swap, unless no event has been handled since. */
  settle(): void;
  /**
   * Tries a version on a copy, in sandboxes where nothing that it does counts: `migrate` of the state as it is now, then
   * `migrate` of the last snapshot and the events since. Rejects with a HotroomError where it can't be tried.
   */
  rehearse(version: Version): Promise<RehearsalResult>;
  /** Forgets the script after the events dispatched so far; dispatches after it are answered with `handler_failed`. */
  close(): void;
}

/** What a version came to in a rehearsal with one script. */
export interface RehearsalResult {
  /** Events that were run again. */
  readonly events: number;
  /** What fails in the new version and did not in the old one. */
  readonly errors: readonly RehearsalError[];
  /** The state as it is, and the state that the new version comes to; absent where it comes to none. */
  readonly before: unknown;
  readonly after?: unknown;
}

/** One thing that failed in a rehearsal. */
export interface RehearsalError {
  /** `migrate`, or the event: `message "move"`. */
  readonly event: string;
  readonly message: string;
  readonly position?: SourcePosition;
}

/** The sandboxed side, as the core sees it; implemented by `script/`. */
export interface Scripts {
  /** Loads and validates a build: parse, link, run the top level, validate the default exports. Throws BuildError with the position. */
  load(build: Build): Promise<Version>;
  /** Opens a script for a room (or the extension) of a loaded version; events may be dispatched at once. */
  open(version: Version, subject: Subject): Script;
  /** Forgets a version that no script runs any more. */
  unload(version: Version): void;
  /** For start-up output and the API. */
  hosts(): readonly HostView[];
  /** For the API. */
  sandboxes(application: string): SandboxesView;
  /** Lets what is dispatched finish, then ends the host processes. */
  stop(): Promise<void>;
}

/** One script host as the API shows it. */
export interface HostView {
  readonly id: number;
  readonly pid: number | null;
  readonly state: "starting" | "ready" | "busy" | "dead";
  readonly sandboxes: number;
  readonly scripts: number;
  readonly restarts: number;
  /** Set where it runs no scripts: it is there to take the place of one that dies, and to validate new builds. */
  readonly spare?: boolean;
}
