import type { SourcePosition } from "../../../core/source_position.ts";
import { placeOfImport, placeOfName, placeOfToken } from "./source_place.ts";
import { INTERNAL_PREFIX, resolveImport } from "./module_names.ts";
import { builtIn } from "./built_in_modules.ts";

/**
 * Prefix of the names of what can't be imported: the engine drops an exception of the resolver and tells one of the loader,
 * so the refusal is left to the loader.
 */
const REFUSED = `${INTERNAL_PREFIX}refused `;

/** Why a version can't be loaded: an import that was refused, as the script was told, or another error; and where it stands. */
export interface Refusal {
  readonly message: string;
  readonly position: SourcePosition | undefined;
}

/** The modules that one sandbox can import: those of its version and what is built in. */
export class Modules {
  readonly #files: ReadonlyMap<string, string>;
  readonly #refusals: Refusal[] = [];
  #isClosed = false;

  constructor(files: readonly [path: string, source: string][]) {
    this.#files = new Map(files);
  }

  /** From now on every import of a script is refused: what runs has been loaded. */
  close(): void {
    this.#isClosed = true;
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** For the engine: the full name of what a module imports. */
  resolve(base: string, specifier: string): string {
    try {
      if (this.#isClosed) {
        const what = JSON.stringify(specifier);
        throw new Error(`Cannot import ${what} while running: use import at the top of the file.`);
      }
      return resolveImport(base, specifier, (path) => this.#files.has(path));
    } catch (error) {
      const message = error instanceof Error ? error.message : "There is no such module.";
      this.#refusals.push({ message, position: placeOfImport(base, this.#files.get(base) ?? "", specifier) });
      return REFUSED + (this.#refusals.length - 1);
    }
  }

  /** For the engine: a module's source by its full name. */
  source(name: string): { source: string } | { refusal: string } {
    if (name.startsWith(REFUSED)) {
      const refusal = this.#refusals[Number(name.slice(REFUSED.length))];
      return { refusal: refusal?.message ?? "There is no such module." };
    }
    const source = builtIn.get(name) ?? this.#files.get(name);
    if (source !== undefined) return { source };
    return { refusal: `Cannot import ${JSON.stringify(name)}: there is no such module.` };
  }

  /** The message and place of an error that kept the version from loading, better than the engine tells them. */
  improve(message: string, position: SourcePosition | undefined): Refusal {
    const refusal = this.#refusals.find((one) => message.endsWith(one.message));
    if (refusal) return { message: refusal.message, position: refusal.position ?? position };
    const [, name, from] = /^SyntaxError: Could not find export '(.+)' in module '(.+)'$/.exec(message) ?? [];
    if (name !== undefined && from !== undefined) {
      const module = from.startsWith(INTERNAL_PREFIX) ? "hotroom" : from;
      return {
        message: `SyntaxError: ${JSON.stringify(module)} has no export ${JSON.stringify(name)}`,
        position: position ?? placeOfName(this.#files, name),
      };
    }
    const source = position && this.#files.get(position.file);
    if (source === undefined || !message.startsWith("SyntaxError: ")) return { message, position };
    return { message, position: placeOfToken(position as SourcePosition, source, message) };
  }
}
