import * as v from "valibot";
import {
  bounded,
  type Ceilings,
  ceilingsOf,
  overCeilings,
  unpermitted,
} from "../../core/application/ceilings.ts";
import { type Settings, settingsOf, settingsSchema } from "../../core/application/settings.ts";
import type { BuildError } from "../../core/errors.ts";
import { excerpt } from "../../core/excerpt.ts";
import { JsonText } from "./json_text.ts";
import { publicKeyProblem } from "./public_key.ts";
import { nearest } from "./nearest.ts";

/** Name of the settings file in an application's folder. */
export const settingsFile = "hotroom.json";

/** Characters of an author's keys or value in an error. */
const MAX_SHOWN = 200;

/** Settings as their author wrote them, which know where their keys and values stand; offsets are UTF-16 units. */
export type SettingsText = Pick<JsonText, "value" | "offsetOf" | "positionAt" | "errorAt">;

/** Returns the text of a `hotroom.json`. Throws a BuildError where it is no JSON. */
export function settingsFileText(text: string): SettingsText {
  return new JsonText(settingsFile, text);
}

/**
 * Returns the settings of an application as they are written, or the defaults where they are not. Throws a BuildError at the key or
 * value that can't be used, or is over a ceiling of the server.
 */
export function readSettings(
  written: SettingsText | undefined,
  oneFile: boolean,
  ceilings: Ceilings = ceilingsOf(),
): Settings {
  if (written === undefined) return bounded(settingsOf(v.parse(settingsSchema, {}), oneFile), ceilings);
  if (Array.isArray(written.value)) {
    // To valibot an array is an object without the keys.
    throw written.errorAt(written.offsetOf("value", []), "Invalid type: Expected Object but received Array.");
  }
  const result = v.safeParse(settingsSchema, written.value);
  if (!result.success) throw errorOf(written, problemsOf(written, result.issues));
  const settings = settingsOf(result.output, oneFile);
  const { jwt } = settings.auth;
  const badKey = jwt && publicKeyProblem(jwt);
  if (badKey !== undefined) {
    const offset = written.offsetOf("value", ["auth", "jwt", "publicKey"]);
    throw errorOf(written, [{ offset, message: `auth.jwt.publicKey: ${badKey}.` }]);
  }
  const over = overCeilings(settings, written.value, ceilings).map(({ path, value, ceiling }) => ({
    offset: written.offsetOf("value", path),
    message: `${path.join(".")}: ${value} is over what this server allows (${ceiling}).`,
  }));
  const strange = unpermitted(settings, ceilings).map(({ path, value, permitted }) => ({
    offset: written.offsetOf("value", path),
    message: `${path.join(".")}: this server does not permit ${excerpt(value, MAX_SHOWN)} (${excerpt(permitted.join(", ") || "none", MAX_SHOWN)}).`,
  }));
  if (over.length + strange.length > 0) throw errorOf(written, [...over, ...strange]);
  return bounded(settings, ceilings);
}

/** What is wrong at one place of the file. */
interface Problem {
  readonly offset: number;
  readonly message: string;
}

/** Returns what the schema finds wrong, which is one thing of each setting. */
function problemsOf(written: SettingsText, issues: readonly v.BaseIssue<unknown>[]): Problem[] {
  return issues.map((issue) => {
    const keys = issue.path?.map((item) => String(item.key)) ?? [];
    const isUnknown = issue.type === "strict_object" && issue.expected === "never";
    const what = isUnknown ? unknownSetting(keys) : `${excerpt(issue.message, MAX_SHOWN)}.`;
    const path = keys.length > 0 ? `${excerpt(keys.join("."), MAX_SHOWN)}: ` : "";
    return { offset: written.offsetOf(isUnknown ? "key" : "value", keys), message: path + what };
  });
}

/** Returns the error at what comes first in the file, with the rest behind it. */
function errorOf(written: SettingsText, problems: readonly Problem[]): BuildError {
  const inOrder = problems.toSorted((a, b) => a.offset - b.offset);
  const told = inOrder.map(({ offset, message }, index) => {
    const { line, column } = written.positionAt(offset);
    return index === 0 ? message : `${line}:${column}: ${message}`;
  });
  return written.errorAt(inOrder[0]?.offset ?? 0, told.join(" "));
}

function unknownSetting(keys: readonly string[]): string {
  const meant = nearest(keys.at(-1) ?? "", knownBeside(keys));
  return `there is no such setting.${meant ? ` Did you mean "${meant}"?` : ""}`;
}

/** Returns the keys that there are where the last one of `keys` stands. */
function knownBeside(keys: readonly string[]): string[] {
  let schema: unknown = settingsSchema;
  for (const key of keys.slice(0, -1)) schema = entriesOf(schema)[key];
  return Object.keys(entriesOf(schema));
}

/** Returns the schemas of an object's keys; none of what is no object. An optional one has its schema in `wrapped`. */
function entriesOf(schema: unknown): Readonly<Record<string, unknown>> {
  const { wrapped, entries } = (schema ?? {}) as { wrapped?: object; entries?: Record<string, unknown> };
  return (wrapped ? entriesOf(wrapped) : entries) ?? {};
}
