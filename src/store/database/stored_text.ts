import { crc32 } from "node:zlib";

/**
 * Returns a name as it is stored: as in JSON, without the quotes. Deno 2.9.6 reads a text of a database up to its first NUL, and
 * a script calls its timers what it likes.
 */
export function storedText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Returns the name that was stored. Throws SyntaxError where none was. */
export function textOf(stored: string): string {
  return stored.includes("\\") ? (JSON.parse(`"${stored}"`) as string) : stored;
}

/** Returns the checksum of a row's texts, of whatever place: SQLite has none, and reads what was damaged as if it had been written. */
export function sumOf(place: number, ...texts: string[]): number {
  return crc32(`${place}\n${texts.join("\n")}`);
}
