import type { KeptRecord, LogKind, Place, Write } from "../../core/ports/journal_store.ts";
import { nameOf } from "./places.ts";

/** UTF-16 units of records that may wait to be put into runs. */
export const MOST_APPENDED_UNITS = 4 * 1024 * 1024;

/** Records of one log. */
export interface LogRecords {
  readonly at: Place;
  readonly log: LogKind;
  records: KeptRecord[];
}

/** Records that wait to be put into runs, those of each log together: each log is looked up, and written, once for many of them. */
export class AppendedRecords {
  #units = 0;
  #all = new Map<string, LogRecords>();

  /** Adds a record; returns the UTF-16 units of all. */
  add({ at, log, number, record }: Write & { kind: "append" }): number {
    const key = keyOf(at, log);
    let of = this.#all.get(key);
    if (!of) {
      of = { at, log, records: [] };
      this.#all.set(key, of);
    }
    of.records.push({ number, record });
    this.#units += record.length;
    return this.#units;
  }

  /** Makes a change to those that wait, which come before it. */
  shorten(write: Write): void {
    if (write.kind === "forget") return this.#forget(write.at);
    if (write.kind !== "trim" && write.kind !== "cut") return;
    const of = this.#all.get(keyOf(write.at, write.log));
    if (!of) return;
    of.records = of.records.filter(({ number }) =>
      write.kind === "trim" ? number > write.upTo : number < write.from,
    );
  }

  /** Returns all, and begins anew. */
  take(): LogRecords[] {
    const all = [...this.#all.values()].filter(({ records }) => records.length > 0);
    this.#all = new Map();
    this.#units = 0;
    return all;
  }

  #forget({ application, room }: Place): void {
    for (const [key, { at }] of this.#all)
      if (at.application === application && (room === undefined || at.room === room)) this.#all.delete(key);
  }
}

function keyOf(at: Place, log: LogKind): string {
  return `${log} ${nameOf(at)}`;
}
