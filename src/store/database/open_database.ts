import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../core/ports/journal_store.ts";
import { makePrivateFile } from "../private_file.ts";
import type { Reserve } from "../reserve.ts";
import { NO_FOREIGN_CODE, upgrade } from "./schema.ts";

/**
 * Kilobytes of pages that SQLite may keep in memory: those of many rooms are read and written each time that commits are carried over,
 * and come from the system anew where they are not kept.
 */
const CACHE_KB = 32 * 1024;

/**
 * Opens a database, makes it where there is none, and brings it to this program's format; on a full disk the reserve may be given back for that. Throws
 * StoreError where it is damaged or of a newer format, or the system's error.
 */
export function openDatabase(path: string, reserve: Reserve): DatabaseSync {
  makePrivateFile(path);
  const database = new DatabaseSync(path);
  database.exec(NO_FOREIGN_CODE);
  const pragma = (text: string) => database.prepare(`PRAGMA ${text}`).get() as Record<string, unknown>;
  const inWal = () => pragma("journal_mode = WAL");
  try {
    inWal();
  } catch (error) {
    // On a full disk it has no space for the file by which processes share the log.
    if (!reserve.giveBack()) throw error;
    inWal();
  }
  database.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0");
  // What is not committed stays in memory, so that it can be read where the disk is full.
  database.exec("PRAGMA cache_spill = OFF; PRAGMA temp_store = MEMORY");
  database.exec(`PRAGMA cache_size = -${CACHE_KB}`);
  const { quick_check: verdict } = pragma("quick_check(1)");
  if (verdict !== "ok") throw new StoreError("damaged", `store.db is damaged: ${verdict}`);
  upgrade(database);
  return database;
}
