import type { Durability, Write } from "../../ports/journal_store.ts";
import type { Unsaved } from "../../ports/script_journal.ts";
import { LaterWrites } from "./later_writes.ts";

/** Changes that are committed together. */
export class Transaction {
  /** In their order. */
  writes: Write[] = [];
  /** Of each whether it is of no use where it can't be made now: it is of an event, which then has not happened. */
  #areEntries: boolean[] = [];
  /** Changes that are made out when it is committed, by their owners. */
  readonly last = new Map<object, () => Write | undefined>();
  /** The same, of owners that ask once. */
  readonly due: (() => Write | undefined)[] = [];
  /** Who hears, in this order, whether it is committed. */
  readonly unsaved: Unsaved[] = [];
  durability: Durability = "relaxed";
  /** UTF-16 units of the changes. */
  units = 0;

  get isEmpty(): boolean {
    return this.writes.length + this.last.size + this.due.length + this.unsaved.length === 0;
  }

  /** Adds a change. Returns the UTF-16 units of it. */
  add(write: Write, isEntry: boolean): number {
    this.writes.push(write);
    this.#areEntries.push(isEntry);
    const units = unitsOf(write);
    this.units += units;
    return units;
  }

  /** Makes out what is to be written last. Returns the UTF-16 units of it. */
  complete(): number {
    let units = 0;
    for (const make of [...this.last.values(), ...this.due]) {
      const write = make();
      if (write) units += this.add(write, false);
    }
    this.last.clear();
    this.due.length = 0;
    return units;
  }

  /**
   * Takes over, before its own changes, those of a transaction that has failed and that have happened already. What is written
   * again or forgotten later is left out, so that what waits is bounded by what is kept, however often it changes. Returns by how
   * many UTF-16 units that makes this transaction longer.
   */
  takeOver(failed: Transaction): number {
    const before = this.units;
    const later = new LaterWrites();
    const mine = this.writes.map((write, at) => ({ write, isEntry: this.#areEntries[at] === true }));
    const had = failed.writes.filter((_, at) => !failed.#areEntries[at]);
    const left = [...had.map((write) => ({ write, isEntry: false })), ...mine]
      .reverse()
      .filter(({ write }) => later.add(write))
      .reverse();
    this.writes = [];
    this.#areEntries = [];
    this.units = 0;
    for (const { write, isEntry } of left) this.add(write, isEntry);
    if (failed.durability === "strict") this.durability = "strict";
    return this.units - before;
  }
}

/** Returns about how many UTF-16 units a change takes. */
export function unitsOf(write: Write): number {
  if (write.kind === "put") return write.key.length + write.value.length;
  if (write.kind === "append") return write.record.length;
  return 0;
}
