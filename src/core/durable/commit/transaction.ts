import type { Durability, Write } from "../../ports/journal_store.ts";
import { LaterWrites } from "./later_writes.ts";

/** A change that is committed with others. */
interface Change {
  readonly write: Write;
  /** Whether it is of no use where it can't be made now: it is of an event, which then has not happened. */
  readonly isEntry: boolean;
}

/** Changes that are committed together. */
export class Transaction {
  /** In their order. */
  changes: Change[] = [];
  /** Changes that are made out when it is committed, by their owners. */
  readonly last = new Map<object, () => Write | undefined>();
  readonly settled: ((isSaved: boolean) => void)[] = [];
  durability: Durability = "relaxed";
  /** UTF-16 units of the changes. */
  units = 0;

  get isEmpty(): boolean {
    return this.changes.length + this.last.size + this.settled.length === 0;
  }

  /** Makes out what is to be written last. Returns the UTF-16 units of it. */
  complete(): number {
    let units = 0;
    for (const make of this.last.values()) {
      const write = make();
      if (!write) continue;
      this.changes.push({ write, isEntry: false });
      units += unitsOf(write);
    }
    this.last.clear();
    this.units += units;
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
    this.changes = [...failed.changes.filter(({ isEntry }) => !isEntry), ...this.changes]
      .reverse()
      .filter(({ write }) => later.add(write))
      .reverse();
    if (failed.durability === "strict") this.durability = "strict";
    this.units = this.changes.reduce((units, { write }) => units + unitsOf(write), 0);
    return this.units - before;
  }
}

/** Returns about how many UTF-16 units a change takes. */
export function unitsOf(write: Write): number {
  if (write.kind === "put") return write.key.length + write.value.length;
  if (write.kind === "append") return write.record.length;
  return 0;
}
