import { messageOf } from "../../../core/errors.ts";
import type { PackageImport } from "../../../core/ports/build.ts";
import type { SourcePosition } from "../../../core/source_position.ts";
import { builtIn } from "./built_in_modules.ts";
import { INTERNAL_PREFIX, nameOfBuiltIn, resolveImport } from "./module_names.ts";
import { positionOfImport, positionOfMissingName, positionOfToken } from "./position_search.ts";

/**
 * Prefix of the names of what can't be imported: the engine drops an exception of the resolver and passes on one of the
 * loader, so the refusal is left to the loader.
 */
const REFUSED_PREFIX = `${INTERNAL_PREFIX}refused `;

/** Why a version can't be loaded, in words for its author, and where that stands. */
export interface LoadProblem {
  readonly message: string;
  readonly position: SourcePosition | undefined;
  /** True if the position was found in the code, whose columns are not yet those of its author. */
  readonly isInCode?: boolean;
}

/** The modules that one sandbox can import: those of its version and what is built in. */
export class Modules {
  readonly #files: ReadonlyMap<string, string>;
  /** What imports of packages and in packages lead to, by importing file. */
  readonly #packaged = new Map<string, Map<string, string>>();
  /** Imports that were refused. */
  readonly #refused: LoadProblem[] = [];
  #isClosed = false;
  /** The file that was asked for last. */
  #last: string | undefined;

  constructor(files: readonly [path: string, source: string][], imports: readonly PackageImport[] = []) {
    this.#files = new Map(files);
    for (const [from, specifier, path] of imports) {
      const own = this.#packaged.get(from) ?? new Map<string, string>();
      this.#packaged.set(from, own.set(specifier, path));
    }
  }

  /** Refuses every import from now on: what runs has been loaded. */
  close(): void {
    this.#isClosed = true;
  }

  /** Returns true if the version has a file of that path. */
  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** Returns the full name of what a module imports, for the engine. */
  resolve(base: string, specifier: string): string {
    try {
      if (this.#isClosed) {
        const what = JSON.stringify(specifier);
        throw new Error(`Cannot import ${what} while running: use import at the top of the file.`);
      }
      const packaged = this.#packaged.get(base)?.get(specifier);
      if (packaged !== undefined) return packaged;
      return resolveImport(base, specifier, (path) => this.#files.has(path));
    } catch (error) {
      const message = messageOf(error);
      const source = this.#files.get(base) ?? "";
      this.#refused.push({
        message,
        position: positionOfImport(base, source, specifier),
        isInCode: true,
      });
      return REFUSED_PREFIX + (this.#refused.length - 1);
    }
  }

  /** Returns the source of a module by its full name, or why it can't be imported, for the engine. */
  source(name: string): { source: string } | { refusal: string } {
    const problem = name.startsWith(REFUSED_PREFIX)
      ? this.#refused[Number(name.slice(REFUSED_PREFIX.length))]
      : undefined;
    if (problem) return { refusal: problem.message };
    const source = builtIn.get(name) ?? this.#files.get(name);
    if (this.#files.has(name)) this.#last = name;
    if (source !== undefined) return { source };
    return { refusal: `Cannot import ${JSON.stringify(name)}: there is no such module.` };
  }

  /** Returns the code of a file of the version, "" for any other. */
  code(path: string): string {
    return this.#files.get(path) ?? "";
  }

  /** Returns the path and the code of the file that was loaded last: an error of its syntax keeps others from being loaded. */
  get last(): readonly [path: string, source: string] | undefined {
    return this.#last === undefined ? undefined : [this.#last, this.code(this.#last)];
  }

  /**
   * Returns the message and position of an error that kept the version from loading, better than the engine tells them.
   */
  explain(message: string, position: SourcePosition | undefined): LoadProblem {
    const refused = this.#refused.find((problem) => message.endsWith(problem.message));
    if (refused) return refused.position ? refused : { message: refused.message, position };
    const [, name, from] = /^SyntaxError: Could not find export '(.+)' in module '(.+)'$/.exec(message) ?? [];
    if (name !== undefined && from !== undefined) {
      const module = nameOfBuiltIn(from) ?? from;
      return this.#ofName(
        name,
        `SyntaxError: ${JSON.stringify(module)} has no export ${JSON.stringify(name)}${hintOfType(name)}`,
        position,
      );
    }
    const [, twice, of] = /^SyntaxError: export '(.+)' in module '(.+)' is ambiguous$/.exec(message) ?? [];
    if (twice !== undefined && of !== undefined) {
      return this.#ofName(
        twice,
        `SyntaxError: ${JSON.stringify(of)} exports ${JSON.stringify(twice)} from more than one module`,
        position,
      );
    }
    const source = position && this.#files.get(position.file);
    if (!position || source === undefined || !message.startsWith("SyntaxError: "))
      return { message, position };
    return { message, position: positionOfToken(position, source, message) };
  }

  /** Returns an error about a name that is imported. */
  #ofName(name: string, message: string, position: SourcePosition | undefined): LoadProblem {
    if (position) return { message, position };
    return { message, position: positionOfMissingName(this.#files, name), isInCode: true };
  }
}

/** Returns what to say of a name that is not exported: those of types begin with a capital letter, and types are gone by now. */
function hintOfType(name: string): string {
  return /^\p{Lu}/u.test(name) ? `; if it is a type, import "type ${name}"` : "";
}
