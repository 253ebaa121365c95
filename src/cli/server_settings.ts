import { counted } from "../core/text/counted.ts";
import * as v from "valibot";
import { DEFAULT_FRAME_BYTES } from "../protocol/frame.ts";

/**
 * The most that a frame of a client may ever have, bytes: what JSON makes of it goes to a script host in one frame of 64 MiB
 * (docs/decisions/0013-memory.md).
 */
const MOST_FRAME_BYTES = 4 * 1024 * 1024;

/** One setting of the server: all that is known of it, once for its flag, its variable, its key and the help. */
interface Setting {
  /** Checks the value, and gives the default where there is one. Values of flags and variables are text. */
  readonly schema: v.GenericSchema;
  /** What the help shows for a value, in brackets where the flag may be given without. */
  readonly value: `<${string}>` | `[${string}]`;
  readonly text: string;
  /** The default in words, where the schema has none. */
  readonly standard?: string;
}

/** A whole number; flags and variables give it as text. */
function integer(least: number, most = Number.MAX_SAFE_INTEGER) {
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  const rule = `it must be a whole number, ${range}`;
  return v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+$/, rule), v.transform(Number))], rule),
    v.integer(rule),
    v.minValue(least, rule),
    v.maxValue(most, rule),
  );
}

/** A number from 0 to 1; flags and variables give it as text. */
const share = v.pipe(
  v.union(
    [v.number(), v.pipe(v.string(), v.regex(/^(?:\d+|\d*\.\d+)$/), v.transform(Number))],
    "it must be a number, 0 to 1",
  ),
  v.minValue(0, "it must be a number, 0 to 1"),
  v.maxValue(1, "it must be a number, 0 to 1"),
);

const boolean = v.union(
  [
    v.boolean(),
    v.pipe(
      v.picklist(["true", "false"]),
      v.transform((text) => text === "true"),
    ),
  ],
  "it must be true or false",
);

/** A number of proxies; one, where the flag has no value. */
const hops = v.union(
  [
    integer(0, 16),
    v.pipe(
      v.union([v.literal(true), v.literal("true")]),
      v.transform(() => 1),
    ),
  ],
  "it must be a whole number, 0 to 16",
);

function text(least = 1) {
  const rule = `it must be text of at least ${counted(least, "character")}`;
  return v.pipe(v.string(rule), v.minLength(least, rule));
}

/** Returns true if a text is the address of a collector; a secret belongs into `OTEL_EXPORTER_OTLP_HEADERS`. */
function isCollector(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === "http:" || protocol === "https:") && username === "" && password === "";
}

function oneOf<const Words extends readonly string[]>(words: Words) {
  return v.picklist(words, `it must be one of ${words.join(", ")}`);
}

