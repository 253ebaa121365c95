import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PRIVATE_FILE } from "./private_file.ts";

/** Who has a data folder. */
export interface FolderOwner {
  /** Process id of the server. */
  readonly pid: number;
  /** When it took the folder, as ISO 8601. */
  readonly since: string;
}

/** Notes who has a data folder, where there is space for it. */
export function tellOwner(folder: string, owner: FolderOwner): void {
  try {
    writeFileSync(join(folder, "owner"), `${JSON.stringify(owner)}\n`, { mode: PRIVATE_FILE });
  } catch {
    // On a full disk nobody is told.
  }
}

/** Returns who has, or had, a data folder; undefined where nobody says. */
export function ownerOf(folder: string): FolderOwner | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "owner"), "utf8")) as FolderOwner;
  } catch {
    return undefined; // Nobody ever had it, or it is being written.
  }
}
