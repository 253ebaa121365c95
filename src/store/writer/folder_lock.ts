import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../core/ports/journal_store.ts";
import { makePrivateFile } from "../private_file.ts";
import { ownerOf, tellOwner } from "../folder_owner.ts";

/** How long a writer may take that is about to end, because its server has gone, ms. */
const WAIT_MS = 1000;

/**
 * That a data folder belongs to one server. It is a lock of the system's on a file, taken by SQLite since a runtime has no other
 * way to it: it ends with the process, however that ends. Who has it stands beside it, to be told.
 */
export class FolderLock {
  readonly #lock: DatabaseSync;

  /** Takes the lock for a server. Throws StoreError where another one has it. */
  constructor(folder: string, pid: number) {
    const file = join(folder, "lock");
    makePrivateFile(file);
    this.#lock = new DatabaseSync(file, { timeout: WAIT_MS });
    try {
      // Nothing is ever written to it, so that a full disk locks nobody out.
      this.#lock.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE");
      this.#lock.exec("BEGIN EXCLUSIVE");
    } catch (error) {
      this.#lock.close();
      if (!/locked/.test(String(error))) throw error;
      const owner = ownerOf(folder);
      const who = owner
        ? `the server with process id ${owner.pid} has it since ${owner.since}`
        : "another server has it";
      throw new StoreError("folder_taken", who);
    }
    tellOwner(folder, { pid, since: new Date().toISOString() });
  }

  /** Gives the folder back. */
  release(): void {
    this.#lock.close();
  }
}
