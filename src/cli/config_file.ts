import { readFileSync } from "node:fs";
import { BuildError, messageOf } from "../core/errors.ts";
import { formatPosition } from "../core/source_position.ts";
import { isObject } from "../protocol/json_object.ts";
import { JsonText } from "../source/read/json_text.ts";
import { nearest } from "../source/read/nearest.ts";

/** The settings file that is read where no other is named. */
export const DEFAULT_FILE = "hotroom.config.json";
/** Characters of a settings file. */
const MAX_CHARACTERS = 64 * 1024;

/** The server's settings as a file gives them, by key. */
export class ConfigFile {
  readonly values: Readonly<Record<string, unknown>>;
  readonly #json: JsonText | undefined;

  /**
   * Reads the file, or `hotroom.config.json` where none is named and there is one. Throws an Error that says why it can't be
   * read, and where it is not JSON.
   */
  constructor(file: string | undefined) {
    const name = file ?? DEFAULT_FILE;
    const text = read(name, file === undefined);
    try {
      this.#json = text === undefined ? undefined : new JsonText(name, text);
    } catch (error) {
      throw cannotRead(error instanceof BuildError ? error.toString() : `${name}: ${messageOf(error)}`);
    }
    const value = this.#json?.value ?? (text === undefined ? {} : undefined);
    if (!isObject(value)) throw cannotRead(`${name}: it must hold one object.`);
    this.values = value;
  }

  /** Returns where the value stands that keys lead to, and the keys: `hotroom.config.json:3:11: ceilings.memory`. */
  placeOf(keys: readonly string[]): string {
    return this.#told("value", keys);
  }

  /** Returns the error of keys that lead to no setting, with its place, and with the last key that was meant. */
  unknown(keys: readonly string[], known: readonly string[]): string {
    const meant = nearest(keys.at(-1) ?? "", known);
    return `${this.#told("key", keys)}: there is no such setting.${meant ? ` Did you mean "${meant}"?` : ""}`;
  }

  #told(what: "key" | "value", keys: readonly string[]): string {
    const name = keys.join(".");
    const place = this.#json?.positionAt(this.#json.offsetOf(what, keys));
    return place ? `${formatPosition(place)}: ${name}` : name;
  }
}

/** The text of a file without a byte order mark; undefined where it may be missing and is. */
function read(name: string, mayBeMissing: boolean): string | undefined {
  let text: string;
  try {
    text = readFileSync(name, "utf8");
  } catch (error) {
    if (mayBeMissing && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cannotRead(`${name}: ${messageOf(error)}.`);
  }
  if (text.length > MAX_CHARACTERS)
    throw cannotRead(`${name}: it has ${text.length} characters, ${MAX_CHARACTERS} is the most.`);
  return text.replace(/^\ufeff/, "");
}

function cannotRead(what: string): Error {
  return new Error(`Cannot read ${what}`);
}
