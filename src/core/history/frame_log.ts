import type { JsonText } from "../ports/event.ts";
import type { Place, Write } from "../ports/journal_store.ts";
import { type FindUser, FrameRecord, kept, type ReadFrames, type ReadRecords } from "./frame_record.ts";
import type { History, HistoryLog } from "./history.ts";

/** What a log takes at least before the oldest part of it is forgotten, UTF-16 units. */
const LEAST_UNITS = 256 * 1024;
/** How many times what histories keep it may take. */
const MOST_GROWTH = 3;
/** Parts of a log are forgotten one after the other; each has so much of what histories keep. */
const PART_SHARE = 0.25;
/** What a history counts beside what it keeps, since all are gone through for each part, UTF-16 units. */
const HISTORY_UNITS = 100;
/** What is written anew with one record, UTF-16 units, unless as much is new or one history has more. */
const REWRITTEN_UNITS = 64 * 1024;
/** Units that may wait to be committed, as on a full disk, before frames are left out; then it is written that they are. */
const MOST_WAITING_UNITS = 16 * 1024 * 1024;

/** Where a log is written to. */
export interface LogWrites {
  /** UTF-16 units that are not committed yet. */
  readonly units: number;
  write(write: Write): void;
  /** Adds a change that is made out when it is committed, or is none by then: one of an owner, however often it is asked for. */
  writeLast(owner: object, make: () => Write | undefined): void;
}

/** What else a log has. */
export interface Companion {
  /** Returns what has changed, or all of it. */
  take(isAll: boolean): JsonText;
  /** Takes what was written, one record after the other. */
  restore(written: unknown): void;
}

/** A history, as far as it is written down. */
class Logged implements HistoryLog {
  /** The number of the last frame that was. */
  upTo: number;
  /** Whether all of it is to be written, in the place of what was before. */
  isAnew = true;
  /** The number of the record in which that was done last. */
  anewAt = 0;
  /** The number of the last frame that it was written to be gone, and of the record with that. */
  gone = 0;
  goneAt = 0;
  /** Whether the next record is to have something of it. */
  isChanged = false;
  /** Whether it is written down no more. */
  isForgotten = false;

  constructor(
    readonly key: string,
    readonly history: History,
    private readonly log: FrameLog,
  ) {
    this.upTo = history.last;
  }

  added(): void {
    if (this.isChanged || this.isForgotten) return;
    this.isChanged = true;
    this.log.add(this);
  }

  rewritten(): void {
    this.isAnew = true;
    this.added();
  }
}

/** Records that are forgotten together. */
interface Part {
  /** The number of the last of them. */
  readonly end: number;
  /** The highest number of a frame in them or before. */
  readonly highest: number;
  readonly units: number;
}

/**
 * Writes down the frames of an application's histories: one record with each transaction. Where records take several times what is
 * still needed of them, the oldest are forgotten. Most histories have let go what is in those by then; of the others all is written
 * anew before, a little with each further record.
 */
export class FrameLog {
  readonly #logged = new Map<History, Logged>();
  readonly #byKey = new Map<string, Logged>();
  /** Those of which the next record is to have something. */
  #changed: Logged[] = [];
  #isClosed = false;
  /** The number of the last record. */
  #last = 0;
  /** UTF-16 units of all records, and how many there may be. */
  #units = 0;
  #mostUnits = LEAST_UNITS;
  /** The parts that are whole, the oldest first; and units of the part that is not, and how many it is to have. */
  readonly #parts: Part[] = [];
  #partUnits = 0;
  #wholeUnits = PART_SHARE * LEAST_UNITS;
  /** Histories that are written anew, after which the oldest part is forgotten; undefined while that is not going on. */
  #old: Logged[] | undefined;
  /** What was read, by key. */
  #read: ReadonlyMap<string, ReadFrames> = new Map();
  /** The highest number of a frame that was read or written. */
  #highest = 0;

  constructor(
    private readonly at: Place,
    private readonly writes: LogWrites,
    private readonly companion: Companion,
  ) {}

