import { DiskThread } from "./disk_thread.ts";

const task = `
const { openSync, fsyncSync } = require("node:fs");
const files = paths.map((path) => openSync(path, "r+"));
return () => files.forEach((file) => fsyncSync(file));
`;

/** Syncs files while their writer goes on, so that a commit that need not be synced before it is answered does not wait for the disk. */
export class SyncThread {
  readonly #thread: DiskThread;
  /** Number of the last commit that it was asked for, and of the last one that is known to be synced. */
  #commit = 0;
  #synced = 0;

  /** Starts the thread for files of these paths. */
  constructor(paths: readonly string[]) {
    this.#thread = new DiskThread(paths, task);
  }

  /** Number of the last commit that it has synced; 0 where there is none. Throws where a sync has failed. */
  get synced(): number {
    if (this.#thread.isFailed) throw new Error("fsync has failed");
    if (!this.#thread.isBusy) this.#synced = this.#commit;
    return this.#synced;
  }

  /** Begins to sync what is committed up to `commit`, unless it is at one; returns false where the thread is not up. */
  begin(commit: number): boolean {
    if (this.#thread.isFailed) return false;
    if (this.#thread.isBusy) return true;
    if (!this.#thread.begin()) return false;
    this.#commit = commit;
    return true;
  }

  /** Ends the thread, once it is through with what it is at. */
  end(): void {
    this.#thread.end();
  }
}