/** The settings of the server by key, in the order of the help; docs/OPERATIONS.md has a row for each. */
export const serverSettings = {
  port: {
    schema: v.optional(integer(0, 65535), 8080),
    value: "<number>",
    text: "TCP port; 0 takes a free one",
  },
  host: {
    schema: v.optional(text(), "127.0.0.1"),
    value: "<address>",
    text: "address to listen on; 0.0.0.0 for all",
  },
  unix: {
    schema: v.optional(text()),
    value: "<path>",
    text: "unix socket to listen on, in the place of port and host",
    standard: "none",
  },
  tlsCert: {
    schema: v.optional(text()),
    value: "<file>",
    text: "certificate with its chain (PEM): the port speaks TLS only; read again when it changes",
    standard: "none",
  },
  tlsKey: {
    schema: v.optional(text()),
    value: "<file>",
    text: "its key (PEM)",
    standard: "none",
  },
  data: {
    schema: v.optional(text(), "./data"),
    value: "<folder>",
    text: "where durable applications are kept; made when the first one is loaded",
  },
  extensions: {
    schema: v.optional(text(), "./extensions"),
    value: "<folder>",
    text: "the folder of the applications",
  },
  dev: {
    schema: v.optional(boolean, false),
    value: "[true|false]",
    text: "whether clients that ask for it are told of edits, so that pages can load themselves again",
  },
  hosts: {
    schema: v.optional(integer(0, 256)),
    value: "<count>",
    text: "processes that run scripts; 0 runs them in the server itself, without the wall: for tests only",
    standard: "cores − 1, at least 1",
  },
  spare: {
    schema: v.optional(boolean, true),
    value: "<true|false>",
    text: "whether one more script host is kept warm: it validates new builds, and takes the place of one that dies",
  },
  hostMemory: {
    schema: v.optional(integer(64 * 1024 * 1024), 2 * 1024 * 1024 * 1024),
    value: "<bytes>",
    text: "memory that the sandboxes of one script host may take together, bytes; one application at most three quarters",
  },
  cache: {
    schema: v.optional(text()),
    value: "<folder|none>",
    text: "folder in which stripped sources are kept for the next start",
    standard: "the user's cache",
  },
  inboundRate: {
    schema: v.optional(integer(0), 50),
    value: "<count>",
    text: "frames a second that a connection may send; 0 is no limit",
  },
  inboundBurst: {
    schema: v.optional(integer(1), 100),
    value: "<count>",
    text: "frames that it may send at once; at least the rate",
  },
  inboundBytes: {
    schema: v.optional(integer(0), 4 * 1024 * 1024),
    value: "<bytes>",
    text: "bytes a second of frames over 4 KB that a connection may send, twice as many at once; 0 is no limit",
  },
  maxFrame: {
    schema: v.optional(integer(1024, MOST_FRAME_BYTES), DEFAULT_FRAME_BYTES),
    value: "<bytes>",
    text: "largest frame taken from a client",
  },
  outbox: {
    schema: v.optional(integer(64 * 1024), 4 * 1024 * 1024),
    value: "<bytes>",
    text: "bytes that may wait for a slow client before its connection is closed",
  },
  outboxTotal: {
    schema: v.optional(integer(1024 * 1024), 512 * 1024 * 1024),
    value: "<bytes>",
    text: "bytes that may wait for all clients together before connections are closed, those for which most waits first",
  },
  compress: {
    schema: v.optional(boolean, false),
    value: "[true|false]",
    text: "whether frames of 512 bytes and more are compressed (permessage-deflate), on Bun; true where it is given alone",
  },
  loginDeadline: {
    schema: v.optional(integer(0), 30_000),
    value: "<ms>",
    text: "how long a connection may be without a user before it is closed; 0 is no limit",
  },
  maxConnections: {
    schema: v.optional(integer(1)),
    value: "<count>",
    text: "connections at one time",
    standard: "what file descriptors allow",
  },
  maxConnectionsPerAddress: {
    schema: v.optional(integer(0)),
    value: "<count>",
    text: "connections of one address; 0 is no limit",
    standard: "1,000, and no limit for this machine",
  },
  trustProxy: {
    schema: v.optional(hops, 0),
    value: "[hops]",
    text: "proxies in front of the server whose word is taken for a client's address; 1 where it is given alone",
  },
  drain: {
    schema: v.optional(integer(0, 3_600_000), 10_000),
    value: "<ms>",
    text: "how long stopping may take, whatever hangs; 0 stops at once",
  },
  history: {
    schema: v.optional(integer(0), 64 * 1024 * 1024),
    value: "<bytes>",
    text: "memory for frames that are kept for users who may come back",
  },
  adminToken: {
    schema: v.optional(text(8)),
    value: "<secret>",
    text: "secret of the admin API, at least 8 characters; without one it answers on this machine only",
    standard: "none",
  },
  tokens: {
    schema: v.optional(text()),
    value: "<file>",
    text: "file with tokens of the API and what each may do, which is taken over when it changes",
    standard: "none",
  },
  noConsole: {
    schema: v.optional(boolean, false),
    value: "[true|false]",
    text: "whether the page at / is left out, and the API answers nobody without a token; true where it is given alone",
  },
  logFormat: {
    schema: v.optional(oneOf(["text", "json"]), "text"),
    value: "<text|json>",
    text: "how lines of the log are written",
  },
  logLevel: {
    schema: v.optional(oneOf(["debug", "info", "warn", "error"]), "info"),
    value: "<debug|info|warn|error>",
    text: "the least that is logged",
  },
  traceSample: {
    schema: v.optional(share),
    value: "<share>",
    text: "share of what clients send that is followed through the log, 0 to 1",
    standard: "all at the log level debug, one in a hundred with a collector, else none",
  },
  otlpEndpoint: {
    schema: v.optional(
      v.pipe(
        v.string("it must be an http: or https: address"),
        v.check(isCollector, "it must be an http: or https: address, without a name and a password"),
      ),
    ),
    value: "<url>",
    text: "address of a collector that what is followed is sent to, by OTLP over HTTP",
    standard: "none",
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** Key of a setting in `hotroom.config.json`. */
export type SettingKey = keyof typeof serverSettings;

/** The keys of all settings. */
export const settingKeys = Object.keys(serverSettings) as SettingKey[];

/** Returns a setting's default in words. */
export function defaultOf(key: SettingKey): string {
  const { schema, standard = "none" }: Setting = serverSettings[key];
  const value = v.getDefault(schema);
  return value === undefined ? standard : String(value);
}
