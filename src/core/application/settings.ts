import * as v from "valibot";
import { authSchema, variable } from "../auth/auth_settings.ts";
import { headerNamePattern } from "../fetch/http_header.ts";
import { prefixProblem } from "../fetch/url_prefix.ts";

const count = (least = 0) => v.pipe(v.number(), v.integer(), v.minValue(least));
const size = count(1);
const sizeUpTo = (most: number) => v.pipe(size, v.maxValue(most));
const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));

const MIB = 1024 * 1024;
/** The longest that users who are away, or rooms that are empty, can be waited for, ms: 24 days. */
const LONGEST_GRACE_MS = 2 ** 31 - 1;
/** Most memory of one engine: its module declares less than 2 GiB, and with a larger maximum it can't be made (docs/decisions/0013-memory.md). */
const MOST_MEMORY_BYTES = 2047 * MIB;

/*
 * What has a most here, whatever the server's owner allows, goes to a script host or comes from it in one frame, and a frame has
 * 64 MiB at most: docs/decisions/0013-memory.md does the sum.
 */

/** Limits of one application; each breach is counted and logged. Sizes are bytes, times are milliseconds. */
export const limitsSchema = v.strictObject({
  /** CPU time of one event; past it the event fails. */
  cpuPerEvent: v.optional(milliseconds, 20),
  /** CPU time of one event in code that can't be interrupted; past it the script host is killed. */
  cpuHard: v.optional(milliseconds, 500),
  /** CPU time for parsing, linking and running the top level of a version. */
  load: v.optional(milliseconds, 500),
  /** CPU time for moving one room between sandboxes: writing its state, reading it, `migrate`. */
  migrate: v.optional(milliseconds, 500),
  /** Memory of one sandbox. */
  memory: v.optional(v.pipe(count(17 * MIB), v.maxValue(MOST_MEMORY_BYTES)), 64 * MIB),
  /** Memory of all its sandboxes, on all script hosts together; past it no more rooms are made, and none takes more. */
  totalMemory: v.optional(count(17 * MIB), 1024 * MIB),
  /** One outgoing message. */
  message: v.optional(sizeUpTo(16 * MIB), MIB),
  /** All effects of one event together. */
  output: v.optional(sizeUpTo(24 * MIB), 4 * MIB),
  /** Number of effects of one event. */
  effects: v.optional(sizeUpTo(100_000), 200),
  /** Live schedules of one room. */
  schedules: v.optional(count(), 64),
  /** Log text of one event. */
  log: v.optional(sizeUpTo(MIB), 10 * 1024),
  /** All source files of the application together. */
  source: v.optional(sizeUpTo(8 * MIB), 512 * 1024),
  /** `room.state` written as JSON. */
  state: v.optional(sizeUpTo(32 * MIB), 4 * MIB),
  /** Events that may wait for one room's script; past it messages are answered with `busy`. */
  queue: v.optional(size, 10_000),
  /** How long the oldest event of a room may have waited; past it messages to the room are answered with `busy`. */
  wait: v.optional(v.pipe(milliseconds, v.minValue(1)), 10_000),
  /** Log lines of the whole application in a second, five times as many at once; what is more is dropped and counted. */
  logRate: v.optional(size, 200),
  /** Bytes of them in a second as they are written, five times as many at once. */
  logBytes: v.optional(size, 64 * 1024),
  /** What the server keeps for the application's scripts: events that wait, journals and snapshots; and data of schedules. */
  held: v.optional(size, 512 * MIB),
  /** CPU time that the application may use in a second, on all script hosts together; 0 is no limit. */
  cpuRate: v.optional(milliseconds, 0),
  /** CPU time that it may use at once where `cpuRate` limits it. */
  cpuBurst: v.optional(v.pipe(milliseconds, v.minValue(1)), 1000),
});

/** What users find again who were away for a while. */
export const sessionSchema = v.strictObject({
  /** How long a user whose connection was lost stays and may come back, ms; 0 turns that off. */
  grace: v.optional(v.pipe(milliseconds, v.maxValue(LONGEST_GRACE_MS)), 30_000),
  /** Frames that are kept of a room, of what all users are sent, and of what one user alone is. */
  history: v.optional(count(), 500),
  /** Bytes of memory that these take at most. */
  historyBytes: v.optional(count(), 256 * 1024),
});

/** What the application's own settings may give its scripts to read, as JSON text, UTF-16 units. */
const MAX_CONFIG_UNITS = 64 * 1024;
/** Objects and lists that may lie in one another there: scripts freeze them one by one. */
const MAX_CONFIG_DEPTH = 32;
/** Variables that an application may name. */
const MAX_VARIABLES = 32;

