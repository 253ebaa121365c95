import { readFileSync } from "node:fs";
import * as v from "valibot";

const integer = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  v.pipe(
    v.union([
      v.number(),
      v.pipe(v.string(), v.regex(/^\d+$/, "Expected a whole number"), v.transform(Number)),
    ]),
    v.number(),
    v.integer(),
    v.minValue(least),
    v.maxValue(most),
  );

/** Settings of the server: `hotroom.config.json`, environment variables and flags give the same keys. */
export const configSchema = v.strictObject({
  /** TCP port; 0 takes a free one. */
  port: v.optional(integer(0, 65535), 8080),
  /** Address to listen on. */
  host: v.optional(v.pipe(v.string(), v.nonEmpty()), "127.0.0.1"),
  /** The folder of the applications. */
  extensions: v.optional(v.pipe(v.string(), v.nonEmpty()), "./extensions"),
  /** Script host processes; 0 runs scripts in the server's own process, without the wall. */
  hosts: v.optional(integer(0, 256)),
  /** Whether one more script host is kept warm, for builds and in the place of one that dies. */
  spare: v.optional(
    v.union([
      v.boolean(),
      v.pipe(
        v.picklist(["true", "false"]),
        v.transform((text) => text === "true"),
      ),
    ]),
    true,
  ),
  /** Folder in which stripped sources are kept from one start to the next, or `none`; without it, where the system keeps caches. */
  cache: v.optional(v.pipe(v.string(), v.nonEmpty())),
  /** Frames a second that one connection may send; 0 is no limit. */
  inboundRate: v.optional(integer(0), 50),
  /** Frames that one connection may send at once. */
  inboundBurst: v.optional(integer(1), 100),
  /** Largest frame taken from a client, bytes. */
  maxFrame: v.optional(integer(1024, 1024 * 1024), 64 * 1024),
  /** Bytes that may wait for a slow client before its connection is closed. */
  outbox: v.optional(integer(64 * 1024), 1024 * 1024),
  /** How long a connection may be without a user, ms; 0 is no limit. */
  loginDeadline: v.optional(integer(0), 30_000),
  /** Connections at one time; without it as many as the system has file descriptors for. */
  maxConnections: v.optional(integer(1)),
  /** Connections of one address; 0 is no limit. Without it 1,000, and no limit for this machine's own addresses. */
  maxConnectionsPerAddress: v.optional(integer(0)),
  /** Secret that the admin API asks for; without one it answers on loopback names only. */
  adminToken: v.optional(v.pipe(v.string(), v.minLength(8))),
  logFormat: v.optional(v.picklist(["text", "json"]), "text"),
  logLevel: v.optional(v.picklist(["debug", "info", "warn", "error"]), "info"),
});

/** Settings with defaults filled in. */
export type Config = v.InferOutput<typeof configSchema>;
/** Settings as a user writes them. */
export type ConfigInput = { [key in keyof Config]?: unknown };

/** A setting that can't be used; the message names where it was written and its key. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "bad_config";
}

/** Name of a setting's environment variable: `inboundRate` is `HOTROOM_INBOUND_RATE`. */
export function variableOf(key: string): string {
  return `HOTROOM_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Settings by precedence: flags, then environment variables, then the file, then defaults. Throws ConfigError. */
export function readConfig(
  flags: ConfigInput,
  environment: Record<string, string | undefined>,
  file?: string,
): Config {
  const fromFile = readFile(file);
  const fromEnvironment: ConfigInput = {};
  for (const key of Object.keys(configSchema.entries) as (keyof Config)[]) {
    const value = environment[variableOf(key)];
    if (value !== undefined && value !== "") fromEnvironment[key] = value;
  }
  const merged: ConfigInput = { ...fromFile, ...fromEnvironment, ...flags };
  const result = v.safeParse(configSchema, merged);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const key = String(issue.path?.[0]?.key ?? "");
  const place =
    key in flags
      ? `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      : key in fromEnvironment
        ? variableOf(key)
        : `${file ?? defaultFile}: ${key}`;
  throw new ConfigError(`Cannot use ${place}: ${issue.message}.`);
}

const defaultFile = "hotroom.config.json";

function readFile(file: string | undefined): ConfigInput {
  let text: string;
  try {
    text = readFileSync(file ?? defaultFile, "utf8");
  } catch (error) {
    if (file === undefined && (error as { code?: string }).code === "ENOENT") return {};
    throw new ConfigError(`Cannot read ${file ?? defaultFile}: ${(error as Error).message}.`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as ConfigInput;
  } catch (error) {
    throw new ConfigError(`Cannot read ${file ?? defaultFile}: ${(error as Error).message}.`);
  }
  throw new ConfigError(`Cannot read ${file ?? defaultFile}: it must hold one object.`);
}
