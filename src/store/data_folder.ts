import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type LogKind, type Place, StoreError, type Write } from "../core/ports/journal_store.ts";
import { megabytes } from "../core/text/megabytes.ts";
import { addCommits } from "./commits/copied_commits.ts";
import { CopyWatch } from "./commits/copy_watch.ts";
import { Database } from "./database/database.ts";
import { FOLDER_MODE } from "./folder_mode.ts";
import { refuseStrangers, syncNames } from "./life/set_aside.ts";
import { PRIVATE_FILE } from "./private_file.ts";
import { FolderLock } from "./writer/folder_lock.ts";
import { Marks } from "./writer/marks.ts";
import type { Rows, RowsSize } from "./database/rows.ts";
import { NO_FOREIGN_CODE, refuseNewer } from "./database/schema.ts";
import { storeErrorOf } from "./writer/store_error_of.ts";

/** How often a copy is tried that finds files of several times, and after how long again, ms. */
const MOST_TRIES = 4;
const TRY_AGAIN_MS = 100;

/** How long a server may have the database for itself, as while it starts, ms. */
const WAIT_MS = 1000;

const logs: readonly LogKind[] = ["events", "frames"];

/** How much is kept of an application, or of one of its rooms. */
export interface KeptPlace extends RowsSize {
  readonly at: Place;
}