const config = v.pipe(
  v.unknown(),
  v.check(
    (value) => !isDeeper(value, MAX_CONFIG_DEPTH),
    `Invalid config: more than ${MAX_CONFIG_DEPTH} objects and lists lie in one another`,
  ),
  v.check(
    (value) => (JSON.stringify(value)?.length ?? 0) <= MAX_CONFIG_UNITS,
    `Invalid config: it has more than ${MAX_CONFIG_UNITS} characters as JSON`,
  ),
);

/** Prefixes of URLs that scripts may fetch, and UTF-16 units of one. */
const MAX_PREFIXES = 32;
const MAX_PREFIX_UNITS = 1024;

const prefix = v.pipe(
  v.string(),
  v.maxLength(MAX_PREFIX_UNITS),
  v.check(
    (text) => prefixProblem(text) === undefined,
    ({ input }) => `Invalid prefix: ${prefixProblem(input)}`,
  ),
);

/** Headers that scripts may be shown of a login, and UTF-16 units of a name. */
const MAX_SHOWN_HEADERS = 20;
const MAX_HEADER_NAME_UNITS = 128;

const headerName = v.pipe(
  v.string(),
  v.maxLength(MAX_HEADER_NAME_UNITS),
  v.regex(headerNamePattern, "Invalid name: a header has letters, digits and -"),
  v.toLowerCase(),
);

/** `hotroom.json`, with every default filled in. */
export const settingsSchema = v.strictObject({
  /** Who may make rooms: joining makes them, clients create them, or only scripts do. */
  rooms: v.optional(v.picklist(["join", "client", "server"])),
  /** What a live room does at an edit. */
  reload: v.optional(v.picklist(["swap", "pin"]), "swap"),
  /** Whether an edit is tried on copies of the live rooms first, and not taken where that gives an error. */
  rehearse: v.optional(v.boolean(), false),
  /** How long an empty room stays that was not made with `keep`, ms. */
  emptyGrace: v.optional(v.pipe(milliseconds, v.maxValue(LONGEST_GRACE_MS)), 10_000),
  /** Rooms of the application at one time. */
  maxRooms: v.optional(size, 10_000),
  /** Rooms that one user is in at one time; and rooms that clients have made by one connection and that have not closed. */
  roomsPerUser: v.optional(size, 100),
  /** Rooms that one user watches at one time. */
  watchesPerUser: v.optional(size, 100),
  /** Users who are away at one time and came from one address, unless it is one of this machine; one more, and the first to go is out. */
  sessionsPerUser: v.optional(size, 1000),
  /** Users of the application at one time. */
  maxUsers: v.optional(size, 100_000),
  /** Rooms that share one sandbox; 1 isolates each. */
  roomsPerSandbox: v.optional(size, 100),
  /** Whether clients may watch rooms with `subscribe`; without it those whose type has no `join` handler, or a `watch` handler. */
  subscribe: v.optional(v.boolean()),
  /** What an answer of a durable room, or application, waits for: that it is committed, or that it is on the disk, too. */
  durable: v.optional(v.picklist(["relaxed", "strict"]), "relaxed"),
  /** What scripts read as `app.config`: any JSON. */
  config: v.optional(config, {}),
  /** Variables of the server's environment that scripts read as `app.env`, by name. */
  env: v.optional(v.pipe(v.array(variable), v.maxLength(MAX_VARIABLES)), []),
  /** What its scripts may ask of other servers: URLs, each of which stands for all that lies under it. */
  fetch: v.optional(v.pipe(v.array(prefix), v.maxLength(MAX_PREFIXES)), []),
  /** Headers of the request that a connection began with, which scripts are given as `login.headers`, by name. */
  headers: v.optional(v.pipe(v.array(headerName), v.maxLength(MAX_SHOWN_HEADERS)), []),
  /** How it is known who logs in; without it that is for the `login` handler to find out. */
  auth: v.optional(authSchema, {}),
  session: v.optional(sessionSchema, {}),
  limits: v.optional(limitsSchema, {}),
});

/** Settings as hotroom.json may write them. */
export type SettingsInput = v.InferInput<typeof settingsSchema>;
/** Limits of one application with defaults filled in. */
export type Limits = v.InferOutput<typeof limitsSchema>;
/** Settings of one application with defaults filled in. */
export type Settings = Omit<v.InferOutput<typeof settingsSchema>, "rooms"> & {
  rooms: "join" | "client" | "server";
};

/** Fills in what depends on the application's form: a one-file application's rooms are made by joining. */
export function settingsOf(input: v.InferOutput<typeof settingsSchema>, oneFile: boolean): Settings {
  return { ...input, rooms: input.rooms ?? (oneFile ? "join" : "server") };
}

/** Returns true if more than `most` objects and lists lie in one another; looks no deeper. */
function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return most === 0 || Object.values(value).some((inner) => isDeeper(inner, most - 1));
}
