import { Buffer } from "node:buffer";
import { jsonName } from "../../core/durable/json_name.ts";
import type { ItemKind, LogKind, Place, Write } from "../../core/ports/journal_store.ts";

/** The byte behind the first line. */
const LINE_END = 10;

/** One change without its text, and with the number of its place among the places; `units` is the text's length, UTF-16 units. */
type Row =
  | readonly ["put", place: number, item: ItemKind, key: string, units: number]
  | readonly ["delete", place: number, item: ItemKind, key: string]
  | readonly ["append", place: number, log: LogKind, number: number, units: number]
  | readonly ["trim", place: number, log: LogKind, upTo: number]
  | readonly ["cut", place: number, log: LogKind, from: number]
  | readonly ["forget", place: number];

/** The first line: what the texts behind it are. */
interface Head {
  readonly places: readonly (readonly [application: string, room?: string])[];
  readonly rows: readonly Row[];
}

/**
 * Returns changes as one text: a line of JSON, and the kept texts as they are, one behind the other, so that they are neither
 * escaped nor parsed on their way. Lone surrogates in them become U+FFFD on a pipe.
 */
export function writesText(writes: readonly Write[]): string {
  const numbers = new Map<Place, number>();
  let places = "";
  let rows = "";
  let texts = "";
  for (const write of writes) {
    let place = numbers.get(write.at);
    if (place === undefined) {
      place = numbers.size;
      numbers.set(write.at, place);
      places += `${place > 0 ? "," : ""}${placeText(write.at)}`;
    }
    if (rows) rows += ",";
    rows += rowText(write, place);
    if (write.kind === "append") texts += write.record;
    else if (write.kind === "put") texts += write.value;
  }
  return `{"places":[${places}],"rows":[${rows}]}\n${texts}`;
}

/** Returns the JSON of a place; one that is there as several objects has several numbers. */
function placeText({ application, room }: Place): string {
  return room === undefined ? `[${jsonName(application)}]` : `[${jsonName(application)},${jsonName(room)}]`;
}

/** Returns the changes of which `writesText` made a text. Throws SyntaxError where it did not. */
export function parseWrites(text: string): Write[] {
  const end = text.indexOf("\n");
  const { places, rows } = parseHead(text.slice(0, end));
  let at = end + 1;
  return rows.map((row) => {
    const units = unitsOf(row);
    at += units;
    return writeOf(row, placeOf(row, places), text.slice(at - units, at));
  });
}

/**
 * Returns those changes that `isWanted` wants, of which it is asked from the last to the first, in that order; `bytes` are those of what `writesText`
 * made. The texts of all others are not read, and those that it sees have none yet. Throws SyntaxError where they are something else.
 */
export function wantedWrites(bytes: Uint8Array, isWanted: (write: Write) => boolean): Write[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = buffer.indexOf(LINE_END) + 1;
  const { places, rows } = parseHead(buffer.toString("utf8", 0, start - 1));
  let at = 0;
  for (const row of rows) at += unitsOf(row);
  // As many bytes as units: each is one.
  const text = at === buffer.length - start ? undefined : buffer.toString("utf8", start);
  const wanted: Write[] = [];
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index] as Row;
    const units = unitsOf(row);
    at -= units;
    const place = placeOf(row, places);
    const write = writeOf(row, place, "");
    if (!isWanted(write)) continue;
    const own = text?.slice(at, at + units) ?? buffer.toString("latin1", start + at, start + at + units);
    wanted.push(units === 0 ? write : writeOf(row, place, own));
  }
  return wanted;
}

/** Places as objects, and what is changed. */
function parseHead(line: string): { places: Place[]; rows: Head["rows"] } {
  const { places, rows } = JSON.parse(line) as Head;
  return {
    places: places.map(
      ([application, room]): Place => (room === undefined ? { application } : { application, room }),
    ),
    rows,
  };
}

function placeOf(row: Row, places: readonly Place[]): Place {
  const place = places[row[1]];
  if (!place) throw new SyntaxError(`Cannot read changes: there is no place ${row[1]}.`);
  return place;
}

/** Returns how many UTF-16 units the text of a change has. */
function unitsOf(row: Row): number {
  return row[0] === "put" || row[0] === "append" ? row[4] : 0;
}

/** Returns the JSON of a `Row`: there are many, and most of what they are has nothing to escape. */
function rowText(write: Write, place: number): string {
  switch (write.kind) {
    case "put":
      return `["put",${place},"${write.item}",${jsonName(write.key)},${write.value.length}]`;
    case "delete":
      return `["delete",${place},"${write.item}",${jsonName(write.key)}]`;
    case "append":
      return `["append",${place},"${write.log}",${write.number},${write.record.length}]`;
    case "trim":
      return `["trim",${place},"${write.log}",${write.upTo}]`;
    case "cut":
      return `["cut",${place},"${write.log}",${write.from}]`;
    case "forget":
      return `["forget",${place}]`;
  }
}

function writeOf(row: Row, at: Place, text: string): Write {
  switch (row[0]) {
    case "put":
      return { kind: "put", at, item: row[2], key: row[3], value: text };
    case "delete":
      return { kind: "delete", at, item: row[2], key: row[3] };
    case "append":
      return { kind: "append", at, log: row[2], number: row[3], record: text };
    case "trim":
      return { kind: "trim", at, log: row[2], upTo: row[3] };
    case "cut":
      return { kind: "cut", at, log: row[2], from: row[3] };
    case "forget":
      return { kind: "forget", at };
  }
}
