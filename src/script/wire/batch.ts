/**
 * What the server and a script host say to each other over the pipe.
 *
 * A **frame** is a little-endian u32 length of what follows, a u8 kind (`ToHost` or `ToServer`), a u32 id, and a
 * payload, UTF-8 text but for a batch and an answer. The id names a sandbox, or a version for `load`, `loaded` and `unload`.
 *
 * A **batch** is a u32 count of events, a row of `COLUMNS` numbers (f64, little-endian) for each of them, and their texts,
 * UTF-8, one after the other. The guest reads the rows from memory that it shares with its host, so that an event costs it
 * no parsing; lengths instead of separators, so that neither side parses data that it only passes on.
 *
 * An **answer** is the costs, `COSTS` bytes by the host itself, and then text of the sandbox: a header line, JSON, and
 * bodies. The header is one flat array: the number of outcomes, and for each event of the batch, in order, `status`, `length`,
 * `ms`, the number of its effects, and its effects. It may end early, with at least one outcome: a batch has `SLICE` ms of
 * the host's time, so that nobody else waits longer; the events behind the last outcome have not been run. A batch is a
 * transaction: one answer, or none.
 *
 * - status: one of `Status`
 * - length: of the body, UTF-16 units; −1 where there is none. The body is the handler's result as JSON, or for another
 *   status than `ok` JSON `FailureBody`. The bodies of the effects follow it in order.
 * - ms: the event's share of the batch's time, by a clock of whole milliseconds, so it is true of many events together
 * - an effect: its kind's number in `effectKinds`, and then its parts as `effectParts` has them
 */

/** How long a sandbox works on one batch before it answers what it has, ms; the event that runs then goes on to its end. */
export const SLICE = 10;

/**
 * Bytes of what the host tells of a batch: µs of CPU time (f64), with that of making the sandbox in the first; bytes of the
 * sandbox's memory (f64); 1 where it has grown (u8): it holds much memory of which little is in use, and its scripts are
 * better off in another.
 */
export const COSTS = 17;

/** Payload of the `progress` frame that tells that a sandbox has been made: no script has the number 0. */
export const MADE = "[0,0]";

/** Kinds of frames to a script host. */
export const ToHost = {
  /** Id: version. Payload: JSON `LoadRequest`. Answered by `loaded`. */
  load: 1,
  /** Id: a new sandbox. Payload: JSON `{ "version": <id of a loaded version> }`. Not answered. */
  sandbox: 2,
  /** Id: sandbox. Payload: a batch. Answered by `answer` or `poisoned`. */
  batch: 3,
  /** Id: sandbox; its memory is dropped whole. Not answered. */
  drop: 4,
  /** Id: version; no sandbox of it is left. Not answered. */
  unload: 5,
} as const;

/** Kinds of frames to the server. */
export const ToServer = {
  /** Id: version. Payload: JSON `Loaded`. */
  loaded: 1,
  /** Id: sandbox. Payload: an answer. Batches of one sandbox are answered in order. */
  answer: 3,
  /**
   * Id: sandbox. Payload: JSON `Poisoned`. The sandbox is gone; its unanswered batches have had no effect, and the
   * host ignores further batches for it until the server opens another.
   */
  poisoned: 4,
  /**
   * Id: sandbox. Payload: JSON `[script, seq]` of the event that runs now; sent from the interrupt handler at most every 50 ms.
   * Or `MADE`, before its first batch.
   */
  progress: 6,
  /** Id: 0. Payload: JSON `{ "pid": n }`; the first frame of a host. */
  ready: 7,
} as const;

/** What a host needs to make sandboxes of one version. */
export interface LoadRequest {
  application: string;
  /** Name of the version, `v17·3fa9c1`. */
  version: string;
  /** `[path, JavaScript]` of every file. */
  files: [string, string][];
  /** Path of the application's extension. */
  extension?: string;
  /** `[type, path]` of every room type. */
  rooms: [string, string][];
  limits: import("../../core/application/settings.ts").Limits;
  /** Set where the version was validated by another host already: nothing is run, `loaded` comes at once. */
  trusted?: boolean;
}

/** The answer to `load`: definitions, or why there is none. */
export type Loaded =
  | {
      ok: true;
      extension?: import("../../core/ports.ts").Definition;
      rooms: [string, import("../../core/ports.ts").Definition][];
    }
  | { ok: false; message: string; position?: import("../../core/ports.ts").SourcePosition };

/** Why a sandbox was dropped by its host, and at which event where that is known. */
export interface Poisoned {
  reason: string;
  /** `[script, seq]` of the event that ran. */
  culprit?: [number, number];
  /** µs of CPU time that it has used since its last answer. */
  cpu?: number;
}

