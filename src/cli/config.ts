import * as v from "valibot";
import { type Ceilings, ceilingKeys, ceilingsSchema } from "../core/application/ceilings.ts";
import type { ConnectionLimits } from "../core/connection/inbound_rate.ts";
import { messageOf } from "../core/errors.ts";
import type { LogLevel } from "../core/ports/log.ts";
import { addressFault } from "../platform/address/address.ts";
import { isObject } from "../protocol/json_object.ts";
import type { TracingSettings } from "../core/trace/tracing.ts";
import { ConfigFile } from "./config_file.ts";
import { type SettingKey, serverSettings, settingKeys } from "./server_settings.ts";

type Schemas = { readonly [Key in SettingKey]: (typeof serverSettings)[Key]["schema"] };

/** The settings of the server; `hotroom.config.json`, environment variables and flags give the same keys. */
export const configSchema = v.strictObject(
  Object.fromEntries(settingKeys.map((key) => [key, serverSettings[key].schema])) as Schemas,
);

/** Share of what clients send that is followed where there is a collector. */
const COLLECTED = 0.01;

/** The key of the one setting that only the file has: an object of ceilings. */
const CEILINGS = "ceilings";

/** Settings with defaults filled in. */
export type Config = v.InferOutput<typeof configSchema> & {
  /** The most that the file of an application may set. */
  readonly ceilings: Ceilings;
};
/** The defaults of all settings. */
export const standardConfig: v.InferOutput<typeof configSchema> = v.parse(configSchema, {});

/** Returns what one connection may do by these settings. */
export function limitsOf(config: v.InferOutput<typeof configSchema>): ConnectionLimits {
  return {
    frame: config.maxFrame,
    rate: config.inboundRate,
    burst: Math.max(config.inboundBurst, config.inboundRate),
    bytes: config.inboundBytes,
    outbox: config.outbox,
    outboxTotal: config.outboxTotal,
    loginDeadline: config.loginDeadline,
  };
}

/** Returns what is followed by these settings; nothing where it is undefined. */
export function tracingOf(
  traceSample: number | undefined,
  endpoint: string | undefined,
  logLevel?: LogLevel,
): TracingSettings | undefined {
  const standard = logLevel === "debug" ? 1 : endpoint !== undefined ? COLLECTED : 0;
  const sample = traceSample ?? standard;
  if (sample === 0 && endpoint === undefined) return undefined;
  // Who asks for it by name is to find it in the log.
  const level = traceSample !== undefined ? "info" : logLevel === "debug" ? "debug" : undefined;
  return { sample, level, endpoint };
}

/** Settings as a user writes them. */
export type ConfigInput = { [Key in SettingKey]?: unknown };

/** A setting that can't be used; the message names where it was written and its key. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "bad_config";
}

/** Returns a setting's flag: that of `inboundRate` is `--inbound-rate`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Returns a setting's environment variable: that of `inboundRate` is `HOTROOM_INBOUND_RATE`. */
export function variableOf(key: string): string {
  return `HOTROOM_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/**
 * Returns the settings by precedence: flags, then environment variables, then the file (`hotroom.config.json` where none is
 * named), then defaults. Throws ConfigError.
 */
export function readConfig(
  flags: ConfigInput,
  environment: Readonly<Record<string, string | undefined>>,
  file?: string,
): Config {
  const fromFile = readFile(file);
  const fromEnvironment: ConfigInput = {};
  for (const key of settingKeys) {
    const value = environment[variableOf(key)];
    if (value !== undefined && value !== "") fromEnvironment[key] = value;
  }
  const { [CEILINGS]: written = {}, ...values } = fromFile.values;
  const ceilings = readCeilings(written, fromFile);
  const result = v.safeParse(configSchema, { ...values, ...fromEnvironment, ...flags });
  const placeOf = (key: string) =>
    key in flags ? flagOf(key) : key in fromEnvironment ? variableOf(key) : fromFile.placeOf([key]);
  if (result.success) {
    const fault = addressFault(result.output, flagOf);
    if (fault) throw new ConfigError(`Cannot use ${placeOf(fault.key)}: ${fault.text}.`);
    return { ...result.output, ceilings };
  }
  const [issue] = result.issues;
  const key = String(issue.path?.[0]?.key ?? "");
  if (issue.type === "strict_object" && issue.expected === "never")
    throw new ConfigError(`Cannot use ${fromFile.unknown([key], [...settingKeys, CEILINGS])}`);
  throw new ConfigError(`Cannot use ${placeOf(key)}: ${issue.message}.`);
}

/** Returns the ceilings that the file gives; throws ConfigError at one that no application could set. */
function readCeilings(written: unknown, file: ConfigFile): Ceilings {
  if (!isObject(written))
    throw new ConfigError(`Cannot use ${file.placeOf([CEILINGS])}: it must be an object.`);
  const result = v.safeParse(ceilingsSchema, written);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const keys = [CEILINGS, String(issue.path?.[0]?.key ?? "")];
  if (issue.type === "strict_object" && issue.expected === "never")
    throw new ConfigError(`Cannot use ${file.unknown(keys, ceilingKeys)}`);
  throw new ConfigError(`Cannot use ${file.placeOf(keys)}: ${issue.message}.`);
}

/** Returns what the file holds; throws ConfigError where it can't be read, or is missing though it was named. */
function readFile(file: string | undefined): ConfigFile {
  try {
    return new ConfigFile(file);
  } catch (error) {
    throw new ConfigError(messageOf(error));
  }
}
