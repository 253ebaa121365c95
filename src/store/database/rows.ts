import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type ItemKind,
  type LogKind,
  type Place,
  StoreError,
  type Write,
} from "../../core/ports/journal_store.ts";
import { AppendedRecords, type LogRecords, MOST_APPENDED_UNITS } from "./appended_records.ts";
import { Places } from "./places.ts";
import { Runs } from "./runs.ts";
import { storedText, sumOf, textOf } from "./stored_text.ts";

/** What a change is worth beside its text, UTF-16 units, by the time that it takes. */
const CHANGE_UNITS = 100;

/** What is read of one item. */
interface ItemRow {
  readonly item: ItemKind;
  readonly key: string;
  readonly value: string;
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
  readonly #runs: Runs;
  readonly #some: StatementSync;
  readonly #size: StatementSync;

  /** Throws StoreError where what is kept is damaged, or the system's error. */
  constructor(database: DatabaseSync) {
    this.#places = new Places(database);
    this.#putItem = database.prepare("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?)");
    this.#deleteItem = database.prepare("DELETE FROM items WHERE place = ? AND item = ? AND key = ?");
    this.#items = database.prepare("SELECT item, key, value, sum FROM items WHERE place = ?");
    this.#deleteItems = database.prepare("DELETE FROM items WHERE place = ?");
    this.#runs = new Runs(database);
    this.#some = database.prepare("SELECT exists(SELECT 1 FROM items WHERE place = ?) AS some");
    this.#size = database.prepare(
      "SELECT count(*) AS items, total(length(value)) AS characters FROM items WHERE place = ?",
    );
  }

  /** Returns how much is kept of a place. */
  sizeOf(place: number): RowsSize {
    const { items, characters } = this.#size.get(place) as unknown as Omit<RowsSize, "records">;
    const runs = this.#runs.sizeOf(place);
    return { items, records: runs.records, characters: characters + runs.characters };
  }

  /** Makes changes, in their order; to be called in a transaction. Throws the system's error. */
  apply(writes: Iterable<Write>): void {
    for (const _ of this.parts(writes));
  }

  /** Makes changes as `apply` does, one after the other, and yields about how many UTF-16 units each of them is worth. */
  *parts(writes: Iterable<Write>): Generator<number> {
    const appended = new AppendedRecords();
    for (const write of writes) {
      if (write.kind === "append") {
        if (appended.add(write) > MOST_APPENDED_UNITS) yield* this.#append(appended.take());
      } else {
        // What is appended is as if it were in the rows: it is put there once, though there are many trims between.
        appended.shorten(write);
        this.#apply(write);
      }
      yield write.kind === "put" ? CHANGE_UNITS + write.value.length : CHANGE_UNITS;
    }
    yield* this.#append(appended.take());
  }

  /** Forgets what a transaction has changed that was taken back. Throws the system's error. */
  takenBack(): void {
    this.#places.read();
  }

  /** Returns the names of the applications of which something is kept. */
  applications(): string[] {
    const isKept = (place: number) =>
      (this.#some.get(place) as { some: number }).some === 1 || this.#runs.has(place);
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
    const records = this.#runs.read(place, log, () => onDamaged(damaged(at, log)));
    for (const { number, record } of records) yield { kind: "append", at, log, number, record };
  }

  *#append(logs: readonly LogRecords[]): Generator<number> {
    for (const { at, log, records } of logs) {
      this.#runs.append(this.#places.take(at), log, records);
      yield records.reduce((units, { record }) => units + record.length, CHANGE_UNITS);
    }
  }

  #apply(write: Exclude<Write, { kind: "append" }>): void {
    if (write.kind === "put") return this.#put(write);
    if (write.kind === "forget") return this.#forget(write.at);
    const place = this.#places.find(write.at);
    if (place === undefined) return;
    if (write.kind === "delete") this.#deleteItem.run(place, write.item, storedText(write.key));
    else if (write.kind === "trim") this.#runs.trim(place, write.log, write.upTo);
    else this.#runs.cut(place, write.log, write.from);
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
      this.#runs.clear(id);
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
