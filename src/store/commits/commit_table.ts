import type { DatabaseSync, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { StoreError } from "../../core/ports/journal_store.ts";
import type { WrittenCommit } from "./commit_file.ts";

/** What is read of one commit. */
interface CommitRow {
  readonly number: number;
  readonly changes: Uint8Array;
  readonly sum: number;
}

/** Commits in a table of the database: a backup has them there, since it is one file, and stores up to format 2 have. */
export class CommitTable {
  readonly #insert: StatementSync;
  readonly #read: StatementSync;
  readonly #delete: StatementSync;
  #last: number;

  /** Throws the system's error. */
  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO log VALUES (?, ?, ?)");
    this.#read = database.prepare(
      "SELECT number, changes, sum FROM log WHERE number <= ? ORDER BY number DESC LIMIT 1",
    );
    this.#delete = database.prepare("DELETE FROM log");
    const { last } = database.prepare("SELECT max(number) AS last FROM log").get() as {
      last: number | null;
    };
    this.#last = last ?? 0;
  }

  /** Number of the last commit; 0 where there is none. */
  get last(): number {
    return this.#last;
  }

  /** Adds a commit. Throws the system's error. */
  add({ number, changes }: WrittenCommit): void {
    this.#insert.run(number, changes, crc32(changes));
    this.#last = number;
  }

  /** Yields the commits, the last one first. Throws StoreError where one is damaged. */
  *backwards(): Generator<WrittenCommit> {
    if (this.#last === 0) return;
    for (let row = this.#rowUpTo(this.#last); row; row = this.#rowUpTo(row.number - 1)) {
      if (row.sum !== crc32(row.changes))
        throw new StoreError("damaged", `store.db is damaged: commit ${row.number} is not what was written`);
      yield row;
    }
  }

  /** Deletes all, in the transaction in which their changes are made. Throws the system's error. */
  delete(): void {
    if (this.#last > 0) this.#delete.run();
  }

  /** Notes that they are deleted. */
  deleted(): void {
    this.#last = 0;
  }

  #rowUpTo(number: number): CommitRow | undefined {
    return this.#read.get(number) as CommitRow | undefined;
  }
}
