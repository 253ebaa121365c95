/** Place in a source file, 1-based. */
export interface SourcePosition {
  file: string;
  line: number;
  column: number;
}

/** Returns a place as editors and terminals understand it: `rooms/match.ts:12:5`. */
export function formatPosition({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`;
}

/** Returns the place of an offset in a source; offset and column count UTF-16 units. */
export function positionAt(file: string, source: string, offset: number): SourcePosition {
  let line = 1;
  let start = 0;
  for (let end = source.indexOf("\n"); end >= 0 && end < offset; end = source.indexOf("\n", start)) {
    line++;
    start = end + 1;
  }
  return { file, line, column: offset - start + 1 };
}

/** Returns a line of a source, 1-based, without its end; undefined where it has fewer lines. */
export function lineAt(source: string, line: number): string | undefined {
  let start = 0;
  for (let number = 1; number < line; number++) {
    start = source.indexOf("\n", start) + 1;
    if (start === 0) return undefined;
  }
  const end = source.indexOf("\n", start);
  return source.slice(start, end < 0 ? undefined : end).replace(/\r$/, "");
}

/** What precedes, on the last line of compiled code, the map of where its author has what is in it. */
const POSITIONS = "\n//# positions ";

/** Returns compiled code with its map of positions, where it has one. */
export function withPositions(code: string, map: string): string {
  return map === "" ? code : code + POSITIONS + map;
}

/** Returns the map of positions that compiled code has, "" where it has none. */
export function positionsOf(code: string): string {
  const at = code.lastIndexOf(POSITIONS);
  return at < 0 ? "" : code.slice(at + POSITIONS.length);
}
