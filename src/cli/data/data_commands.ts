import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import type { Place } from "../../core/ports/journal_store.ts";
import { printableLines } from "../../core/printable.ts";
import { BlockingPipe } from "../../process/blocking_pipe.ts";
import { DataFolder, type KeptPlace } from "../../store/data_folder.ts";
import { exportHead, exportLine, importOf } from "./export_file.ts";

/** Prints what is kept of an application, or of all. Throws StoreError. */
export function listData(folder: string, application?: string): void {
  const found = new DataFolder(folder)
    .list()
    .filter(({ at }) => application === undefined || at.application === application)
    .sort((a, b) => (nameOf(a.at) < nameOf(b.at) ? -1 : 1));
  for (const each of found) print(lineOf(each));
  if (found.length === 0) print("nothing is kept");
}

/** Writes what is kept, as lines of JSON, to standard output. Returns false if some of it is damaged, which is told. Throws StoreError. */
export function exportData(folder: string, of: Partial<Place>): boolean {
  let isWhole = true;
  const data = new DataFolder(folder);
  const output = new BlockingPipe();
  const write = (line: string) => output.write(Buffer.from(`${line}\n`));
  const begun = new Set<string>();
  write(exportHead());
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
      console.error(printableLines(error.message));
    },
  );
  return isWhole;
}

/** Takes an export in: its applications, or its room, are then what it says; others stay. Throws StoreError, and then nothing is changed. */
export function importData(folder: string, file: string): void {
  let count = 0;
  const counted = function* () {
    for (const change of importOf(file)) {
      if (change.kind !== "forget") count++;
      yield change;
    }
  };
  new DataFolder(folder).change(counted());
  print(`${count} lines are taken in`);
}

/** Forgets an application with its rooms, or one room. Returns false if nothing was kept of it. Throws StoreError. */
export function deleteData(folder: string, at: Place): boolean {
  const data = new DataFolder(folder);
  const isThere = data
    .list()
    .some(
      (kept) => kept.at.application === at.application && (at.room === undefined || kept.at.room === at.room),
    );
  if (isThere) data.change([{ kind: "forget", at }]);
  print(isThere ? `${nameOf(at)} is forgotten` : `nothing is kept of ${nameOf(at)}`);
  return isThere;
}

/** Makes the folder as small as it can be. Throws StoreError. */
export function compactData(folder: string): void {
  new DataFolder(folder).compact();
}

/** Copies what is kept into a new file, while a server may run. Throws StoreError. */
export function backupData(folder: string, file: string): void {
  new DataFolder(folder).backup(resolve(file));
}

function lineOf({ at, items, records, characters }: KeptPlace): string {
  return `${nameOf(at)}  ${items} items, ${records} records, ${characters} characters`;
}

function nameOf({ application, room }: Place): string {
  return room === undefined ? application : `${application}/${room}`;
}

/** Prints a line; names in it are those of clients and authors. */
function print(text: string): void {
  console.log(printableLines(text));
}
