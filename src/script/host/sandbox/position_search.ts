/** Positions that the engine doesn't tell, searched for in the text of the sources. */
import { lineAt, positionAt, type SourcePosition } from "../../../core/source_position.ts";

/** Uses of a name that are looked at, since a source may be made to take long. */
const MAX_USES = 100;
/** What is looked at before each of them, UTF-16 units. */
const CLAUSE_UNITS = 500;

/** What may be a regular expression, or two divisions in one line. */
const regexp = /\/((?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+)\/(\w*)/g;

/**
 * Returns where a file has a regular expression that the engine does not compile, and its text; undefined where it can't be told.
 * `problemOf` returns what the engine says of one, "" where it compiles.
 */
export function positionOfRegExp(
  [file, source]: readonly [path: string, source: string],
  message: string,
  problemOf: (pattern: string, flags: string) => string,
): { text: string; position: SourcePosition } | undefined {
  let tries = 0;
  for (const { 0: text, 1: pattern = "", 2: flags = "", index } of source.matchAll(regexp)) {
    if (++tries > MAX_USES) return undefined;
    if (problemOf(pattern, flags) === message) return { text, position: positionAt(file, source, index) };
  }
  return undefined;
}

/** Returns where a file exports a name, or else where it has it first; its beginning where it does not have it. */
export function positionOfWord([file, source]: readonly [path: string, source: string], word: string) {
  return (
    positionOfMissingName([[file, source]], word) ??
    positionAt(file, source, Math.max(0, source.indexOf(word)))
  );
}

/** Returns where a file imports something by this specifier; undefined where it can't be told. */
export function positionOfImport(
  file: string,
  source: string,
  specifier: string,
): SourcePosition | undefined {
  const at = ['"', "'"].map((quote) => source.indexOf(quote + specifier + quote)).find((index) => index >= 0);
  return at === undefined ? undefined : positionAt(file, source, at);
}

/**
 * Returns where a name is imported, or exported again, that its module doesn't have; undefined where it can't be told.
 * `files` are sources by path.
 */
export function positionOfMissingName(
  files: Iterable<readonly [path: string, source: string]>,
  name: string,
): SourcePosition | undefined {
  for (const [file, source] of files) {
    let at = source.indexOf(name);
    for (let uses = 0; at >= 0 && uses < MAX_USES; uses++, at = source.indexOf(name, at + 1)) {
      const isWhole = !/[\w$]/.test(`${source[at - 1] ?? ""}${source[at + name.length] ?? ""}`);
      const clause = source.slice(Math.max(0, at - CLAUSE_UNITS), at);
      if (isWhole && /\b(?:import|export)\b[^;'"]*$/.test(clause)) return positionAt(file, source, at);
    }
  }
  return undefined;
}

/**
 * Returns the position of a syntax error, of which the engine mostly knows the line and says column 1: that of the token
 * which its message names, where the line has it once, else where the line's code begins.
 */
export function positionOfToken(position: SourcePosition, source: string, message: string): SourcePosition {
  if (position.column !== 1) return position;
  const line = lineAt(source, position.line) ?? "";
  const token = /unexpected .*'([^']+)'/.exec(message)?.[1];
  const at = token === undefined ? -1 : line.indexOf(token);
  if (token !== undefined && at >= 0 && line.indexOf(token, at + 1) < 0)
    return { ...position, column: at + 1 };
  return { ...position, column: Math.max(0, line.search(/\S/)) + 1 };
}
