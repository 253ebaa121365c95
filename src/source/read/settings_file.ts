import * as v from "valibot";
import { type Settings, limitsSchema, settingsOf, settingsSchema } from "../../core/application/settings.ts";
import type { BuildError } from "../../core/errors.ts";
import { excerpt } from "../../core/excerpt.ts";
import { JsonText } from "./json_text.ts";
import { nearest } from "./nearest.ts";

/** Name of the settings file in an application's folder. */
export const settingsFile = "hotroom.json";

/** Characters of an author's keys or value in an error. */
const MAX_SHOWN = 200;

/**
 * Returns the settings of an application from the text of its `hotroom.json`, or the defaults where it has none. Throws a
 * BuildError at the key or value that can't be used.
 */
export function readSettings(text: string | undefined, oneFile: boolean): Settings {
  if (text === undefined) return settingsOf(v.parse(settingsSchema, {}), oneFile);
  const json = new JsonText(settingsFile, text);
  if (Array.isArray(json.value)) {
    // To valibot an array is an object without the keys.
    throw json.errorAt(json.offsetOf("value", []), "Invalid type: Expected Object but received Array.");
  }
  const result = v.safeParse(settingsSchema, json.value);
  if (result.success) return settingsOf(result.output, oneFile);
  throw errorOf(json, result.issues);
}

/** The error at what comes first in the file, with the rest behind it; the schema tells one thing of each setting. */
function errorOf(json: JsonText, issues: readonly v.BaseIssue<unknown>[]): BuildError {
  const problems = issues.map((issue) => {
    const keys = issue.path?.map((item) => String(item.key)) ?? [];
    const isUnknown = issue.type === "strict_object" && issue.expected === "never";
    const what = isUnknown ? unknownSetting(keys) : `${excerpt(issue.message, MAX_SHOWN)}.`;
    const path = keys.length > 0 ? `${excerpt(keys.join("."), MAX_SHOWN)}: ` : "";
    return { offset: json.offsetOf(isUnknown ? "key" : "value", keys), message: path + what };
  });
  problems.sort((a, b) => a.offset - b.offset);
  const told = problems.map(({ offset, message }, index) => {
    const { line, column } = json.positionAt(offset);
    return index === 0 ? message : `${line}:${column}: ${message}`;
  });
  return json.errorAt(problems[0]?.offset ?? 0, told.join(" "));
}

function unknownSetting(keys: readonly string[]): string {
  const known = keys.length > 1 ? limitsSchema.entries : settingsSchema.entries;
  const meant = nearest(keys.at(-1) ?? "", Object.keys(known));
  return `there is no such setting.${meant ? ` Did you mean "${meant}"?` : ""}`;
}
