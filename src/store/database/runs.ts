import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { KeptRecord, LogKind } from "../../core/ports/journal_store.ts";
import { sumOf } from "./stored_text.ts";

/** UTF-16 units of the records in one row, unless a single one has more: what is read and written anew where part of a row goes. */
const RUN_UNITS = 32 * 1024;

/** What is read of one run. */
interface RunRow {
  readonly first: number;
  readonly last: number;
  /** JSON of the number and the UTF-16 units of each record. */
  readonly heads: string;
  /** The records, one behind the other, as UTF-8: there are zeros in some, where Deno 2.9.6 ends a text. */
  readonly texts: Uint8Array;
  readonly sum: number;
}

/** Which records of a log of a place: those from one number to another, which no other run of it has between. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/** How many records there are, and how many characters they have. */
export interface RunsSize {
  readonly records: number;
  readonly characters: number;
}

/**
 * The records of logs as rows of a database, many in a row: they come and go many at a time, and a row of its own for each costs
 * several times what its text does (docs/decisions/0016-durable-rooms.md).
 */
export class Runs {
  readonly #insert: StatementSync;
  readonly #read: StatementSync;
  readonly #lastBefore: StatementSync;
  readonly #within: StatementSync;
  readonly #deleteOne: StatementSync;
  readonly #deleteUpTo: StatementSync;
  readonly #deleteFrom: StatementSync;
  readonly #deleteAll: StatementSync;
  readonly #some: StatementSync;
  readonly #size: StatementSync;

  /** Throws the system's error. */
  constructor(database: DatabaseSync) {
    const columns = "first, last, heads, texts, sum";
    this.#insert = database.prepare("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    this.#read = database.prepare(`SELECT ${columns} FROM runs WHERE place = ? AND log = ? ORDER BY first`);
    this.#lastBefore = database.prepare(
      "SELECT last FROM runs WHERE place = ? AND log = ? AND first <= ? ORDER BY first DESC LIMIT 1",
    );
    this.#within = database.prepare(
      `SELECT ${columns} FROM runs WHERE place = ? AND log = ? AND first <= ? AND last >= ? ORDER BY first`,
    );
    this.#deleteOne = database.prepare("DELETE FROM runs WHERE place = ? AND log = ? AND first = ?");
    this.#deleteUpTo = database.prepare("DELETE FROM runs WHERE place = ? AND log = ? AND last <= ?");
    this.#deleteFrom = database.prepare("DELETE FROM runs WHERE place = ? AND log = ? AND first >= ?");
    this.#deleteAll = database.prepare("DELETE FROM runs WHERE place = ?");
    this.#some = database.prepare("SELECT exists(SELECT 1 FROM runs WHERE place = ?) AS some");
    this.#size = database.prepare(
      "SELECT total(records) AS records, total(length(texts)) AS characters FROM runs WHERE place = ?",
    );
  }

  /** Adds records, each of which takes the place of one with its number. Throws the system's error. */
  append(place: number, log: LogKind, records: readonly KeptRecord[]): void {
    const all = new Map<number, string>();
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { number } of records) [first, last] = [Math.min(first, number), Math.max(last, number)];
    for (const row of this.#rows(place, log, { first, last })) {
      for (const { number, record } of recordsOf(row)) all.set(number, record);
      this.#deleteOne.run(place, log, row.first);
    }
    for (const { number, record } of records) all.set(number, record);
    this.#write(place, log, all);
  }

  /** Forgets the records up to a number. Throws the system's error. */
  trim(place: number, log: LogKind, upTo: number): void {
    this.#deleteUpTo.run(place, log, upTo);
    this.#shorten(place, log, upTo, (number) => number > upTo);
  }

  /** Forgets the records from a number on. Throws the system's error. */
  cut(place: number, log: LogKind, from: number): void {
    this.#deleteFrom.run(place, log, from);
    this.#shorten(place, log, from, (number) => number < from);
  }

  /** Forgets all of a place. Throws the system's error. */
  clear(place: number): void {
    this.#deleteAll.run(place);
  }

  /** Returns true if there are some of a place. */
  has(place: number): boolean {
    return (this.#some.get(place) as { some: number }).some === 1;
  }

  sizeOf(place: number): RunsSize {
    return this.#size.get(place) as unknown as RunsSize;
  }

  /** Returns the records of a log in the order of their numbers; of some that are damaged `damaged` is told. */
  *read(place: number, log: LogKind, damaged: () => void): Generator<KeptRecord> {
    for (const each of this.#read.all(place, log)) {
      const row = each as unknown as RunRow;
      if (isIntact(place, log, row)) yield* recordsOf(row);
      else damaged();
    }
  }

  /** Leaves those of the one run that has records on both sides of a number, if there is one. */
  #shorten(place: number, log: LogKind, at: number, stays: (number: number) => boolean): void {
    for (const row of this.#rows(place, log, { first: at, last: at })) {
      this.#deleteOne.run(place, log, row.first);
      const left = recordsOf(row).filter(({ number }) => stays(number));
      this.#write(place, log, new Map(left.map(({ number, record }) => [number, record])));
    }
  }

  /** Returns the runs that have something within a span. A damaged one stays as it is, so that whoever reads it is told. */
  #rows(place: number, log: LogKind, { first, last }: Span): RunRow[] {
    // Most records come behind all others, and so within no run: only the last run that may have some is looked at then.
    const before = this.#lastBefore.get(place, log, last) as { last: number } | undefined;
    if (!before || before.last < first) return [];
    const rows = this.#within.all(place, log, last, first) as unknown as RunRow[];
    return rows.filter((row) => isIntact(place, log, row));
  }

  #write(place: number, log: LogKind, records: ReadonlyMap<number, string>): void {
    let heads: [number: number, units: number][] = [];
    let texts = "";
    const flush = () => {
      const [first] = heads[0] ?? [];
      const [last] = heads.at(-1) ?? [];
      if (first === undefined || last === undefined) return;
      const written = JSON.stringify(heads);
      const bytes = Buffer.from(texts, "utf8");
      const sum = runSum(place, log, written, bytes);
      this.#insert.run(place, log, first, last, heads.length, written, bytes, sum);
      heads = [];
      texts = "";
    };
    for (const [number, record] of [...records].sort(([a], [b]) => a - b)) {
      if (texts.length > 0 && texts.length + record.length > RUN_UNITS) flush();
      heads.push([number, record.length]);
      texts += record;
    }
    flush();
  }
}

/** Returns the checksum of a run. */
export function runSum(place: number, log: string, heads: string, texts: Uint8Array): number {
  return sumOf(place, log, heads, String(crc32(texts)));
}

function isIntact(place: number, log: LogKind, { heads, texts, sum }: RunRow): boolean {
  return sum === runSum(place, log, heads, texts);
}

function recordsOf({ heads, texts }: RunRow): KeptRecord[] {
  const { buffer, byteOffset, byteLength } = texts;
  const text = Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
  let at = 0;
  return (JSON.parse(heads) as [number: number, units: number][]).map(([number, units]) => {
    at += units;
    return { number, record: text.slice(at - units, at) };
  });
}
