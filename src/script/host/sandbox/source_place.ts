/** Places in the sources that the engine doesn't tell, looked for in their text. */
import type { SourcePosition } from "../../../core/source_position.ts";

/** Uses of a name that are looked at, and UTF-16 units before each: a source may be made to take long. */
const TRIES = 100;
const CLAUSE = 500;

/** Where a file imports something by this specifier. */
export function placeOfImport(file: string, source: string, specifier: string): SourcePosition | undefined {
  const at = ['"', "'"].map((quote) => source.indexOf(quote + specifier + quote)).find((index) => index >= 0);
  return at === undefined ? undefined : placeAt(file, source, at);
}

/** Where a name is imported, or exported again, that its module doesn't have. */
export function placeOfName(
  files: Iterable<readonly [path: string, source: string]>,
  name: string,
): SourcePosition | undefined {
  for (const [file, source] of files) {
    let at = source.indexOf(name);
    for (let tries = 0; at >= 0 && tries < TRIES; tries++, at = source.indexOf(name, at + 1)) {
      const isWhole = !/[\w$]/.test(`${source[at - 1] ?? ""}${source[at + name.length] ?? ""}`);
      const clause = source.slice(Math.max(0, at - CLAUSE), at);
      if (isWhole && /\b(?:import|export)\b[^;'"]*$/.test(clause)) return placeAt(file, source, at);
    }
  }
  return undefined;
}

/**
 * The place of a syntax error: of most the engine knows the line and says column 1. A message that names the token tells
 * the column where the line has that token once.
 */
export function placeOfToken(place: SourcePosition, source: string, message: string): SourcePosition {
  if (place.column !== 1) return place;
  const line = source.split("\n")[place.line - 1] ?? "";
  const token = /unexpected .*'([^']+)'/.exec(message)?.[1];
  const at = token === undefined ? -1 : line.indexOf(token);
  if (token !== undefined && at >= 0 && line.indexOf(token, at + 1) < 0) return { ...place, column: at + 1 };
  return { ...place, column: Math.max(0, line.search(/\S/)) + 1 };
}

function placeAt(file: string, source: string, index: number): SourcePosition {
  const before = source.slice(0, index).split("\n");
  return { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
