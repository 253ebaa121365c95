import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../core/ports/journal_store.ts";

/** How long a writer may take that is about to end, because its server has gone, ms. */
const WAIT_MS = 2000;

/** Who has a data folder. */
export interface FolderOwner {
  /** Process id of the server. */
  readonly pid: number;
  /** When it took the folder, as ISO 8601. */
  readonly since: string;
}

/**
 * That a data folder belongs to one server. It is a lock of the system's on a file, taken by SQLite since a runtime has no other
 * way to it: it ends with the process, however that ends. Who has it stands beside it, to be told.
 */
export class FolderLock {
  readonly #lock: DatabaseSync;

  /** Takes the lock for a server. Throws StoreError where another one has it. */
  constructor(folder: string, pid: number) {
    this.#lock = new DatabaseSync(join(folder, "lock"), { timeout: WAIT_MS });
    try {
      this.#lock.exec("PRAGMA locking_mode = EXCLUSIVE");
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
    const owner: FolderOwner = { pid, since: new Date().toISOString() };
    const file = openSync(join(folder, "owner.json"), "w");
    writeSync(file, `${JSON.stringify(owner)}\n`);
    closeSync(file);
  }

  /** Gives the folder back. */
  release(): void {
    this.#lock.close();
  }
}

/** Returns who has, or had, a data folder; undefined where nobody says. */
export function ownerOf(folder: string): FolderOwner | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "owner.json"), "utf8")) as FolderOwner;
  } catch {
    return undefined; // Nobody ever had it, or it is being written.
  }
}
