/**
 * The types of the package `hotroom` for programs that start a server: declarations alone, so that a compiler of whatever settings reads
 * this file and none of the sources. docs/EMBEDDING.md explains them; a test holds them against the sources.
 */
import type { Hono } from "hono";

/** Severity of a log line. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a log line is about. */
export interface LogFields {
  application?: string;
  room?: string;
  version?: string;
  [key: string]: unknown;
}

/** Where log lines go. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** What is thrown, or rejected with. */
export interface HotroomError extends Error {
  readonly code: string;
}

/** What a program starts a server with; everything has a default. */
export interface ServerOptions {
  /** Applications by name: the path of a file or folder, which is watched, or source texts by their path in the application. */
  readonly applications?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  /** A folder of applications, which is watched; `./extensions` where there are no `applications`. */
  readonly extensions?: string;
  /** Routes of Hono that are asked before the server's own. */
  // biome-ignore lint/suspicious/noExplicitAny: what a program's own handlers bind and answer is its own business.
  readonly routes?: Hono<any, any, any>;
  /** TCP port; 0 takes a free one. */
  readonly port?: number;
  /** Address to listen on; `0.0.0.0` for all. */
  readonly host?: string;
  /** Path of a unix socket to listen on, in the place of port and host. */
  readonly unix?: string;
  /** File of a certificate with its chain, PEM: the port speaks TLS only. Both files are read again when they change. */
  readonly tlsCert?: string;
  /** File of its key, PEM. */
  readonly tlsKey?: string;
  /** The folder that durable applications are kept in; without it nothing is durable. */
  readonly data?: string;
  /** Script host processes; 0 runs scripts in this process, without the wall: for tests only. */
  readonly hosts?: number;
  /** Memory that the sandboxes of one script host may take together, bytes. */
  readonly hostMemory?: number;
  /** Whether one more script host is kept warm, for builds and in the place of one that dies. */
  readonly spare?: boolean;
  /** Folder in which stripped sources outlive the server; without it every start strips them anew. */
  readonly cache?: string;
  /** What one connection may do: frames in bytes, frames a second, bytes a second, bytes that wait, ms without a user. */
  readonly limits?: {
    readonly frame?: number;
    readonly rate?: number;
    readonly burst?: number;
    readonly bytes?: number;
    readonly outbox?: number;
    readonly outboxTotal?: number;
    readonly loginDeadline?: number;
  };
  /** The most that the settings of an application may ask for, by key, and which variables and addresses they may name. */
  readonly ceilings?: {
    readonly env?: readonly string[];
    readonly fetch?: readonly string[];
    readonly [key: string]: number | readonly string[] | undefined;
  };
  /** Connections at one time; without it as many as the system has file descriptors for. */
  readonly maxConnections?: number;
  /** Connections of one address, 0 for no limit; without it 1,000, and no limit for this machine's own addresses. */
  readonly maxConnectionsPerAddress?: number;
  /** Proxies on the way to here whose word is taken for who asks. */
  readonly trustProxy?: number;
  /** Whether frames are compressed where the runtime and the client can. */
  readonly compress?: boolean;
  /** Memory for frames that are kept for users who may come back, bytes. */
  readonly history?: number;
  /** Secret of the admin API; without one it answers on this machine only. */
  readonly adminToken?: string;
  /** A file of tokens of the API, each with its scopes, which is taken over when it changes. */
  readonly tokens?: string;
  /** Whether the page at `/` is left out, and the API answers nobody without a token. */
  readonly noConsole?: boolean;
  /** Whether clients that ask for it are told of edits. */
  readonly dev?: boolean;
  /**
   * What is followed: a share of what clients send, 0 to 1, in the lines of `log` that have a `trace_id`, and at the `endpoint` of a collector,
   * by OTLP over HTTP; 0.01 of it where there is only an endpoint.
   */
  readonly tracing?: { readonly sample?: number; readonly endpoint?: string };
  /** How long `stop` may take, ms. */
  readonly drain?: number;
  /** Gets each line of the log; without it they go to standard output, as the command writes them. */
  readonly log?: Log;
}

/** How a stop went. */
export interface StopReport {
  /** How long it took. */
  readonly ms: number;
  /** Events that were not handled. */
  readonly events: number;
  /** Script hosts that did not end by themselves. */
  readonly hosts: number;
}

/** A user at one moment. */
export interface UserInfo {
  readonly id: string;
  readonly name: string;
  /** What the `login` handler has attached. */
  readonly data: unknown;
  /** Whether there is a connection; without one the user is away, and may come back. */
  readonly connected: boolean;
}

/** A room at one moment. */
export interface RoomInfo {
  readonly name: string;
  readonly type: string;
}

