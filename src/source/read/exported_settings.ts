import { BuildError } from "../../core/errors.ts";
import { positionAt, type SourcePosition } from "../../core/source_position.ts";
import type { SettingsLiteral } from "../syntax/settings_literal.ts";
import { JsonText } from "./json_text.ts";
import type { SettingsText } from "./settings_file.ts";

/** Settings that a script exports; what is told of them has the place in the script. */
export class ExportedSettings implements SettingsText {
  readonly value: unknown;
  readonly #json: JsonText;
  readonly #places = new Map<number, number>();

  /** Throws a BuildError where the export can't be read. `source` is the script as its author wrote it. */
  constructor(
    readonly file: string,
    readonly source: string,
    literal: SettingsLiteral,
  ) {
    if ("fault" in literal) throw this.#error(literal.offset, literal.fault);
    this.#json = new JsonText(file, literal.json);
    this.value = this.#json.value;
    const { places } = literal;
    for (let i = 0; i < places.length; i += 2) this.#places.set(places[i] as number, places[i + 1] as number);
  }

  offsetOf(place: "key" | "value", keys: readonly (string | number)[]): number {
    return this.#places.get(this.#json.offsetOf(place, keys)) ?? 0;
  }

  positionAt(offset: number): SourcePosition {
    return positionAt(this.file, this.source, offset);
  }

  errorAt(offset: number, message: string): BuildError {
    return this.#error(offset, message);
  }

  #error(offset: number, message: string): BuildError {
    return BuildError.at(this.file, this.source, offset, message);
  }
}