/** Kinds of events, by number: first those that handlers hear, then those that no handler does. */
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
  "mirror",
  "close",
  /** Sets a script up from an `OpenRequest`; fails where `state`, `migrate` or the snapshot fail. `init` is an event of its own. */
  "open",
  /** The outcome's value is the script's snapshot: opaque text that a later `open` takes back. */
  "snapshot",
  /** Forgets the script. */
  "end",
] as const satisfies readonly (
  | import("../../core/ports.ts").ScriptEvent["kind"]
  | "open"
  | "snapshot"
  | "end"
)[];

/** The first of `kinds` that no handler hears. */
export const INTERNAL = kinds.indexOf("open");

/**
 * Numbers in an event's row, in this order; the texts are the user, the name and the body.
 * - script: number of the script in its sandbox, chosen by the server, never used twice in one sandbox
 * - seq: number of the event in its script, from 1; with the script's seed it seeds Math.random for the event
 * - kind: its number in `kinds`
 * - flags: sum of `Flag`s
 * - time: milliseconds since the epoch
 * - user: UTF-16 units of the id of a member or of an application's user; 0 where the event has none
 * - name: of the message type, emit type, timer name, connection id; 0 where the event has none
 * - length: of the body; −1 where there is none (undefined)
 *
 * Bodies: `open` JSON `OpenRequest`; `join` `{"user":{id,name,data?},"data":…}`; `login` and `message`, `emit`, `timer`
 * the data; `leave` and `close` the reason; `connect` none (name is the connection's id); `disconnect` in an extension: name
 * is the connection's id, user the user's id or ""; `logout` the user `{id,name,data?}`; `create` `{"user":{…},"request":{…}}`;
 * `mirror` `MirrorChanges`; `tick` the elapsed ms.
 */
export const Column = { script: 0, seq: 1, kind: 2, flags: 3, time: 4, user: 5, name: 6, length: 7 } as const;

/** Numbers in a row. */
export const COLUMNS = Object.keys(Column).length;

/** Events of one batch at most: the guest has so many rows. */
export const MOST_EVENTS = 256;

/** Bits of an event's flags. */
export const Flag = {
  /** The client waits for the handler's result. */
  reply: 1,
  /** Replayed: effects and logs are dropped in the guest, the outcome has a status and nothing else. */
  muted: 2,
  /**
   * Beside `muted`: replayed in another version than the one that answered it. Who is a member was settled there, so a
   * join stands whatever its handler says; the outcome of one that fails has its `FailureBody`.
   */
  foreign: 4,
} as const;

/** Body of `open`. */
export interface OpenRequest {
  application: string;
  version: string;
  /** Absent for the application's extension. */
  /** `maxUsers` is null where there is no limit. */
  room?: { name: string; type: string; maxUsers: number | null };
  /** 32-bit seed of the script; each event's random numbers follow from it and its seq. */
  seed: number;
  /** What an earlier `snapshot` gave: state and users as they were. Absent: `state()` makes the first state. */
  snapshot?: unknown;
  /** Name of the version that wrote the snapshot where it is another one: `migrate(state, from)` runs. */
  from?: string;
}

/** Body of `mirror`. */
export interface MirrorChanges {
  users?: { add?: { id: string; name: string; data?: unknown }[]; remove?: string[] };
  /** A room that is there already is replaced. */
  rooms?: {
    add?: { name: string; type: string; users: number; maxUsers: number | null; keep: boolean }[];
    remove?: string[];
  };
}

/** Status of an outcome. */
export const Status = { ok: 0, refused: 1, no_handler: 2, invalid_data: 3, handler_failed: 4 } as const;

/** Body of an outcome that is not ok. */
export interface FailureBody {
  message: string;
  detail?: string;
  position?: import("../../core/ports.ts").SourcePosition;
  /** Set where a limit cut the handler short: the state can't be replayed, the server asks for a snapshot. */
  limit?: "cpu" | "memory" | "output" | "stack";
}

/** Kinds of effects, by number. */
export const effectKinds = [
  "log",
  "broadcast",
  "send",
  "broadcastApplication",
  "broadcastRoom",
  "sendApplication",
  "kick",
  "kickApplication",
  "createRoom",
  "closeRoom",
  "emit",
  "schedule",
  "cancel",
] as const satisfies readonly import("../../core/ports.ts").Effect["kind"][];

/**
 * What follows an effect's kind in an answer's header. `length` is that of its body, the data, −1 where there is none;
 * `except`, and the room of `closeRoom` and `emit`, are 0 where there is none.
 */
export const effectParts = {
  log: ["level", "length"],
  broadcast: ["type", "except", "length"],
  send: ["type", "to", "length"],
  broadcastApplication: ["type", "length"],
  broadcastRoom: ["type", "room", "length"],
  sendApplication: ["type", "to", "length"],
  kick: ["user", "reason"],
  kickApplication: ["user", "reason"],
  createRoom: ["room", "length"],
  closeRoom: ["room", "reason"],
  emit: ["type", "room", "length"],
  schedule: ["name", "ms", "length"],
  cancel: ["name"],
} as const satisfies Record<(typeof effectKinds)[number], readonly string[]>;
