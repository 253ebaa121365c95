import type { DatabaseSync, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { Buffer } from "node:buffer";
import { LaterWrites } from "../../core/durable/commit/later_writes.ts";
import { StoreError, type Write } from "../../core/ports/journal_store.ts";
import { parseWrites } from "../wire/writes_text.ts";

/** What is read of one commit. */
interface CommitRow {
  readonly number: number;
  readonly changes: Uint8Array;
  readonly sum: number;
}

/**
 * Commits that are not in the rows yet, each as it came, in one row: one page or two are written for it, and not one for each room
 * in it. Most of what they change is changed again, or trimmed, before it gets to the rows (docs/decisions/0016-durable-rooms.md).
 */
export class CommitLog {
  readonly #insert: StatementSync;
  readonly #read: StatementSync;
  readonly #delete: StatementSync;
  #bytes: number;
  #last: number | undefined;

  /** Throws the system's error. */
  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO log VALUES (?, ?, ?)");
    this.#read = database.prepare("SELECT number, changes, sum FROM log ORDER BY number");
    this.#delete = database.prepare("DELETE FROM log");
    const known = database
      .prepare("SELECT max(number) AS last, total(length(changes)) AS bytes FROM log")
      .get();
    const { last, bytes } = known as { last: number | null; bytes: number };
    this.#last = last ?? undefined;
    this.#bytes = bytes;
  }

  /** Bytes of the commits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of the last commit; undefined where there is none. */
  get last(): number | undefined {
    return this.#last;
  }

  /** Adds a commit; `changes` are the bytes of what `writesText` made. Throws the system's error. */
  add(number: number, changes: Uint8Array): void {
    this.#insert.run(number, changes, crc32(changes));
    this.#last = number;
    this.#bytes += changes.length;
  }

  /** Returns the changes that still make a difference, in their order. Throws StoreError where a commit is damaged. */
  changes(): Write[] {
    const writes = this.#read.all().flatMap((row) => {
      const { number, changes, sum } = row as unknown as CommitRow;
      if (sum !== crc32(changes))
        throw new StoreError("damaged", `store.db is damaged: commit ${number} is not what was written`);
      const { buffer, byteOffset, byteLength } = changes;
      return parseWrites(Buffer.from(buffer, byteOffset, byteLength).toString("utf8"));
    });
    const later = new LaterWrites();
    return writes
      .reverse()
      .filter((write) => later.add(write))
      .reverse();
  }

  /** Deletes the commits, in the transaction in which their changes are made. Throws the system's error. */
  clear(): void {
    this.#delete.run();
  }

  /** Notes that they are deleted. */
  cleared(): void {
    this.#last = undefined;
    this.#bytes = 0;
  }
}
