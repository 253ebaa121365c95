/**
 * A **batch** consists of a u32 count of events, a row of `COLUMNS` numbers (f64, little-endian) for each of them, and their texts,
 * UTF-8, one after the other; where data is bytes a zero follows, and they do, in order. The guest reads the rows from memory that it
 * shares with its host, so that it parses nothing for an event; there are lengths instead of separators, so that neither side parses
 * data that it only passes on.
 */
import type { ScriptEvent } from "../../../core/ports/event.ts";

/** Kinds of tasks, by number: first those that handlers hear, then those that no handler hears. */
export const kinds = [
  "message",
  "join",
  "leave",
  "init",
  "connect",
  "disconnect",
  "reconnect",
  "login",
  "logout",
  "create",
  "emit",
  "timer",
  "tick",
  "close",
  "loggedIn",
  "created",
  "reload",
  "watch",
  "unwatch",
  "fetched",
  "request",
  /** Has no handler, but is an event as those are that have: it is bounded, undone and replayed as they are. */
  "edit",
  /** Brings who a script knows of up to date; a script that was opened with a snapshot is told of all in it that way. */
  "directory",
  /** Sets a script up from an `OpenRequest`; fails if `state`, `migrate` or the snapshot fails. `init` is an event of its own. */
  "open",
  /** The value of the outcome is the script's snapshot: text that a later `open` takes back. */
  "snapshot",
  /** Forgets the script. */
  "end",
] as const satisfies readonly (ScriptEvent["kind"] | "open" | "snapshot" | "end")[];

/** The first of `kinds` that no handler hears. */
export const INTERNAL = kinds.indexOf("directory");

/** CPU time of a `directory`, ms; none of its code is the application's, so that no setting bounds it (docs/decisions/0012-crowds.md). */
export const DIRECTORY_MS = 1000;

/**
 * Numbers in an event's row, in this order; the texts are the user, the name and the body.
 * - script: number of the script in its sandbox, chosen by the server, never used twice in one sandbox
 * - seq: number of the event in its script, from 1; with the script's seed it gives the event's chance
 * - kind: number of the kind in `kinds`
 * - flags: sum of `Flag`s
 * - time: ms since the epoch
 * - user: UTF-16 units of the id of a member or of an application's user; of a timer, those of its `known` and, behind a space, of its
 *   key; 0 if the event has none
 * - name: UTF-16 units of the message type, emit type, timer name, name of a fetch, head of a request, connection id or room of
 *   `created`; 0 if the event has none
 * - length: UTF-16 units of the body; −1 if there is none (undefined); of one that is n bytes −2 − n
 *
 * Bodies: `open` JSON `OpenRequest`; `join` `{"user":{id,name,data?},"data":…}`; `login` `{"address":…,"headers":{…},"claims":{…},"data":…}`;
 * `message` the data, maybe bytes, `emit`, `timer` the data; `edit` `{"path":[…],"value":…}`, without a value where one is taken out; `leave` and `close` the reason; `connect` none (name is the connection's id);
 * `disconnect` and `reconnect`: name is the connection's id, user the user's id or ""; `watch` as `join`; `logout` and `unwatch` the
 * user `{id,name,data?}`; `create` `{"user":{…},"request":{…}}`;
 * `request` the request's body, a text or bytes (name is `{"method":…,"path":…,"query":{…},"headers":{…},"address":…}`);
 * `created` the user, if there is one (name is the room's); `reload` the name of the version that was left;
 * `fetched` `{"response":{…},"data":…}`, a line feed and the text of the response's body, which so is not parsed; `directory`
 * `DirectoryUpdate`, with each user as `{id,name,data?,connected?}`; `tick` the elapsed ms.
 */
export const Column = { script: 0, seq: 1, kind: 2, flags: 3, time: 4, user: 5, name: 6, length: 7 } as const;

/** Numbers in a row. */
export const COLUMNS = Object.keys(Column).length;

/** Most memory of a sandbox in which events are guarded, bytes: a host keeps a copy of it meanwhile. */
export const MOST_GUARDED_BYTES = 64 * 1024 * 1024;

/** Most events of one batch: the guest has so many rows. */
export const MOST_EVENTS = 256;

/** Bits of an event's flags. */
export const Flag = {
  /** The client waits for the handler's result. */
  reply: 1,
  /** Replayed: effects and logs are dropped in the guest, the outcome has a status and nothing else. */
  muted: 2,
  /**
   * Beside `muted`: replayed in another version than the one that answered it. That one decided who is a member, so a join
   * stands whatever its handler says; the outcome of an event that fails has its `FailureBody`.
   */
  foreign: 4,
  /** By itself in its batch: where it fails, the host makes the sandbox what it was before it (docs/decisions/0014-no-trace.md). */
  guarded: 8,
  /** Only within the host, for an event that was undone: it means what it means, but its handler is not called. */
  unheard: 16,
  /** In an `open`: the script lives, and was open in another sandbox before. */
  again: 32,
} as const;

/** What a script is opened with in any version. */
export interface ScriptRequest {
  application: string;
  /** Absent for the application's extension. `maxUsers` is what the room was made for, absent where its definition decides. */
  room?: { name: string; type: string; maxUsers?: number };
  /** Seed of the script, 128 bits as hexadecimal digits; the chance of each event follows from it and the event's seq. */
  seed: string;
}

/** Body of `open`. */
export interface OpenRequest extends ScriptRequest {
  version: string;
  /** Seed of the chance that `state` and `migrate` have, which belong to no event; absent where neither runs, or nothing comes of it. */
  ownSeed?: string;
  /** Value of an earlier `snapshot`: the state as it was. Without it `state()` makes the first state. */
  snapshot?: unknown;
  /** Name of the version that wrote the snapshot, if it is another one: `migrate(state, from)` runs. */
  from?: string;
}
