import { BuildError } from "../../core/errors.ts";
import type { SourcePosition } from "../../core/source_position.ts";

/** The place of an offset (UTF-16 units) in a source. */
export function positionAt(file: string, source: string, offset: number): SourcePosition {
  const before = source.slice(0, offset);
  const line = before.split("\n").length;
  return { file, line, column: offset - (before.lastIndexOf("\n") + 1) + 1 };
}

/** A line of a source, 1-based, without its end. */
export function lineAt(source: string, line: number): string | undefined {
  return source.split("\n", line)[line - 1]?.replace(/\r$/, "");
}

/** An error at an offset of a source. */
export function errorAt(file: string, source: string, offset: number, message: string): BuildError {
  const position = positionAt(file, source, offset);
  return new BuildError(message, position, lineAt(source, position.line));
}
