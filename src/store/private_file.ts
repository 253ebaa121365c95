import { closeSync, openSync } from "node:fs";

/** Rights of a data folder that is made: what is kept holds what users have sent, passwords as well. */
export const PRIVATE_FOLDER = 0o700;
/** Rights of a file in it. SQLite gives those of a database to the files beside it. */
export const PRIVATE_FILE = 0o600;

/** Makes an empty file that only its owner reads, where there is none of that name. Throws the system's error. */
export function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", PRIVATE_FILE));
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") throw error;
  }
}
