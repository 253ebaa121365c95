import type { Place, Write } from "../../ports/journal_store.ts";

/** Changes, seen from the last to the first, which tell of each one before them whether it still makes a difference. */
export class LaterWrites {
  readonly #forgotten = new Set<string>();
  readonly #written = new Set<string>();
  /** Of each log up to which number it is trimmed, and from which on it is cut. */
  readonly #trims = new Map<string, number>();
  readonly #cuts = new Map<string, number>();

  /** Adds a change that comes before all others; returns true if it makes a difference. */
  add(write: Write): boolean {
    const place = nameOf(write.at);
    if (this.#forgotten.has(place) || this.#forgotten.has(nameOf({ application: write.at.application })))
      return false;
    if (write.kind === "forget") return isNew(this.#forgotten, place);
    if (write.kind === "put" || write.kind === "delete")
      return isNew(this.#written, `${place}${write.item} ${write.key}`);
    const log = `${place}${write.log}`;
    const trim = this.#trims.get(log) ?? Number.NEGATIVE_INFINITY;
    const cut = this.#cuts.get(log) ?? Number.POSITIVE_INFINITY;
    if (write.kind === "append")
      return write.number > trim && write.number < cut && isNew(this.#written, `${log}#${write.number}`);
    if (write.kind === "trim") {
      this.#trims.set(log, Math.max(trim, write.upTo));
      return write.upTo > trim;
    }
    this.#cuts.set(log, Math.min(cut, write.from));
    return write.from < cut;
  }
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
