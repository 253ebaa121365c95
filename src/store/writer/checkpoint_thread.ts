import { DiskThread } from "./disk_thread.ts";

/** A full disk, and somebody who reads or does the same, are no failures: what is not carried over now is later. */
const task = `
const { DatabaseSync } = require("node:sqlite");
return () => {
  const database = new DatabaseSync(paths[0]);
  try {
    database.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0");
    database.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
  } catch (error) {
    if (!/disk is full|locked/.test(String(error))) throw error;
  } finally {
    database.close();
  }
};
`;

/**
 * Carries most of a database's write-ahead log over into its file, and syncs both, while commits are added to the log: so the next commit
 * waits only until what was added meanwhile is carried over.
 */
export class CheckpointThread {
  readonly #thread: DiskThread;
  #isBegun = false;

  /** Starts the thread for the database of that path. */
  constructor(path: string) {
    this.#thread = new DiskThread([path], task);
  }

  /** Returns true while it is at most of the log, which it begins with; false when only the rest is left, or the thread is not up. Throws where it has failed. */
  isAtIt(): boolean {
    if (this.#thread.isFailed) throw new Error("the write-ahead log could not be carried over");
    if (this.#isBegun) return this.#thread.isBusy;
    this.#isBegun = this.#thread.begin();
    return this.#isBegun;
  }

  /** Blocks until it is not at it any more. */
  wait(): void {
    this.#thread.wait();
  }

  /** Notes that the rest is carried over, too. */
  done(): void {
    this.#isBegun = false;
  }

  /** Ends the thread, once it is through with what it is at. */
  end(): void {
    this.#thread.end();
  }
}
