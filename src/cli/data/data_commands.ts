import { counted, countedAre } from "../../core/text/counted.ts";
import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import type { WrittenBacklog } from "../../core/history/backlog.ts";
import { recordWithoutRoom } from "../../core/history/record_without_room.ts";
import type { Place, StoreError, Write } from "../../core/ports/journal_store.ts";
import { megabytes } from "../../core/text/megabytes.ts";
import { printableLines } from "../../core/printable.ts";
import type { KeptUser } from "../../core/session/kept_user.ts";
import { BlockingPipe } from "../../process/blocking_pipe.ts";
import { DataFolder, type KeptPlace } from "../../store/data_folder.ts";
import type { Rows } from "../../store/database/rows.ts";
import { exportEnd, exportHead, exportLine, importOf } from "./export_file.ts";

/** Prints what is kept of an application, or of all. Returns false if nothing is of that application, which is told. Throws StoreError. */
export function listData(folder: string, application?: string): boolean {
  const found = new DataFolder(folder)
    .list()
    .filter(({ at }) => application === undefined || at.application === application)
    .sort((a, b) => (nameOf(a.at) < nameOf(b.at) ? -1 : 1));
  for (const each of found) print(lineOf(each));
  if (found.length > 0) return true;
  if (application !== undefined) return tellNothing({ application });
  print("nothing is kept");
  return true;
}

/**
 * Writes what is kept, as lines of JSON, to standard output. Returns false if some of it is damaged, or if nothing is kept of what
 * is named, which is told. Throws StoreError.
 */
export function exportData(folder: string, of: Partial<Place>): boolean {
  let isWhole = true;
  const data = new DataFolder(folder);
  const output = new BlockingPipe();
  let lines = 0;
  const put = (line: string) => output.write(Buffer.from(`${line}\n`));
  const write = (line: string) => {
    // Nothing is written before it is known that there is something, and that it can be read.
    if (lines++ === 0) put(exportHead());
    put(line);
  };
  const begun = new Set<string>();
  data.each(
    of,
    (change) => {
      const { application } = change.at;
      // What an import finds of the same is not mixed with it.
      const at = of.room === undefined ? { application } : change.at;
      if (!begun.has(nameOf(at))) write(exportLine({ kind: "forget", at }));
      begun.add(nameOf(at));
      write(exportLine(change));
    },
    (error) => {
      isWhole = false;
      tellDamaged(error);
    },
  );
  if (lines === 0 && isWhole && of.application !== undefined) {
    return tellNothing({ ...of, application: of.application });
  }
  if (lines === 0) put(exportHead());
  put(exportEnd(lines));
  return isWhole;
}

/** Takes an export in: its applications, or its room, are then what it says; others stay. Throws StoreError, and then nothing is changed. */
export function importData(folder: string, file: string): void {
  let count = 0;
  const changes = function* () {
    for (const change of importOf(file)) {
      if (change.kind !== "forget") count++;
      yield change;
    }
  };
  new DataFolder(folder).change(changes());
  print(`${countedAre(count, "line")} taken in`);
}

/** Forgets an application with its rooms, or one room with what users may have missed of it. Returns false if nothing was kept of it. Throws StoreError. */
export function deleteData(folder: string, at: Place): boolean {
  const { application, room } = at;
  const isThere = new DataFolder(folder).edit((rows) => {
    const isIt = (kept: Place) =>
      kept.application === application && (room === undefined || kept.room === room);
    if (!rows.places().some(([, kept]) => isIt(kept))) return [];
    return [{ kind: "forget", at }, ...(room === undefined ? [] : framesWithout(rows, at, room))];
  });
  if (!isThere) return tellNothing(at);
  print(`${nameOf(at)} is forgotten`);
  return true;
}

/** Returns the changes after which what users of an application may have missed has nothing of a room. */
function framesWithout(rows: Rows, { application }: Place, room: string): Write[] {
  const backlogs = new Map<string, WrittenBacklog>();
  for (const { item, key, value } of rows.itemsOf({ application }, tellDamaged)) {
    const { backlog } = item === "user" ? (JSON.parse(value) as KeptUser) : {};
    if (backlog) backlogs.set(key, backlog);
  }
  const changed: Write[] = [];
  for (const each of rows.records({ application }, "frames", tellDamaged)) {
    const record = recordWithoutRoom(each.record, room, backlogs);
    // What is written with the same number takes the place of the record before.
    if (record !== each.record) changed.push({ ...each, record });
  }
  return changed;
}

/** What else is damaged is no reason to keep a room. */
function tellDamaged(error: StoreError): void {
  console.error(printableLines(error.message));
}

/** Makes the folder as small as it can be, and prints what that has given. Throws StoreError. */
export function compactData(folder: string): void {
  const { before, after } = new DataFolder(folder).compact();
  print(`${megabytes(after)}, ${megabytes(before)} before`);
}

/** Copies what is kept into a new file, while a server may run. Throws StoreError. */
export function backupData(folder: string, file: string): void {
  new DataFolder(folder).backup(resolve(file));
}

function lineOf({ at, items, records, characters }: KeptPlace): string {
  return `${nameOf(at)}  ${counted(items, "item")}, ${counted(records, "record")}, ${counted(characters, "character")}`;
}

function nameOf({ application, room }: Place): string {
  return room === undefined ? application : `${application}/${room}`;
}

/** Says that what was asked for is not there; returns false, since that is a failure. */
function tellNothing(at: Place): false {
  console.error(printableLines(`nothing is kept of ${nameOf(at)}`));
  return false;
}

/** Prints a line; names in it are those of clients and authors. */
function print(text: string): void {
  console.log(printableLines(text));
}
