import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type ItemKind,
  type LogKind,
  type Place,
  StoreError,
  type Write,
} from "../../core/ports/journal_store.ts";
import { Places } from "./places.ts";
import { storedText, sumOf, textOf } from "./stored_text.ts";

/** What is read of one item. */
interface ItemRow {
  readonly item: ItemKind;
  readonly key: string;
  readonly value: string;
  readonly sum: number;
}

/** What is read of one record. */
interface RecordRow {
  readonly number: number;
  readonly record: string;
  readonly sum: number;
}

/** How much is kept of a place. */
export interface RowsSize {
  readonly items: number;
  readonly records: number;
  /** Characters of their texts. */
  readonly characters: number;
}

/** What is kept, as rows of a database. */
export class Rows {
  readonly #places: Places;
  readonly #putItem: StatementSync;
  readonly #deleteItem: StatementSync;
  readonly #items: StatementSync;
  readonly #deleteItems: StatementSync;
  readonly #append: StatementSync;
  readonly #trim: StatementSync;
  readonly #cut: StatementSync;
  readonly #records: StatementSync;
  readonly #deleteRecords: StatementSync;
  readonly #some: StatementSync;
  readonly #size: StatementSync;

  /** Throws StoreError where what is kept is damaged, or the system's error. */
  constructor(database: DatabaseSync) {
    this.#places = new Places(database);
    this.#putItem = database.prepare("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?)");
    this.#deleteItem = database.prepare("DELETE FROM items WHERE place = ? AND item = ? AND key = ?");
    this.#items = database.prepare("SELECT item, key, value, sum FROM items WHERE place = ?");
    this.#deleteItems = database.prepare("DELETE FROM items WHERE place = ?");
    this.#append = database.prepare("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)");
    this.#trim = database.prepare("DELETE FROM records WHERE place = ? AND log = ? AND number <= ?");
    this.#cut = database.prepare("DELETE FROM records WHERE place = ? AND log = ? AND number >= ?");
    this.#records = database.prepare(
      "SELECT number, record, sum FROM records WHERE place = ? AND log = ? ORDER BY number",
    );
    this.#deleteRecords = database.prepare("DELETE FROM records WHERE place = ?");
    this.#some = database.prepare(
      "SELECT exists(SELECT 1 FROM items WHERE place = ?1) OR exists(SELECT 1 FROM records WHERE place = ?1) AS some",
    );
    this.#size = database.prepare(
      `SELECT (SELECT count(*) FROM items WHERE place = ?1) AS items,
         (SELECT count(*) FROM records WHERE place = ?1) AS records,
         (SELECT total(length(value)) FROM items WHERE place = ?1)
           + (SELECT total(length(record)) FROM records WHERE place = ?1) AS characters`,
    );
  }

  /** Returns how much is kept of a place. */
  sizeOf(place: number): RowsSize {
    return this.#size.get(place) as unknown as RowsSize;
  }

  /** Makes one change; to be called in a transaction. Throws the system's error. */
  apply(write: Write): void {
    if (write.kind === "put") return this.#put(write);
    if (write.kind === "append") {
      const { log, number, record } = write;
      const place = this.#places.take(write.at);
      this.#append.run(place, log, number, record, sumOf(place, log, String(number), record));
      return;
    }
    if (write.kind === "forget") return this.#forget(write.at);
    const place = this.#places.find(write.at);
    if (place === undefined) return;
    if (write.kind === "delete") this.#deleteItem.run(place, write.item, storedText(write.key));
    else if (write.kind === "trim") this.#trim.run(place, write.log, write.upTo);
    else this.#cut.run(place, write.log, write.from);
  }

  /** Forgets what a transaction has changed that was taken back. Throws the system's error. */
  takenBack(): void {
    this.#places.read();
  }

  /** Returns the names of the applications of which something is kept. */
  applications(): string[] {
    const isKept = (place: number) => (this.#some.get(place) as { some: number }).some === 1;
    return [
      ...new Set(
        this.#places.all().flatMap(([place, { application }]) => (isKept(place) ? [application] : [])),
      ),
    ];
  }

  /** Returns the applications and rooms of which something is kept, with their numbers. */
  places(): (readonly [id: number, at: Place])[] {
    return this.#places.all();
  }

  /** Returns the items of an application and its rooms, as changes that would make them, one after the other. Throws StoreError at a damaged one. */
  *items(application: string): Generator<Write & { kind: "put" }> {
    for (const [, at] of this.#places.all(application)) yield* this.itemsOf(at);
  }

  /** Returns the items of one place, as `items` does; of a damaged one `onDamaged` is told. */
  *itemsOf(at: Place, onDamaged = refuse): Generator<Write & { kind: "put" }> {
    const place = this.#places.find(at);
    if (place === undefined) return;
    for (const row of this.#items.all(place)) {
      const { item, key, value, sum } = row as unknown as ItemRow;
      if (sum !== sumOf(place, item, key, value)) onDamaged(damaged(at, item));
      else yield { kind: "put", at, item, key: textOf(key), value };
    }
  }

  /**
   * Returns the records of a log in their order, as changes that would make them. Throws StoreError at a damaged one, unless
   * `onDamaged` is to be told.
   */
  *records(at: Place, log: LogKind, onDamaged = refuse): Generator<Write & { kind: "append" }> {
    const place = this.#places.find(at);
    if (place === undefined) return;
    for (const row of this.#records.all(place, log)) {
      const { number, record, sum } = row as unknown as RecordRow;
      if (sum !== sumOf(place, log, String(number), record)) onDamaged(damaged(at, log));
      else yield { kind: "append", at, log, number, record };
    }
  }

  #put({ at, item, key, value }: Write & { kind: "put" }): void {
    const place = this.#places.take(at);
    const stored = storedText(key);
    this.#putItem.run(place, item, stored, value, sumOf(place, item, stored, value));
  }

  #forget(at: Place): void {
    const room = this.#places.find(at);
    const ofRoom = room === undefined ? [] : [[room] as const];
    for (const [id] of at.room === undefined ? this.#places.all(at.application) : ofRoom) {
      this.#deleteItems.run(id);
      this.#deleteRecords.run(id);
      this.#places.delete(id);
    }
  }
}

function refuse(error: StoreError): void {
  throw error;
}

function damaged({ application, room }: Place, what: string): StoreError {
  const whose = room === undefined ? `application "${application}"` : `room "${room}" of "${application}"`;
  return new StoreError(
    "damaged",
    `store.db is damaged: what it has of ${whose} (${what}) is not what was written`,
  );
}
