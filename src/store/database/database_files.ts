import { closeSync, openSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../core/ports/journal_store.ts";
import { LogStamps } from "../life/log_stamps.ts";
import { sizeOf } from "../life/set_aside.ts";

/** What makes the bytes of an open file outlive a power cut; replaced in tests. */
export type Sync = (file: number) => void;

/** Bytes of the write-ahead log from which on it is carried over into the database, and begun anew. */
const MOST_LOG_BYTES = 32 * 1024 * 1024;
/** Bytes that it may have while it is being carried over: then commits wait for that. */
const LONGEST_LOG_BYTES = 2 * MOST_LOG_BYTES;
/**
 * Bytes by which the write-ahead log grows until it is looked whether the database has outgrown its file, and if so is carried over:
 * so a log that fills the disk can be given back without any space.
 */
const LOOK_BYTES = 4 * 1024 * 1024;

/** The files of an open database: its own, its write-ahead log, and those of its commits. */
export class DatabaseFiles {
  readonly #stamps: LogStamps;
  readonly #paths: readonly string[];
  /** Which files those are, by their inodes: others may be put in their places, or none. */
  readonly #inodes: readonly (number | undefined)[];
  /** Bytes of the write-ahead log at which it is looked again whether the database has outgrown its file. */
  #nextLook = LOOK_BYTES;
  /** Bytes of it at which it is due again after somebody who reads was in the way: each try makes it longer, by its stamps. */
  #nextTry = 0;
  /** Whether somebody is to carry the log over, and it has a stamp for that. */
  #isDue = false;

  /** `path` is that of the database, `commits` are those of its commits. Throws the system's error. */
  constructor(
    private readonly database: DatabaseSync,
    readonly path: string,
    commits: readonly string[],
  ) {
    this.#stamps = new LogStamps(database);
    this.#paths = [path, this.log, ...commits];
    this.#inodes = this.#found();
  }

  /** Path of the write-ahead log. */
  get log(): string {
    return `${this.path}-wal`;
  }

  /** Bytes of the write-ahead log, and of the database without that, as they were measured last: to ask for them takes longer than to write a commit. */
  logBytes = 0;
  bytes = 0;

  /** Whether the write-ahead log must not become longer. */
  get isLogFull(): boolean {
    return this.logBytes >= LONGEST_LOG_BYTES;
  }

  /** Measures them, as where the rows have changed. */
  measure(): void {
    this.logBytes = sizeOf(this.log);
    this.bytes = sizeOf(this.path);
  }

  /** Call it in each transaction. Throws the system's error. */
  begin(): void {
    this.#stamps.begin();
  }

  /** Call it when a transaction is made. */
  begun(): void {
    this.#stamps.begun();
  }

  /** Returns true if the write-ahead log is to be carried over. */
  isLogDue(): boolean {
    if (this.logBytes < this.#nextTry) return false;
    if (this.logBytes >= MOST_LOG_BYTES) return true;
    if (this.logBytes < this.#nextLook) return false;
    if (this.#isOutgrown()) return true;
    this.#nextLook = this.logBytes + LOOK_BYTES;
    return false;
  }

  /** Call it before somebody begins to carry the write-ahead log over. Throws the system's error. */
  stampLog(): void {
    if (!this.#isDue) this.#stamps.change();
    this.#isDue = true;
  }

  /** Carries the write-ahead log over, which syncs it and then the file; returns true if all of it was. Throws the system's error. */
  carryOverLog(): boolean {
    this.#nextLook = LOOK_BYTES;
    this.measure();
    if (this.logBytes > 0) this.#stamps.change();
    this.#isDue = false;
    const { busy } = this.database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get() as { busy: number };
    this.measure();
    this.#nextTry = busy === 0 ? 0 : this.logBytes + LOOK_BYTES;
    if (busy !== 0) return false;
    this.#stamps.ended();
    return true;
  }

  /** Whether the database has more pages than its file has place for. */
  #isOutgrown(): boolean {
    const { page_count: pages } = this.database.prepare("PRAGMA page_count").get() as { page_count: number };
    const { page_size: bytes } = this.database.prepare("PRAGMA page_size").get() as { page_size: number };
    this.measure();
    return pages * bytes > this.bytes;
  }

  /** Has the write-ahead log outlive a power cut, by `sync`. Throws what that throws, and the system's error. */
  syncLog(sync: Sync): void {
    if (sizeOf(this.log) === 0) return;
    const log = openSync(this.log, "r+");
    try {
      sync(log);
    } finally {
      closeSync(log);
    }
  }

  /** Throws StoreError where the files are not in the folder any more. */
  check(): void {
    const found = this.#found();
    if (this.#inodes.every((inode, at) => inode === found[at])) return;
    // What is written to files without a name is gone with this process.
    const what = "store.db was removed or replaced while the server had it open";
    throw new StoreError("io_failed", what, true);
  }

  #found(): (number | undefined)[] {
    return this.#paths.map((path) => statSync(path, { throwIfNoEntry: false })?.ino);
  }
}
