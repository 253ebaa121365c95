import { closeSync, fsyncSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StoreError } from "../../core/ports/journal_store.ts";

/** What makes the bytes of an open file outlive a power cut; replaced in tests. */
export type Sync = (file: number) => void;

/** The files of an open database: its own, and its write-ahead log. */
export class DatabaseFiles {
  /** The write-ahead log, open in order to be synced: SQLite itself syncs it only before it carries it over. */
  readonly #log: number;
  /** Which files those are, by their inodes: others may be put in their places, or none. */
  readonly #inodes: readonly (number | undefined)[];

  /** `path` is that of the database. Throws the system's error. */
  constructor(
    readonly path: string,
    private readonly syncFile: Sync,
  ) {
    this.#log = openSync(this.log, "r+");
    this.#inodes = this.#found();
  }

  /** Path of the write-ahead log. */
  get log(): string {
    return `${this.path}-wal`;
  }

  /** Bytes of the write-ahead log. */
  get logBytes(): number {
    return sizeOf(this.log);
  }

  /** Bytes of the database without that. */
  get bytes(): number {
    return sizeOf(this.path);
  }

  /** Syncs the write-ahead log. Throws the system's error, and StoreError where the files are not in the folder any more. */
  sync(): void {
    this.check();
    this.syncFile(this.#log);
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

  /** Throws StoreError where the files are not in the folder any more. */
  check(): void {
    const found = this.#found();
    if (this.#inodes.every((inode, at) => inode === found[at])) return;
    // What is written to files without a name is gone with this process.
    const what = "store.db was removed or replaced while the server had it open";
    throw new StoreError("io_failed", what, true);
  }

  close(): void {
    closeSync(this.#log);
  }

  #found(): (number | undefined)[] {
    return [this.path, this.log].map((path) => statSync(path, { throwIfNoEntry: false })?.ino);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
