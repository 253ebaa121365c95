import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
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
    this.#read = database.prepare(
      "SELECT number, changes, sum FROM log WHERE number <= ? ORDER BY number DESC LIMIT 1",
    );
    this.#delete = database.prepare("DELETE FROM log WHERE number <= ?");
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

  /**
   * Reads the commits up to a number, the last one first, and yields the bytes of each; returns those of their changes that still make a
   * difference, in their order. Throws StoreError where a commit is damaged.
   */
  *changes(upTo: number): Generator<number, Write[]> {
    const later = new LaterWrites();
    const kept: Write[] = [];
    for (let row = this.#rowUpTo(upTo); row; row = this.#rowUpTo(row.number - 1)) {
      const { number, changes, sum } = row;
      if (sum !== crc32(changes))
        throw new StoreError("damaged", `store.db is damaged: commit ${number} is not what was written`);
      const { buffer, byteOffset, byteLength } = changes;
      const writes = parseWrites(Buffer.from(buffer, byteOffset, byteLength).toString("utf8"));
      for (const write of writes.reverse()) if (later.add(write)) kept.push(write);
      yield byteLength;
    }
    return kept.reverse();
  }

  /** Deletes the commits up to a number, in the transaction in which the last of their changes are made. Throws the system's error. */
  delete(upTo: number): void {
    this.#delete.run(upTo);
  }

  /** Notes that they are deleted, and how many bytes they had. */
  deleted(upTo: number, bytes: number): void {
    if (this.#last === upTo) this.#last = undefined;
    this.#bytes -= bytes;
  }

  #rowUpTo(number: number): CommitRow | undefined {
    return this.#read.get(number) as CommitRow | undefined;
  }
}
