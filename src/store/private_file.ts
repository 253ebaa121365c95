import { closeSync, openSync } from "node:fs";

/** Rights of a file of a data folder: its owner reads and writes it. SQLite gives those of a database to the files beside it. */
export const PRIVATE_FILE = 0o600;

/** Makes an empty file that only its owner reads, where there is none of that name. Throws the system's error. */
export function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", PRIVATE_FILE));
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") throw error;
  }
}