  /** Writes down a history from now on; `key` tells it from all others, and what was written of another one by that key is forgotten. */
  open(history: History, key: string): void {
    if (this.#logged.get(history)?.key === key) return;
    this.forget(history);
    const logged = new Logged(key, history, this);
    this.#logged.set(history, logged);
    this.#byKey.set(key, logged);
    history.log = logged;
  }

  /** Ends that: nobody needs the history any more. */
  forget(history: History): void {
    const logged = this.#logged.get(history);
    if (!logged) return;
    this.#logged.delete(history);
    logged.isForgotten = true;
    if (this.#byKey.get(logged.key) === logged) this.#byKey.delete(logged.key);
    history.log = undefined;
  }

  /** Has the next record have something of a history. */
  add(logged: Logged): void {
    // Others have asked for the record already.
    if (this.#changed.length === 0) this.changed();
    this.#changed.push(logged);
  }

  /** Has a record written, though it were for what it has else. */
  changed(): void {
    if (this.#isClosed) return;
    // What was asked for before all of it was forgotten must not come behind that.
    this.writes.writeLast(this, () => (this.#isClosed ? undefined : this.#record()));
  }

  /** Returns the key of a history; 0 where it is not written down. */
  keyOf(history: History): string | 0 {
    return this.#logged.get(history)?.key ?? 0;
  }

  /** Returns the history of a key. */
  historyOf(key: string): History | undefined {
    return this.#byKey.get(key)?.history;
  }

  /** Takes what was read, to be filled into histories, and goes on behind it. */
  goOn({ frames, more, last, units, highest }: ReadRecords): void {
    this.#read = frames;
    this.#last = last;
    this.#units = this.#partUnits = units;
    this.#highest = highest;
    for (const each of more) this.companion.restore(each);
    this.#endPart();
  }

  /** The highest number of a frame that was read or written. */
  get highest(): number {
    return this.#highest;
  }

  /** Fills the histories that are open by what was read. */
  fill(find: FindUser): void {
    for (const logged of this.#logged.values()) {
      const read = this.#read.get(logged.key);
      if (!read) continue;
      const frames = [...read.frames.values()].sort(([a], [b]) => a - b);
      logged.history.restore(
        frames.map((frame) => kept(frame, find)),
        read.gone,
      );
      logged.upTo = logged.history.last;
      logged.isAnew = false;
    }
    this.#read = new Map();
  }

  /** Writes nothing any more. */
  close(): void {
    this.#isClosed = true;
    for (const history of [...this.#logged.keys()]) this.forget(history);
  }

  #record(): Write {
    const number = ++this.#last;
    const isFull = this.writes.units > MOST_WAITING_UNITS;
    const record = new FrameRecord();
    const changed = this.#changed;
    this.#changed = [];
    for (const logged of changed) {
      logged.isChanged = false;
      if (!logged.isForgotten) this.#add(record, logged, isFull);
    }
    if (!isFull) this.#addOld(record);
    const isForgetting = this.#old?.length === 0;
    if (isForgetting) this.#addGone(record);
    const text = record.text(this.companion.take(isForgetting));
    this.#units += text.length;
    this.#partUnits += text.length;
    if (isForgetting) this.#forgetOldest();
    if (this.#partUnits >= this.#wholeUnits) this.#endPart();
    return { kind: "append", at: this.at, log: "frames", number, record: text };
  }

  #add(record: FrameRecord, logged: Logged, isFull: boolean): void {
    const { history, upTo, isAnew } = logged;
    const { last } = history;
    logged.upTo = last;
    logged.isAnew = false;
    if (last > this.#highest) this.#highest = last;
    if (isAnew || isFull) logged.anewAt = this.#last;
    // Without that it is known what is gone, unless it never was written.
    const gone = isFull ? last : isAnew || history.gone > upTo ? history.gone : 0;
    this.#addOf(record, logged, gone, isFull ? undefined : isAnew ? 0 : upTo, isAnew || isFull);
  }

  /** Adds the next of the histories that are written anew. */
  #addOld(record: FrameRecord): void {
    this.#old ??= this.#units > this.#mostUnits ? this.#inOldest() : undefined;
    let units = 0;
    const most = Math.max(REWRITTEN_UNITS, record.units);
    while (this.#old && this.#old.length > 0 && units < most) {
      const logged = this.#old.pop() as Logged;
      if (!this.#logged.has(logged.history)) continue;
      logged.isAnew = true;
      units += logged.history.bytes;
      this.#add(record, logged, false);
    }
  }

  /** Adds what is gone of each history, where what is to be forgotten was to tell. */
  #addGone(record: FrameRecord): void {
    const end = this.#parts[0]?.end ?? 0;
    for (const logged of this.#logged.values()) {
      const { gone } = logged.history;
      if (gone > logged.gone || (gone > 0 && logged.goneAt <= end))
        this.#addOf(record, logged, gone, undefined, false);
    }
  }

  /** Adds what is gone of a history, and its frames with numbers above `after`; none where that is undefined. */
  #addOf(record: FrameRecord, logged: Logged, gone: number, after: number | undefined, isAll: boolean): void {
    if (gone > 0) {
      logged.gone = gone;
      logged.goneAt = this.#last;
    }
    record.add(logged.key, isAll, gone, logged.history, after);
  }

  /** Returns the histories that may have something in the oldest part; undefined where there is no part. */
  #inOldest(): Logged[] | undefined {
    const oldest = this.#parts[0];
    if (!oldest) return undefined;
    return [...this.#logged.values()].filter(({ history, anewAt }) => {
      return anewAt <= oldest.end && history.numberAt(history.placeAfter(0)) <= oldest.highest;
    });
  }

  /** Is part of the next transaction: then all that is needed is committed. */
  #forgetOldest(): void {
    this.#old = undefined;
    const oldest = this.#parts.shift();
    if (!oldest) return;
    this.#units -= oldest.units;
    this.writes.write({ kind: "trim", at: this.at, log: "frames", upTo: oldest.end });
  }

  /** The records up to here are a part. */
  #endPart(): void {
    if (this.#partUnits === 0) return;
    this.#parts.push({ end: this.#last, highest: this.#highest, units: this.#partUnits });
    this.#partUnits = 0;
    let kept = 0;
    for (const { bytes } of this.#logged.keys()) kept += HISTORY_UNITS + bytes;
    this.#mostUnits = Math.max(LEAST_UNITS, MOST_GROWTH * kept);
    this.#wholeUnits = PART_SHARE * Math.max(LEAST_UNITS, kept);
  }
}
