/** What is shown of a text that an author chose the length of. */

/** Characters (UTF-16 units) of a source line in an error. */
const MAX_LINE_CHARACTERS = 200;

/** Returns the beginning of a text, with `…` where it has more than `most` characters (UTF-16 units). */
export function excerpt(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}

/** Returns the same as a text of its own, for what is kept: a part of a text keeps all of that in memory. */
export function ownExcerpt(text: string, most: number): string {
  if (text.length <= most) return text;
  return new TextDecoder().decode(new TextEncoder().encode(excerpt(text, most)));
}

/**
 * Returns what is around a column of a line (1-based, UTF-16 units), with `…` where something was left out, and the column in
 * that. A short line is returned whole.
 */
export function excerptAround(line: string, column: number): { text: string; column: number } {
  if (line.length <= MAX_LINE_CHARACTERS) return { text: line, column };
  const latest = line.length - MAX_LINE_CHARACTERS;
  const start = Math.max(0, Math.min(latest, column - 1 - MAX_LINE_CHARACTERS / 2));
  const shown = line.slice(start, start + MAX_LINE_CHARACTERS).toWellFormed();
  const before = start > 0 ? "…" : "";
  const after = start < latest ? "…" : "";
  return { text: `${before}${shown}${after}`, column: column - start + before.length };
}