/** A data folder as whoever runs the server looks at it, whether that runs or not, and changes it while it does not. */
export class DataFolder {
  readonly #folder: string;
  readonly #file: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, "store.db");
  }

  /** Returns what is kept. Throws StoreError. */
  list(): KeptPlace[] {
    return this.#read((rows) => rows.places().map(([id, at]) => ({ at, ...rows.sizeOf(id) })));
  }

  /**
   * Gives what is kept of an application, of one of its rooms, or of all, as changes that would make it: all of one moment. What is
   * damaged is told and left out. Throws StoreError.
   */
  each(
    { application, room }: Partial<Place>,
    take: (write: Write) => void,
    onDamaged: (error: StoreError) => void,
  ): void {
    this.#read((rows) => {
      for (const [, at] of rows.places()) {
        if (application !== undefined && at.application !== application) continue;
        if (room !== undefined && at.room !== room) continue;
        for (const write of rows.itemsOf(at, onDamaged)) take(write);
        for (const log of logs) for (const write of rows.records(at, log, onDamaged)) take(write);
      }
    }, onDamaged);
  }

  /**
   * Copies what is kept into a new file, as it is at one moment, while a server may write. Throws StoreError, and unless `onIncomplete` hears of it also
   * where commits are missing of which a part is there.
   */
  backup(file: string, onIncomplete?: (error: StoreError) => void): void {
    if (isThere(file))
      throw new StoreError(
        "io_failed",
        `Cannot copy the data folder ${this.#folder} to ${file}: that is there already.`,
      );
    if (isThere(partOf(file)))
      throw this.#cannot(
        "copy the data folder",
        `${partOf(file)} is there, of a backup that is being made or was given up: it can be deleted if none is`,
      );
    if (!existsSync(dirname(file)))
      throw this.#cannot("copy the data folder", `there is no folder ${dirname(file)} for ${file}`);
    for (let tries = 1; ; tries++)
      try {
        return this.#open((database) => this.#copy(database, file, onIncomplete));
      } catch (error) {
        // A server that has started meanwhile may have begun another life.
        if ((error as StoreError).code !== "mixed" || tries === MOST_TRIES) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TRY_AGAIN_MS);
      }
  }

  /** Makes changes, all or none. Throws StoreError, and whatever the changes throw; a server that runs has the folder. */
  change(writes: Iterable<Write>): void {
    let begun: Iterable<Write>;
    try {
      // A file that is not there, or no export, makes no folder.
      begun = begin(writes);
    } catch (error) {
      throw this.#cannot("change the data folder", error);
    }
    mkdirSync(this.#folder, { recursive: true, mode: FOLDER_MODE });
    this.#own((database) => database.change(begun));
  }

  /** Makes the changes that come of what is kept, all or none, on a full disk too. Returns false if none do. Throws StoreError; a server that runs has the folder. */
  edit(make: (rows: Rows) => readonly Write[]): boolean {
    if (!existsSync(this.#file)) throw this.#cannot("change the data folder", "nothing is kept there");
    let count = 0;
    this.#own((database) => {
      const writes = database.read(make);
      count = writes.length;
      if (count === 0) return;
      try {
        database.change(writes);
      } catch (error) {
        if (storeErrorOf(error).code !== "no_space") throw error;
        database.changeOnFullDisk(writes);
      }
    });
    return count > 0;
  }

  /** Makes the file as small as it can be; returns its bytes before and after. Throws StoreError; a server that runs has the folder. */
  compact(): { before: number; after: number } {
    if (!existsSync(this.#file)) throw this.#cannot("compact the data folder", "nothing is kept there");
    let [before, after] = [0, 0];
    this.#own((database) => {
      before = database.bytes;
      try {
        database.compact();
      } catch (error) {
        if (storeErrorOf(error).code !== "no_space") throw error;
        const why = `the disk is full, and that takes up to ${megabytes(before)} for a while`;
        throw new StoreError("no_space", why);
      }
      after = database.bytes;
    });
    return { before, after };
  }

  /** Returns what a task returns that no server may see half done. */
  #own<T>(task: (database: Database) => T): T {
    try {
      const lock = new FolderLock(this.#folder, process.pid);
      try {
        const database = new Database(this.#folder);
        const marks = new Marks(this.#folder);
        const result = task(database);
        database.close();
        marks.begin(database.commit, database.life);
        marks.close();
        return result;
      } finally {
        lock.release();
      }
    } catch (error) {
      throw this.#cannot("change the data folder", error);
    }
  }

  /** Reads a copy of the folder: a server that runs has commits that are in no rows yet. Without space for one it must not run. */
  #read<T>(task: (rows: Rows) => T, onIncomplete?: (error: StoreError) => void): T {
    try {
      return this.#readCopy(task, onIncomplete);
    } catch (error) {
      // Without space for the file by which processes share a log SQLite says this or that.
      const { code } = error as { code?: string };
      if (isOfFolder(code) || !existsSync(this.#file)) throw error;
      return this.#readItself(task, error);
    }
  }

  #readCopy<T>(task: (rows: Rows) => T, onIncomplete?: (error: StoreError) => void): T {
    let copy: string | undefined;
    try {
      copy = mkdtempSync(join(tmpdir(), "hotroom-data-"));
      this.backup(join(copy, "store.db"), onIncomplete);
      const database = new Database(copy);
      try {
        return database.read(task);
      } finally {
        database.close();
      }
    } catch (error) {
      throw this.#cannot("read the data folder", error);
    } finally {
      if (copy !== undefined) rmSync(copy, { recursive: true, force: true });
    }
  }

  /** `failed` is why it could not be copied. */
  #readItself<T>(task: (rows: Rows) => T, failed: unknown): T {
    try {
      return this.#own((database) => database.read(task));
    } catch (error) {
      const { code } = error as { code?: string };
      if (isOfFolder(code)) throw error;
      if (code !== "folder_taken" || (failed as { code?: string }).code !== "no_space") throw failed;
      const why = `there is no space for a copy of it in ${tmpdir()}, and its server runs; TMPDIR names another place`;
      throw new StoreError("no_space", `Cannot read the data folder ${this.#folder}: ${why}.`);
    }
  }

  /** While `database` reads, no commit goes that the rows have not in what it sees. */
  #copy(database: DatabaseSync, file: string, onIncomplete?: (error: StoreError) => void): void {
    const what = `Cannot copy the data folder ${this.#folder} to ${file}`;
    // It has no name of a backup before it is one.
    const part = partOf(file);
    let copy: number | undefined;
    let watch: CopyWatch | undefined;
    try {
      // Neither what somebody else has put there since, nor where a link leads to.
      copy = openSync(part, "wx", PRIVATE_FILE);
      watch = new CopyWatch(this.#folder, part, what);
      database.exec("BEGIN");
      database.prepare("SELECT value FROM meta").get();
      this.#reading((rows) => rows.exec(`VACUUM INTO '${part.replaceAll("'", "''")}'`));
      addCommits(part, this.#folder, onIncomplete);
      database.exec("COMMIT");
      watch.end();
      fsyncSync(copy);
      nameCopy(part, file);
      closeSync(copy);
    } catch (error) {
      watch?.end();
      if (copy !== undefined) {
        closeSync(copy);
        rmSync(part, { force: true });
      }
      const { code, message } = storeErrorOf(error);
      // All else is a matter of where the copy goes to.
      if (isOfFolder(code)) throw error;
      throw new StoreError(code, `${what}: ${message}.`);
    }
  }

  #open<T>(task: (database: DatabaseSync) => T): T {
    if (!existsSync(this.#file)) throw this.#cannot("read the data folder", "nothing is kept there");
    try {
      // Before SQLite opens it: a process that closes a file has no lock on it any more, and SQLite would not know that.
      refuseStrangers(this.#folder);
    } catch (error) {
      throw this.#cannot("read the data folder", error);
    }
    return this.#reading(task);
  }

  #reading<T>(task: (database: DatabaseSync) => T): T {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(this.#file, { readOnly: true, timeout: WAIT_MS });
      database.exec(NO_FOREIGN_CODE);
      refuseNewer(database);
      return task(database);
    } catch (error) {
      throw this.#cannot("read the data folder", error);
    } finally {
      database?.close();
    }
  }

  #cannot(what: string, why: unknown): StoreError {
    if (why instanceof StoreError && why.message.startsWith("Cannot ")) return why;
    const { code, message } =
      typeof why === "string" ? { code: "io_failed" as const, message: why } : storeErrorOf(why);
    return new StoreError(code, `Cannot ${what} ${this.#folder}: ${message}.`);
  }
}

/** Returns true if that is a matter of what is in the folder, whatever is done with it. */
function isOfFolder(code: string | undefined): boolean {
  return code === "damaged" || code === "mixed" || code === "newer_format";
}

/** Returns the name of a copy before it is whole. */
function partOf(file: string): string {
  return `${file}.part`;
}

/** Returns true if something has that name, a link too that leads nowhere. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Gives a copy its name, which nothing may have by now. Throws the system's error. */
function nameCopy(part: string, file: string): void {
  try {
    linkSync(part, file);
    rmSync(part);
  } catch (error) {
    // There are file systems without links.
    if (isThere(file)) throw error;
    renameSync(part, file);
  }
  syncNames(dirname(file));
}

/** Returns the same changes, of which the first is made already. Throws what that throws. */
function begin(writes: Iterable<Write>): Iterable<Write> {
  const all = writes[Symbol.iterator]();
  const first = all.next();
  return (function* () {
    for (let next = first; !next.done; next = all.next()) yield next.value;
  })();
}
