import { readFileSync } from "node:fs";
import * as v from "valibot";
import { messageOf } from "../core/errors.ts";
import { isObject } from "../protocol/json_object.ts";
import { type SettingKey, serverSettings, settingKeys } from "./server_settings.ts";

/** The settings file that is read where no other is named. */
export const DEFAULT_FILE = "hotroom.config.json";

type Schemas = { readonly [Key in SettingKey]: (typeof serverSettings)[Key]["schema"] };

/** The settings of the server; `hotroom.config.json`, environment variables and flags give the same keys. */
export const configSchema = v.strictObject(
  Object.fromEntries(settingKeys.map((key) => [key, serverSettings[key].schema])) as Schemas,
);

/** Settings with defaults filled in. */
export type Config = v.InferOutput<typeof configSchema>;
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
  const result = v.safeParse(configSchema, { ...fromFile, ...fromEnvironment, ...flags });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const key = String(issue.path?.[0]?.key ?? "");
  const isUnknown = issue.type === "strict_object" && issue.expected === "never";
  const why = isUnknown ? "there is no such setting" : issue.message;
  throw new ConfigError(`Cannot use ${placeOf(key, { flags, fromEnvironment, file })}: ${why}.`);
}

/** Returns where the setting was written that counts. */
function placeOf(
  key: string,
  { flags, fromEnvironment, file }: { flags: ConfigInput; fromEnvironment: ConfigInput; file?: string },
): string {
  if (key in flags) return flagOf(key);
  if (key in fromEnvironment) return variableOf(key);
  return `${file ?? DEFAULT_FILE}: ${key}`;
}

/** Returns what the file holds; throws ConfigError where it can't be read, or is missing though it was named. */
function readFile(file: string | undefined): ConfigInput {
  const cannot = (why: string) => new ConfigError(`Cannot read ${file ?? DEFAULT_FILE}: ${why}.`);
  let text: string;
  try {
    text = readFileSync(file ?? DEFAULT_FILE, "utf8");
  } catch (error) {
    if (file === undefined && (error as { code?: string }).code === "ENOENT") return {};
    throw cannot(messageOf(error));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw cannot(messageOf(error));
  }
  if (isObject(value)) return value;
  throw cannot("it must hold one object");
}
