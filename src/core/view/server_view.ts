/**
 * The port of the API: what `http/` shows of a server, and what it may do. The core implements it.
 * Nothing in it can hold a password, a session token or an address: what has no field can't leak.
 */
import type { UserData } from "../../protocol/codec.ts";
import type { FailureView } from "../errors.ts";
import type { HostView, SandboxesView } from "../ports/scripts.ts";
import type { JsonText } from "../ports/event.ts";
import type { StoreView } from "../ports/journal_store.ts";
import type { FormField } from "../ports/build.ts";
import type { ScriptView } from "../ports/script.ts";
import type { EventTimesView } from "../trace/event_times.ts";

/** The process that serves. */
export interface ProcessView {
  /** Version of hotroom, as in package.json. */
  readonly version: string;
  /** `bun` or `deno`. */
  readonly runtime: string;
  readonly runtimeVersion: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Where a server is in its life: `ready` once every extension has been loaded or has failed to. */
export type ServerState = "starting" | "ready" | "draining";

/** What the events of a room, or of all of an application, have used since it was made, and how many failed. */
export interface UsageView {
  /** CPU time, ms. */
  readonly cpu: number;
  /** Time that the server spent on what they asked for, with what it wrote to sockets, ms; absent for a room. */
  readonly delivery?: number;
  readonly events: number;
  /** Things that handlers asked for, but for log lines. */
  readonly effects: number;
  /** Characters of what handlers sent and returned, before it was sent to many. */
  readonly bytes: number;
  /** Events that failed, by the limit that cut them short, or by code. */
  readonly failures: Readonly<Record<string, number>>;
  readonly logLinesDropped: number;
}

/** One application. */
export interface ApplicationView {
  readonly name: string;
  /** `failed` where no version runs; a broken edit of a running application leaves it `running`, with an `error`. */
  readonly status: "running" | "failed";
  /** Name of the version that new rooms get: `v17·3fa9c1`; absent where none has been loaded. */
  readonly version?: string;
  /** When that version went live, milliseconds since the epoch. */
  readonly since?: number;
  readonly connectionCount: number;
  readonly userCount: number;
  readonly roomCount: number;
  /** Absent where no version runs. */
  readonly usage?: UsageView;
  readonly sandboxes?: SandboxesView;
  /** What its scripts ask of other servers at the moment; absent where that is nothing. */
  readonly fetches?: number;
  /** Set while its scripts run on a script host apart from the others', because they held those up. */
  readonly confined?: boolean;
  /** Set while no room may be made or joined, because the application took its script host down too often; ms since the epoch. */
  readonly closedUntil?: number;
  /** What is wrong with the newest edit; absent once an edit that works has replaced it. */
  readonly error?: FailureView;
}

/** One room. */
export interface RoomView {
  readonly name: string;
  readonly type: string;
  /** Name of the version that handles the room's next event. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly userCount: number;
  readonly watcherCount: number;
  /** null: no limit of its own. */
  readonly maxUsers: number | null;
  /** Whether clients can't join, and whether it is neither listed nor announced. */
  readonly locked: boolean;
  readonly hidden: boolean;
  /** Whether there is one. */
  readonly password: boolean;
  /** Whether it stays when it is empty, and whether it outlives the server. */
  readonly keep: boolean;
  readonly durable: boolean;
  /** What lists tell of it; absent where that is nothing. */
  readonly meta?: unknown;
  readonly usage: UsageView;
  readonly script: ScriptView;
  /** The first members in the order in which they joined, at most as many as were asked for. */
  readonly users: readonly UserData[];
}

/** A message that clients may send, with the fields that a form for it can have; absent where its data is no object of plain values. */
export interface TakenMessage {
  readonly type: string;
  readonly fields?: readonly FormField[];
}

/** The messages that an application's live version takes, by whom. */
export interface MessagesView {
  /** Absent where the application has no extension. */
  readonly application?: readonly TakenMessage[];
  readonly rooms: readonly { readonly type: string; readonly messages: readonly TakenMessage[] }[];
}

/** The server as the API sees it; each answer is a copy of now that later events don't change. */
export interface ServerView {
  readonly process: ProcessView;
  state(): ServerState;
  hosts(): readonly HostView[];
  /** What durable applications are kept in; undefined where nothing is. */
  store(): StoreView | undefined;
  /** How long the events of applications were where: of the first hundred by themselves, of all others together. */
  eventTimes(): readonly EventTimesView[];
  /** All applications, sorted by name. */
  applications(): readonly ApplicationView[];
  application(name: string): ApplicationView | undefined;
  /** Undefined where no version of the application runs. */
  messages(application: string): MessagesView | undefined;
  /** The first `rooms` rooms of an application in order of their creation, each with at most `users` members; empty for an unknown application. */
  rooms(application: string, limit: { rooms: number; users: number }): readonly RoomView[];
  room(application: string, name: string, limit: { users: number }): RoomView | undefined;
  /**
   * Queues an event for a room's `emits`, or for the application's extension where `room` is null; returns once it is queued.
   * Throws HotroomError: `application_unavailable`, `room_not_found`, `no_handler` (no extension), `busy`.
   */
  emit(application: string, room: string | null, type: string, data?: JsonText): void;
  /**
   * Closes a room; one that is closing already ends at once, whatever its script does. Resolves with false if it closes later.
   * Rejects with HotroomError: `application_unavailable`, `room_not_found`.
   */
  closeRoom(application: string, room: string): Promise<boolean>;
}
