import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Place, StoreError } from "../../core/ports/journal_store.ts";
import { storedText, sumOf, textOf } from "./stored_text.ts";

/** What is read of one place. */
interface PlaceRow {
  readonly id: number;
  readonly application: string;
  readonly room: string | null;
  readonly sum: number;
}

/** The applications and rooms of which a database keeps something, with the numbers that stand for them in its rows. */
export class Places {
  readonly #ids = new Map<string, number>();
  readonly #places = new Map<number, Place>();
  readonly #read: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  #lastId = 0;

  /** Reads the places. Throws StoreError where one is damaged, or the system's error. */
  constructor(database: DatabaseSync) {
    this.#read = database.prepare("SELECT id, application, room, sum FROM places");
    this.#insert = database.prepare("INSERT INTO places VALUES (?, ?, ?, ?)");
    this.#delete = database.prepare("DELETE FROM places WHERE id = ?");
    this.read();
  }

  /** Reads them anew, after a transaction that has been taken back. */
  read(): void {
    this.#ids.clear();
    this.#places.clear();
    this.#lastId = 0;
    for (const row of this.#read.all()) {
      const { id, application, room, sum } = row as unknown as PlaceRow;
      if (sum !== sumOf(id, application, room ?? ""))
        throw new StoreError(
          "damaged",
          "store.db is damaged: the name of a room in it is not what was written",
        );
      const at = { application: textOf(application), ...(room !== null && { room: textOf(room) }) };
      this.#add(id, at);
    }
  }

  /** Returns the number of a place; undefined where nothing was ever kept of it. */
  find(at: Place): number | undefined {
    return this.#ids.get(nameOf(at));
  }

  /** Returns the number of a place, which is a new one the first time. Throws the system's error. */
  take(at: Place): number {
    const known = this.find(at);
    if (known !== undefined) return known;
    const id = this.#lastId + 1;
    const application = storedText(at.application);
    const room = at.room === undefined ? null : storedText(at.room);
    this.#insert.run(id, application, room, sumOf(id, application, room ?? ""));
    this.#add(id, at);
    return id;
  }

  /** Returns all places with their numbers; those of one application where it is given. */
  all(application?: string): (readonly [id: number, at: Place])[] {
    return [...this.#places].filter(([, at]) => application === undefined || at.application === application);
  }

  /** Throws the system's error. */
  delete(id: number): void {
    const at = this.#places.get(id);
    if (!at) return;
    this.#delete.run(id);
    this.#places.delete(id);
    this.#ids.delete(nameOf(at));
  }

  #add(id: number, at: Place): void {
    this.#ids.set(nameOf(at), id);
    this.#places.set(id, at);
    this.#lastId = Math.max(this.#lastId, id);
  }
}

/** Returns a name that no other place has, whatever its application and room are called. */
export function nameOf({ application, room }: Place): string {
  const name = `${application.length}:${application}`;
  return room === undefined ? name : `${name}/${room}`;
}
