import * as v from "valibot";
import { bounded, type Ceilings, ceilingsOf, overCeilings } from "../../core/application/ceilings.ts";
import { type Settings, limitsSchema, settingsOf, settingsSchema } from "../../core/application/settings.ts";
import type { BuildError } from "../../core/errors.ts";
import { excerpt } from "../../core/excerpt.ts";
import { JsonText } from "./json_text.ts";
import { publicKeyProblem } from "./public_key.ts";
import { nearest } from "./nearest.ts";

/** Name of the settings file in an application's folder. */
export const settingsFile = "hotroom.json";

/** Characters of an author's keys or value in an error. */
const MAX_SHOWN = 200;

/**
 * Returns the settings of an application from the text of its `hotroom.json`, or the defaults where it has none. Throws a
 * BuildError at the key or value that can't be used, or is over a ceiling of the server.
 */
export function readSettings(
  text: string | undefined,
  oneFile: boolean,
  ceilings: Ceilings = ceilingsOf(),
): Settings {
  if (text === undefined) return bounded(settingsOf(v.parse(settingsSchema, {}), oneFile), ceilings);
  const json = new JsonText(settingsFile, text);
  if (Array.isArray(json.value)) {
    // To valibot an array is an object without the keys.
    throw json.errorAt(json.offsetOf("value", []), "Invalid type: Expected Object but received Array.");
  }
  const result = v.safeParse(settingsSchema, json.value);
  if (!result.success) throw errorOf(json, problemsOf(json, result.issues));
  const settings = settingsOf(result.output, oneFile);
  const { jwt } = settings.auth;
  const badKey = jwt && publicKeyProblem(jwt);
  if (badKey !== undefined) {
    const offset = json.offsetOf("value", ["auth", "jwt", "publicKey"]);
    throw errorOf(json, [{ offset, message: `auth.jwt.publicKey: ${badKey}.` }]);
  }
  const over = overCeilings(settings, json.value, ceilings).map(({ path, value, ceiling }) => ({
    offset: json.offsetOf("value", path),
    message: `${path.join(".")}: ${value} is over what this server allows (${ceiling}).`,
  }));
  if (over.length > 0) throw errorOf(json, over);
  return bounded(settings, ceilings);
}

/** What is wrong at one place of the file. */
interface Problem {
  readonly offset: number;
  readonly message: string;
}

/** Returns what the schema finds wrong, which is one thing of each setting. */
function problemsOf(json: JsonText, issues: readonly v.BaseIssue<unknown>[]): Problem[] {
  return issues.map((issue) => {
    const keys = issue.path?.map((item) => String(item.key)) ?? [];
    const isUnknown = issue.type === "strict_object" && issue.expected === "never";
    const what = isUnknown ? unknownSetting(keys) : `${excerpt(issue.message, MAX_SHOWN)}.`;
    const path = keys.length > 0 ? `${excerpt(keys.join("."), MAX_SHOWN)}: ` : "";
    return { offset: json.offsetOf(isUnknown ? "key" : "value", keys), message: path + what };
  });
}

/** Returns the error at what comes first in the file, with the rest behind it. */
function errorOf(json: JsonText, problems: readonly Problem[]): BuildError {
  const inOrder = problems.toSorted((a, b) => a.offset - b.offset);
  const told = inOrder.map(({ offset, message }, index) => {
    const { line, column } = json.positionAt(offset);
    return index === 0 ? message : `${line}:${column}: ${message}`;
  });
  return json.errorAt(inOrder[0]?.offset ?? 0, told.join(" "));
}

function unknownSetting(keys: readonly string[]): string {
  const known = keys.length > 1 ? limitsSchema.entries : settingsSchema.entries;
  const meant = nearest(keys.at(-1) ?? "", Object.keys(known));
  return `there is no such setting.${meant ? ` Did you mean "${meant}"?` : ""}`;
}
