import { Buffer } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import * as v from "valibot";
import { readEventRecord } from "../../core/durable/journal/event_record.ts";
import { messageOf } from "../../core/errors.ts";
import { readFrameRecord } from "../../core/history/frame_record.ts";
import type { Write } from "../../core/ports/journal_store.ts";

/** Bytes of a file that are read at once. */
const CHUNK_BYTES = 1024 * 1024;
/** Bytes of a line: more than any text that a store takes. */
const MOST_LINE_BYTES = 256 * 1024 * 1024;
const NEWLINE = 10;
/** What a backup begins with. */
const BACKUP = "SQLite format 3\0";

/** The first line of an export. */
const head = { hotroom: "data", format: 1 } as const;

const headSchema = v.object({ hotroom: v.literal(head.hotroom), format: v.literal(head.format) });
const endSchema = v.strictObject({ end: v.number() });
const at = v.strictObject({ application: v.string(), room: v.exactOptional(v.string()) });
const item = v.picklist([
  "application",
  "version",
  "user",
  "room",
  "script",
  "delivered",
  "schedule",
  "pending",
]);
const number = v.pipe(v.number(), v.safeInteger());
const writeSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("forget"), at }),
  v.strictObject({ kind: v.literal("put"), at, item, key: v.string(), value: v.string() }),
  v.strictObject({
    kind: v.literal("append"),
    at,
    log: v.picklist(["events", "frames"]),
    number,
    record: v.string(),
  }),
]);

/** Returns the first line of an export. */
export function exportHead(): string {
  return JSON.stringify(head);
}

/** Returns the last line of an export, by which a whole one is told from one that was cut off; `lines` is how many stand between. */
export function exportEnd(lines: number): string {
  return JSON.stringify({ end: lines });
}

/** Returns one line of an export, which is a change that would make what it tells of. Kept texts stay texts, so that they come back to the letter. */
export function exportLine(write: Write): string {
  return JSON.stringify(write);
}

/** Returns the changes of an export, one after the other. Throws an Error that names the line at what is not one of an export. */
export function* importOf(file: string): Generator<Write> {
  let count = 0;
  let end: number | undefined;
  for (const line of linesOf(file)) {
    count++;
    if (end !== undefined) throw new Error(`${file}:${count}: it goes on behind its last line`);
    if (count === 1 && line.startsWith(BACKUP))
      throw new Error(
        `${file}:1: it is a backup and no export: put it into an empty folder as store.db, and start a server there`,
      );
    const value = parse(line, `${file}:${count}`);
    if (count === 1) {
      if (!v.is(headSchema, value))
        throw new Error(`${file}:1: it is not an export of format ${head.format}`);
      continue;
    }
    if (v.is(endSchema, value)) {
      end = value.end;
      continue;
    }
    const result = v.safeParse(writeSchema, value);
    if (!result.success) throw new Error(`${file}:${count}: it is not a line of an export`);
    checkTexts(result.output, `${file}:${count}`);
    yield result.output;
  }
  if (count === 0) throw new Error(`${file}:1: it is not an export of format ${head.format}`);
  // The first line and the last do not count.
  if (end !== count - 2) throw new Error(`${file}:${count}: the export is not whole: it was cut off`);
}

/** Throws an Error where the text of a change is not what a server reads: one that was edited by hand keeps an application from coming back. */
function checkTexts(write: Write, place: string): void {
  try {
    if (write.kind === "put") JSON.parse(write.value);
    else if (write.kind === "append" && write.log === "events") readEventRecord(write.record);
    else if (write.kind === "append") readFrameRecord(write.record);
  } catch (error) {
    throw new Error(`${place}: the text in it can't be read: ${messageOf(error)}`);
  }
}

function parse(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`${place}: it is not JSON: ${messageOf(error)}`);
  }
}

/** Returns the lines of a file without reading all of it at once. Throws the system's error. */
function* linesOf(path: string): Generator<string> {
  const file = openSync(path, "r");
  try {
    let begun: Uint8Array[] = [];
    let bytes = 0;
    for (;;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const size = readSync(file, chunk);
      if (size === 0) break;
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0 && end < size; end = chunk.indexOf(NEWLINE, from)) {
        yield textOf([...begun, chunk.subarray(from, end)]);
        begun = [];
        bytes = 0;
        from = end + 1;
      }
      begun.push(chunk.subarray(from, size));
      bytes += size - from;
      if (bytes > MOST_LINE_BYTES) throw new Error(`${path}: a line of it is too long`);
    }
    if (bytes > 0) yield textOf(begun);
  } finally {
    closeSync(file);
  }
}

function textOf(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString("utf8");
}
