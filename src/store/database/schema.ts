import { Buffer } from "node:buffer";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../core/ports/journal_store.ts";
import { runSum } from "./runs.ts";
import { sumOf } from "./stored_text.ts";

/**
 * The way up: the step at n makes format n + 1 of format n, in one transaction with all others. Format 1 is the first. A step
 * stays as it is for good, since stores of every format are out there.
 */
const steps: readonly (string | ((database: DatabaseSync) => void))[] = [
  `CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;
   INSERT INTO meta VALUES ('commit', 0);
   CREATE TABLE log (number INTEGER PRIMARY KEY, changes BLOB NOT NULL, sum INTEGER NOT NULL) STRICT;
   CREATE TABLE places (
     id INTEGER PRIMARY KEY,
     application TEXT NOT NULL,
     room TEXT,
     sum INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE items (
     place INTEGER NOT NULL,
     item TEXT NOT NULL,
     key TEXT NOT NULL,
     value TEXT NOT NULL,
     sum INTEGER NOT NULL,
     PRIMARY KEY (place, item, key)
   ) WITHOUT ROWID, STRICT;
   CREATE TABLE records (
     place INTEGER NOT NULL,
     log TEXT NOT NULL,
     number INTEGER NOT NULL,
     record TEXT NOT NULL,
     sum INTEGER NOT NULL,
     PRIMARY KEY (place, log, number)
   ) WITHOUT ROWID, STRICT;`,
  manyRecordsInARow,
  // Format 3: commits are in files beside the database, which a program that does not know them would leave out.
  "",
];

/** Whoever looks at a folder of somebody else's runs nothing that a view or a trigger in it says. */
export const NO_FOREIGN_CODE = "PRAGMA trusted_schema = OFF";

/** Format of the stores that this program writes. */
export const FORMAT = steps.length;

/** Returns the format of a store. Throws StoreError where a newer program has written it. */
export function refuseNewer(database: DatabaseSync): number {
  const { user_version: format } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (format <= FORMAT) return format;
  throw new StoreError(
    "newer_format",
    `its format is ${format}, and this program knows those up to ${FORMAT}: a newer hotroom has written it`,
  );
}

/**
 * Brings a store to the format of this program; an empty file becomes an empty store. Throws StoreError where a newer program has
 * written it.
 */
export function upgrade(database: DatabaseSync): void {
  const format = refuseNewer(database);
  if (format === FORMAT) return;
  database.exec("BEGIN IMMEDIATE");
  for (const step of steps.slice(format)) {
    if (typeof step === "string") database.exec(step);
    else step(database);
  }
  database.exec(`PRAGMA user_version = ${FORMAT}`);
  database.exec("COMMIT");
}

/** Format 2: a row has many records of a log. What was damaged stays so. */
function manyRecordsInARow(database: DatabaseSync): void {
  database.exec(`CREATE TABLE runs (
     place INTEGER NOT NULL,
     log TEXT NOT NULL,
     first INTEGER NOT NULL,
     last INTEGER NOT NULL,
     records INTEGER NOT NULL,
     heads TEXT NOT NULL,
     texts BLOB NOT NULL,
     sum INTEGER NOT NULL,
     PRIMARY KEY (place, log, first)
   ) WITHOUT ROWID, STRICT;`);
  const insert = database.prepare("INSERT INTO runs VALUES (?, ?, ?, ?, 1, ?, ?, ?)");
  for (const row of database.prepare("SELECT place, log, number, record, sum FROM records").iterate()) {
    const { place, log, number, record, sum } = row as { place: number; log: string } & {
      number: number;
      record: string;
      sum: number;
    };
    const heads = JSON.stringify([[number, record.length]]);
    const bytes = Buffer.from(record, "utf8");
    const isIntact = sum === sumOf(place, log, String(number), record);
    const runsSum = runSum(place, log, heads, bytes) + (isIntact ? 0 : 1);
    insert.run(place, log, number, number, heads, bytes, runsSum);
  }
  database.exec("DROP TABLE records");
}
