import { randomBytes } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { StoreError } from "../../core/ports/journal_store.ts";

/** Bytes of the number of a life: SQLite gives no integers that a double can't hold. */
const LIFE_BYTES = 6;

/** What a database knows of itself. An executable from before the last two leaves them as they are. */
export class KeptNumbers {
  readonly #read: StatementSync;
  readonly #set: StatementSync;

  /** Throws the system's error. */
  constructor(database: DatabaseSync) {
    this.#read = database.prepare("SELECT value FROM meta WHERE name = ?");
    this.#set = database.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)");
  }

  /** Number of the last commit that the rows have all of. */
  get commit(): number {
    return this.#valueOf("commit") ?? 0;
  }

  set commit(number: number) {
    this.#set.run("commit", number);
  }

  /** Number of the last commit that the rows may have a part of. */
  get begun(): number {
    return Math.max(this.commit, this.#valueOf("begun") ?? 0);
  }

  set begun(number: number) {
    this.#set.run("begun", number);
  }

  /** The life of the folder, which files of commits have as well; undefined in a backup, and where there were none yet. */
  get life(): number | undefined {
    return this.#valueOf("life");
  }

  /** Begins another life, which is in the database with the transaction that is open; returns it. */
  drawLife(): number {
    const life = randomBytes(LIFE_BYTES).readUIntBE(0, LIFE_BYTES);
    this.#set.run("life", life);
    return life;
  }

  /** Throws StoreError where commits that the rows have a part of are not there: `last` is the number of the last one that is. */
  check(last: number): void {
    const { begun } = this;
    if (begun <= last) return;
    throw new StoreError(
      "mixed",
      `store.db has parts of commits up to ${begun}, and those behind ${last} are not there: the folder was copied while a server wrote, or its files of commits are damaged. Restore a backup into an empty folder; "hotroom data export" gives what can be read`,
    );
  }

  #valueOf(name: string): number | undefined {
    const row = this.#read.get(name) as { value: number } | undefined;
    return row?.value;
  }
}

/** Has a copy of a database be of no life: where it is put begins another one. Throws the system's error. */
export function endLife(copy: DatabaseSync): void {
  copy.exec("DELETE FROM meta WHERE name = 'life'");
}
