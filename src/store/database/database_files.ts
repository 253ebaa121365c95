import { closeSync, fsyncSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../core/ports/journal_store.ts";

/** What makes the bytes of an open file outlive a power cut; replaced in tests. */
export type Sync = (file: number) => void;

/** The files of an open database: its own, its write-ahead log, and those of its commits. */
export class DatabaseFiles {
  readonly #paths: readonly string[];
  /** Which files those are, by their inodes: others may be put in their places, or none. */
  readonly #inodes: readonly (number | undefined)[];

  /** `path` is that of the database, `commits` are those of its commits. */
  constructor(
    readonly path: string,
    commits: readonly string[],
  ) {
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

  /** Measures them, as where the rows have changed. */
  measure(): void {
    this.logBytes = sizeOf(this.log);
    this.bytes = sizeOf(this.path);
  }

  /** Syncs the names in the folder: the files may just have been made. Throws the system's error. */
  syncNames(): void {
    const folder = openSync(dirname(this.path), "r");
    try {
      fsyncSync(folder);
    } catch {
      // There are systems that sync no folders, and need not.
    } finally {
      closeSync(folder);
    }
  }

  /** Whether the database has more pages than its file has place for. */
  isOutgrownBy(database: DatabaseSync): boolean {
    const { page_count: pages } = database.prepare("PRAGMA page_count").get() as { page_count: number };
    const { page_size: bytes } = database.prepare("PRAGMA page_size").get() as { page_size: number };
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

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
