import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CommitFile } from "./commit_file.ts";
import { isInRows } from "./commit_in_rows.ts";
import type { StoreError } from "../../core/ports/journal_store.ts";
import { endLife, KeptNumbers } from "../life/kept_numbers.ts";
import { COMMIT_FILES } from "../life/set_aside.ts";
import { CommitTable } from "./commit_table.ts";

/** How often files are read that change meanwhile, as where a writer goes on with the other one. */
const MOST_READS = 10;

/**
 * Adds to a copy of a folder's database the commits that are not in its rows: then the copy is all that there is. Call it while somebody reads the
 * database as it was before it was copied. Throws StoreError where a commit is damaged, or of another database, and the system's error; and where some are in the rows in part and
 * not there, unless `onIncomplete` hears of it.
 */
export function addCommits(copy: string, folder: string, onIncomplete?: (error: StoreError) => void): void {
  const database = new DatabaseSync(copy);
  let files: readonly CommitFile[] = [];
  try {
    // It stays one file.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN");
    const table = new CommitTable(database);
    const numbers = new KeptNumbers(database);
    files = readFiles(folder, numbers.life);
    let last = Math.max(numbers.commit, table.last);
    for (const file of files)
      for (const commit of file.forwards(last)) {
        // What is behind a gap is of no use: the end of what was before is lost.
        if (commit.number !== last + 1) break;
        // Somebody has changed the rows since they were copied, and what is behind that builds on it.
        if (isInRows(commit.changes)) break;
        table.add(commit);
        last++;
      }
    try {
      numbers.check(last);
    } catch (error) {
      if (!onIncomplete) throw error;
      onIncomplete(error as StoreError);
      numbers.begun = last;
    }
    endLife(database);
    database.exec("COMMIT");
  } finally {
    database.close();
    for (const file of files) file.close();
  }
}

/** Reads the files of commits of a folder's life, the one with the first commits first. Throws StoreError where one is of another. */
function readFiles(folder: string, life: number | undefined): CommitFile[] {
  const paths = COMMIT_FILES.map((name) => join(folder, name)).filter((path) => existsSync(path));
  for (let read = 1; ; read++) {
    const sizes = paths.map((path) => statSync(path).size);
    const files = paths.map((path) => new CommitFile(path, true, life));
    const isWhole = files.every(({ bytes }, index) => bytes >= (sizes[index] ?? 0));
    const inOrder = files.toSorted((one, other) => one.first - other.first);
    // One that was written to while the other one was read, and is not any more.
    inOrder[0]?.readOn();
    if (isWhole || read === MOST_READS) return inOrder;
    for (const file of files) file.close();
  }
}
