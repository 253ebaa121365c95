import type { Place, Write } from "../../ports/journal_store.ts";

/** What is known of one log. */
interface LaterRecords {
  /** Up to which number it is trimmed, and from which on it is cut. */
  trim: number;
  cut: number;
  /** Numbers of records that follow each other without a gap, each of which there is; most are told in that order. */
  first: number;
  last: number;
  /** Numbers of others. */
  others: Set<number> | undefined;
}

/** Changes, seen from the last to the first, which tell of each one before them whether it still makes a difference. */
export class LaterWrites {
  readonly #forgotten = new Set<string>();
  readonly #written = new Set<string>();
  readonly #logs = new Map<string, LaterRecords>();

  /** Adds a change that comes before all others; returns true if it makes a difference. */
  add(write: Write): boolean {
    const place = nameOf(write.at);
    if (this.#forgotten.size > 0 && this.#isForgotten(place, write.at)) return false;
    if (write.kind === "forget") return isNew(this.#forgotten, place);
    if (write.kind === "put" || write.kind === "delete")
      return isNew(this.#written, `${place}${write.item} ${write.key}`);
    const log = this.#log(`${place}${write.log}`);
    if (write.kind === "append")
      return write.number > log.trim && write.number < log.cut && isNewRecord(log, write.number);
    if (write.kind === "trim") {
      if (write.upTo <= log.trim) return false;
      log.trim = write.upTo;
    } else {
      if (write.from >= log.cut) return false;
      log.cut = write.from;
    }
    return true;
  }

  #isForgotten(place: string, { application }: Place): boolean {
    return this.#forgotten.has(place) || this.#forgotten.has(nameOf({ application }));
  }

  #log(name: string): LaterRecords {
    const known = this.#logs.get(name);
    if (known) return known;
    const [trim, cut] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const log = { trim, cut, first: Number.NaN, last: Number.NaN, others: undefined };
    this.#logs.set(name, log);
    return log;
  }
}

/** Notes a record; returns true if there was none of its number. */
function isNewRecord(log: LaterRecords, number: number): boolean {
  if (number >= log.first && number <= log.last) return false;
  if (log.others?.has(number)) return false;
  if (number === log.first - 1) log.first = number;
  else if (Number.isNaN(log.first)) log.first = log.last = number;
  else {
    log.others ??= new Set();
    log.others.add(number);
  }
  return true;
}

/** Adds a name; returns true if it was not there. */
function isNew(names: Set<string>, name: string): boolean {
  if (names.has(name)) return false;
  names.add(name);
  return true;
}

/** Returns a name that no other place has, whatever its application and room are called. */
function nameOf({ application, room }: Place): string {
  const name = `${application.length}:${application}`;
  return room === undefined ? name : `${name}/${room.length}:${room}`;
}
