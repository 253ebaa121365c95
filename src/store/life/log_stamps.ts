import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { isFull } from "../reserve.ts";

/** Places in the header of a database, as SQLite documents them: who may write it, and the number that an application has there, 32 bits. */
const HEADER_BYTES = 100;
const WRITE_VERSION_AT = 18;
const STAMP_AT = 68;
/** How a database is written that no server has opened since it was copied: a server has it in `WAL`, which this is not. */
const ROLLBACK = 1;

/** Places in a write-ahead log, and in the head of each of its frames. */
const LOG_HEADER_BYTES = 32;
const PAGE_SIZE_AT = 8;
const LOG_SALTS_AT = 16;
const FRAME_HEADER_BYTES = 24;
const FRAME_SALTS_AT = 8;
const SALTS_BYTES = 8;
/** The page that begins with the header of the database. */
const FIRST_PAGE = 1;

/**
 * The stamp of a database: a number in its header that changes each time before its write-ahead log is carried over. A log has the stamp with which
 * it began, and all that followed. So one that has not the stamp of a database is of another one, or of another time of it: SQLite itself
 * takes any log for that of the database beside which it lies.
 */
export class LogStamps {
  #stamp: number;
  #isInLog = false;

  /** Throws the system's error. */
  constructor(private readonly database: DatabaseSync) {
    this.#stamp = this.#read();
  }

  /** Call it in each transaction: the first one in a log has the stamp with which that begins. Throws the system's error. */
  begin(): void {
    if (!this.#isInLog) this.#write(this.#stamp);
  }

  /** Call it when a transaction is made. */
  begun(): void {
    this.#isInLog = true;
  }

  /** Call it before the log is carried over, while nobody else does that. On a full disk nothing is changed. Throws the system's error. */
  change(): void {
    try {
      // Both are in the log, whatever is in the file when that ends.
      this.#write(this.#stamp);
      this.#write(randomBytes(4).readInt32BE(0));
    } catch (error) {
      if (!isFull(error)) throw error;
    }
    this.#stamp = this.#read();
  }

  /** Call it when the log is carried over as a whole, and empty. */
  ended(): void {
    this.#isInLog = false;
  }

  #read(): number {
    const row = this.database.prepare("PRAGMA application_id").get() as { application_id: number };
    return row.application_id;
  }

  #write(stamp: number): void {
    this.database.exec(`PRAGMA application_id = ${stamp}`);
  }
}

/** Returns true if no server has opened the database at `path` since it was copied, or made. Throws the system's error. */
export function isUnopened(path: string): boolean {
  const header = headerOf(path);
  return header === undefined || header[WRITE_VERSION_AT] === ROLLBACK;
}

/** Returns true if the write-ahead log beside the database at `path` is its own, as far as that can be known. Throws the system's error. */
export function isOwnLog(path: string): boolean {
  const stamps = stampsIn(`${path}-wal`);
  return stamps.size === 0 || stamps.has(headerOf(path)?.readInt32BE(STAMP_AT) ?? 0);
}

/** Returns the header of a database; undefined where there is none yet. */
function headerOf(path: string): Buffer | undefined {
  return reading(path, (read) => read(0, HEADER_BYTES));
}

/** Returns the stamps in a write-ahead log, as far as it goes. */
function stampsIn(path: string): ReadonlySet<number> {
  const stamps = new Set<number>();
  reading(path, (read) => {
    const header = read(0, LOG_HEADER_BYTES);
    if (!header) return;
    const salts = header.subarray(LOG_SALTS_AT, LOG_SALTS_AT + SALTS_BYTES);
    const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(PAGE_SIZE_AT);
    for (let at = LOG_HEADER_BYTES; ; at += frameBytes) {
      const frame = read(at, FRAME_HEADER_BYTES + HEADER_BYTES);
      // What is behind the end is of a log before.
      if (!frame?.subarray(FRAME_SALTS_AT, FRAME_SALTS_AT + SALTS_BYTES).equals(salts)) return;
      if (frame.readUInt32BE(0) === FIRST_PAGE) stamps.add(frame.readInt32BE(FRAME_HEADER_BYTES + STAMP_AT));
    }
  });
  return stamps;
}

/** Returns what `task` returns of a file, by a function that reads bytes of it; undefined where there is no file, or fewer bytes. */
function reading<T>(
  path: string,
  task: (read: (at: number, bytes: number) => Buffer | undefined) => T | undefined,
): T | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    return task((at, bytes) => {
      const into = Buffer.alloc(bytes);
      return at + bytes <= size && readSync(file, into, 0, bytes, at) === bytes ? into : undefined;
    });
  } finally {
    closeSync(file);
  }
}
