import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { StoreError } from "../../core/ports/journal_store.ts";
import { FOLDER_MODE } from "../folder_mode.ts";
import { isOwnLog, isUnopened } from "./log_stamps.ts";

/** Where files go that do not belong to the database of their folder. */
const ASIDE = "set-aside";
/** How often files are looked at that a server may be writing. */
const MOST_LOOKS = 20;
/** Files of commits, by their names. */
export const COMMIT_FILES = ["commits-1", "commits-2"] as const;

/** Says to whoever runs the server what was found. */
export type Tell = (notice: string) => void;

/** Says it on standard error, which of the writer gets into the server's log. */
export const tellOperator: Tell = (notice) => console.error(notice);

/** What can be done about files that do not belong together. */
const WHAT_TO_DO =
  "Restore a backup into an empty folder; or, if store.db is a copy that was made while no server ran, move commits-1, commits-2, store.db-wal and store.db-shm out of the folder";

/**
 * Looks at the files of a folder before SQLite does. To a database that no server has opened yet, such as a backup that was restored, no other file
 * belongs: they are set aside, which is told. Throws StoreError where a log is not that of the database, and the system's error.
 */
export function settleStrangers(folder: string, tell: Tell): void {
  const path = join(folder, "store.db");
  if (isUnopened(path)) {
    const names = strangersOf(folder);
    if (names.length > 0) {
      const place = setAside(folder, names);
      tell(
        `${folder}/store.db was restored or is new: ${names.join(", ")} beside it came from another one, and nothing of that is taken over. It is in ${place}.`,
      );
    }
    // It says where in a log what is, and so nothing.
    rmSync(`${path}-shm`, { force: true });
    return;
  }
  if (!isOwnLog(path)) throw strange("store.db-wal");
}

/** Throws StoreError where files lie beside a database that a start would set aside or refuse; a server may write them. */
export function refuseStrangers(folder: string): void {
  const path = join(folder, "store.db");
  if (isUnopened(path)) {
    const names = strangersOf(folder);
    if (names.length === 0) return;
    const why = `store.db was restored or is new, and ${names.join(", ")} beside it came from another one: start a server there, which sets that aside`;
    throw new StoreError("mixed", why);
  }
  // Log and database are read one after the other, while the log may be carried over.
  for (let look = 1; !isOwnLog(path); look++) if (look === MOST_LOOKS) throw strange("store.db-wal");
}

/** Returns the names of the files beside a database that no server has opened yet. */
function strangersOf(folder: string): string[] {
  return ["store.db-wal", ...COMMIT_FILES].filter((name) => sizeOf(join(folder, name)) > 0);
}

/** Returns the error of a file that is not of the database beside it. */
export function strange(name: string): StoreError {
  return new StoreError(
    "mixed",
    `${name} is not of this store.db, or of another time of it: the folder was copied while a server wrote, or store.db alone was replaced. ${WHAT_TO_DO}`,
  );
}

/** Moves files out of the way, within their folder, and has that outlive a loss of power; returns where they are. Throws the system's error. */
export function setAside(folder: string, names: readonly string[]): string {
  const all = join(folder, ASIDE);
  mkdirSync(all, { recursive: true, mode: FOLDER_MODE });
  const place = mkdtempSync(join(all, `${new Date().toISOString().replaceAll(":", "-")}-`));
  for (const name of names) renameSync(join(folder, name), join(place, name));
  for (const each of [place, all, folder]) syncNames(each);
  return place;
}

/** Syncs the names in a folder, where that can be. */
export function syncNames(path: string): void {
  let folder: number | undefined;
  try {
    folder = openSync(path, "r");
    fsyncSync(folder);
  } catch {
    // There are systems that open or sync no folders, and need not; and folders that may be written to, and not read.
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}

/** Returns the bytes of a file; 0 where there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