/** What a program can listen to, with what its listeners get. */
export interface ApplicationEvents {
  /** A user has logged in. */
  login: [user: UserInfo];
  /** A user has gone: it has logged out, was kicked, or has not come back. */
  logout: [user: UserInfo];
  /** A room is there, whoever has made it. */
  create: [room: RoomInfo];
  /** A room has closed, with all who were in it. */
  close: [room: RoomInfo, reason: string];
  /** A user has come into a room. */
  join: [room: RoomInfo, user: UserInfo];
  /** A user has left a room that goes on. */
  leave: [room: RoomInfo, user: UserInfo];
  /** A script has called `app.emit` or `room.application.emit`. */
  emit: [type: string, data: unknown];
}

/** What a room can be set to; null for no limit, none, nothing. */
interface RoomUpdate {
  readonly maxUsers?: number | null;
  readonly locked?: boolean;
  readonly hidden?: boolean;
  readonly password?: string | null;
  readonly meta?: unknown;
}

/** What a room is made with. */
interface RoomOptions {
  /** May be left out where the application has one type. */
  readonly type?: string;
  readonly maxUsers?: number | null;
  /** Keeps the room when it is empty. */
  readonly keep?: boolean;
  readonly locked?: boolean;
  readonly password?: string;
  readonly hidden?: boolean;
  readonly meta?: unknown;
}

/** One room; calls throw, or reject with, HotroomError `room_not_found` when it is gone. */
export interface EmbeddedRoom {
  readonly name: string;
  readonly type: string;
  /** Its members, as they are now. */
  readonly users: readonly UserInfo[];
  /** Sends a message to all who are in it or watch it. */
  broadcast(type: string, data?: unknown): void;
  /** Sends a message to one member, by id or name; returns false where there is none. */
  send(user: string, type: string, data?: unknown): boolean;
  /** Makes an event for the room's script: its `emits.<type>` gets `data`. Throws HotroomError: `busy`, `invalid_data`. */
  emit(type: string, data?: unknown): void;
  /** Sets the room otherwise, as scripts do: what is absent stays. Throws HotroomError `invalid_data`. */
  update(update: RoomUpdate): void;
  /** Closes it; resolves when its `close` handler has run. */
  close(reason?: string): Promise<void>;
}

/** One application; calls throw, or reject with, HotroomError `application_unavailable` while no version of it runs. */
export interface EmbeddedApplication {
  readonly name: string;
  /** Whether a version of it runs. */
  readonly running: boolean;
  /** What is wrong with the newest edit, with the place in its source; undefined where that is live, or there was none yet. */
  readonly error: string | undefined;
  /** Name of the version that new rooms get: `v3·81c2aa`. */
  readonly version: string;
  /** Those who are logged in, as they are now. */
  readonly users: readonly UserInfo[];
  /** The rooms that are there now. */
  readonly rooms: readonly EmbeddedRoom[];
  /** Returns a room by name; undefined where there is none. */
  room(name: string): EmbeddedRoom | undefined;
  /** Makes a room, as scripts do, and resolves when its `init` handler has run. Rejects with HotroomError. */
  createRoom(name: string, options?: RoomOptions): Promise<EmbeddedRoom>;
  /** Makes an event for the application's script: its `emits.<type>` gets `data`. Throws HotroomError: `busy`, `no_handler`, `invalid_data`. */
  emit(type: string, data?: unknown): void;
  /** Sends a message to all users. */
  broadcast(type: string, data?: unknown): void;
  /** Sends a message to one user, by id or name; returns false where there is none. */
  send(user: string, type: string, data?: unknown): boolean;
  /** Puts a user out, by id or name; returns false where there is none. */
  kick(user: string, reason: string): boolean;
  /** Hears of what happens from now on, also of an application that is not there yet; returns what ends that. */
  on<Event extends keyof ApplicationEvents>(
    event: Event,
    listener: (...values: ApplicationEvents[Event]) => unknown,
  ): () => void;
  /** Edits an application that was given as texts: these are all of its files now. Rejects with HotroomError: `build_failed`, `not_allowed`. */
  edit(files: Readonly<Record<string, string>>): Promise<void>;
}

/** A running server. */
export interface Server {
  readonly port: number;
  readonly url: string;
  /** Opens the console: an address with its secret; undefined where there is none. */
  readonly consoleUrl: string | undefined;
  /** Resolves when the applications that were there at the start are loaded, or have failed to be; never rejects. */
  readonly ready: Promise<void>;
  /** Returns the application of that name, whether or not it is loaded yet. */
  application(name: string): EmbeddedApplication;
  /** Answers a request as the server's own HTTP does, WebSockets aside; `remote` is the IP address of who asks. */
  fetch(request: Request, remote?: string): Promise<Response>;
  /** Drains, and ends all that was started; resolves in `drain` ms or little more, with what was given up for that. */
  stop(): Promise<StopReport>;
}

/** Starts a server in this process; rejects where the address can't be had, or an application can't be one. */
export declare function startServer(options?: ServerOptions): Promise<Server>;
