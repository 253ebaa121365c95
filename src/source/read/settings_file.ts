import * as v from "valibot";
import { BuildError } from "../../core/errors.ts";
import { type Settings, limitsSchema, settingsOf, settingsSchema } from "../../core/application/settings.ts";
import { parseJson } from "./json_text.ts";
import { nearest } from "./nearest.ts";

/** Name of the settings file in an application's folder. */
export const settingsFile = "hotroom.json";

/**
 * The settings of an application from the text of its `hotroom.json`, or the defaults where it has none. Throws a
 * BuildError that names the file and the key.
 */
export function readSettings(application: string, text: string | undefined, oneFile: boolean): Settings {
  const value = text === undefined ? {} : parseJson(settingsFile, text);
  if (Array.isArray(value)) {
    // To valibot an array is an object without the keys.
    throw new BuildError(`${application}/${settingsFile}: Invalid type: Expected Object but received Array.`);
  }
  const result = v.safeParse(settingsSchema, value);
  if (result.success) return settingsOf(result.output, oneFile);
  const told = result.issues.map((issue) => {
    const keys = issue.path?.map((item) => String(item.key)) ?? [];
    const key = keys.length > 0 ? `${keys.join(".")}: ` : "";
    return (
      key +
      (issue.type === "strict_object" && issue.expected === "never" ? unknown(keys) : `${issue.message}.`)
    );
  });
  throw new BuildError(`${application}/${settingsFile}: ${told.join(" ")}`);
}

function unknown(keys: readonly string[]): string {
  const known = keys.length > 1 ? limitsSchema.entries : settingsSchema.entries;
  const meant = nearest(keys.at(-1) ?? "", Object.keys(known));
  return `There is no such setting.${meant ? ` Did you mean "${meant}"?` : ""}`;
}
