import type { JsonText } from "../ports/event.ts";
import type { KeptRecord, Place, Write } from "../ports/journal_store.ts";
import { type FindUser, FrameRecord, kept, readFrameRecord, type WrittenFrame } from "./frame_record.ts";
import type { History, HistoryLog } from "./history.ts";

/** What a log takes at least before what is needed of it is written anew, UTF-16 units. */
const LEAST_UNITS = 256 * 1024;
/** How many times what it had after that it may take. */
const MOST_GROWTH = 3;
/** What is written anew with one record, UTF-16 units, unless as much is new or one history has more. */
const REWRITTEN_UNITS = 64 * 1024;
/** Units that may wait to be committed, as on a full disk, before frames are left out; then it is written that they are. */
const MOST_WAITING_UNITS = 16 * 1024 * 1024;

/** Where a log is written to. */
export interface LogWrites {
  /** UTF-16 units that are not committed yet. */
  readonly units: number;
  write(write: Write): void;
  /** Adds a change that is made out when it is committed: one of an owner, however often it is asked for. */
  writeLast(owner: object, make: () => Write): void;
}

/** What else a log has. */
export interface Companion {
  /** Returns what has changed, or all of it. */
  take(isAll: boolean): JsonText;
  /** Takes what was written, one record after the other. */
  restore(written: unknown): void;
}

/** A history, as far as it is written down. */
interface Logged {
  readonly key: string;
  readonly history: History;
  /** The number of the last frame that was. */
  upTo: number;
  /** Whether all of it is to be written, in the place of what was before. */
  isAnew: boolean;
}

/** Frames of one history, as they were read, by number. */
interface ReadFrames {
  readonly frames: Map<number, WrittenFrame>;
  gone: number;
}

/**
 * Writes down the frames of an application's histories: one record with each transaction. Where records take several times what is
 * still needed of them, that is written anew, a little with each further record, and then what is older is forgotten.
 */
export class FrameLog implements HistoryLog {
  readonly #logged = new Map<History, Logged>();
  readonly #byKey = new Map<string, Logged>();
  readonly #changed = new Set<Logged>();
  #isClosed = false;
  /** The number of the last record. */
  #last = 0;
  #units = 0;
  /** What may be forgotten when all histories in `#old` are written anew; 0 while that is not going on. */
  #end = 0;
  #old: Logged[] = [];
  /** What was read, by key. */
  readonly #read = new Map<string, ReadFrames>();
  #highest = 0;
  #mostUnits = LEAST_UNITS;

  constructor(
    private readonly at: Place,
    private readonly writes: LogWrites,
    private readonly companion: Companion,
  ) {}

  /** Writes down a history from now on; `key` tells it from all others, and what was written of another one by that key is forgotten. */
  open(history: History, key: string): void {
    if (this.#logged.get(history)?.key === key) return;
    const logged = { key, history, upTo: history.last, isAnew: true };
    this.#logged.set(history, logged);
    this.#byKey.set(key, logged);
    history.log = this;
  }

  /** Ends that: nobody needs the history any more. */
  forget(history: History): void {
    const logged = this.#logged.get(history);
    if (!logged) return;
    this.#logged.delete(history);
    this.#changed.delete(logged);
    if (this.#byKey.get(logged.key) === logged) this.#byKey.delete(logged.key);
    history.log = undefined;
  }

  added(history: History): void {
    const logged = this.#logged.get(history);
    if (!logged) return;
    // Others have asked for the record already.
    if (this.#changed.size === 0) this.changed();
    this.#changed.add(logged);
  }

  rewritten(history: History): void {
    const logged = this.#logged.get(history);
    if (logged) logged.isAnew = true;
    this.added(history);
  }

  /** Has a record written, though it were for what it has else. */
  changed(): void {
    if (!this.#isClosed) this.writes.writeLast(this, () => this.#record());
  }

  /** Returns the key of a history; 0 where it is not written down. */
  keyOf(history: History): string | 0 {
    return this.#logged.get(history)?.key ?? 0;
  }

  /** Returns the history of a key. */
  historyOf(key: string): History | undefined {
    return this.#byKey.get(key)?.history;
  }

  /** Reads what was written, to be filled into histories, and goes on behind it. */
  read(records: readonly KeptRecord[]): void {
    for (const { number, record } of records) {
      const { of, more } = readFrameRecord(record);
      for (const [key, isAll, gone, frames] of of) {
        const read = (isAll ? undefined : this.#read.get(key)) ?? { frames: new Map(), gone: 0 };
        this.#read.set(key, read);
        read.gone = Math.max(read.gone, gone);
        for (const frame of frames) read.frames.set(frame[0], frame);
        this.#highest = Math.max(this.#highest, gone, frames.at(-1)?.[0] ?? 0);
      }
      this.companion.restore(more);
      this.#last = number;
      this.#units += record.length;
    }
  }

  /** The highest number of a frame that was read. */
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
    this.#read.clear();
  }

  /** Writes nothing any more. */
  close(): void {
    this.#isClosed = true;
    for (const history of [...this.#logged.keys()]) this.forget(history);
  }

  #record(): Write {
    const isFull = this.writes.units > MOST_WAITING_UNITS;
    const isBeginning = this.#end === 0 && this.#units > this.#mostUnits && !isFull;
    if (isBeginning) this.#beginAnew();
    const record = new FrameRecord();
    for (const logged of this.#changed) this.#add(record, logged, isFull);
    this.#changed.clear();
    if (!isFull) this.#addOld(record);
    const text = record.text(this.companion.take(isBeginning));
    this.#units += text.length;
    if (this.#end > 0 && this.#old.length === 0) this.#trim();
    return { kind: "append", at: this.at, log: "frames", number: ++this.#last, record: text };
  }

  #add(record: FrameRecord, logged: Logged, isFull: boolean): void {
    const { key, history, upTo, isAnew } = logged;
    logged.upTo = history.last;
    logged.isAnew = false;
    if (isFull) return record.add(key, true, history.last, history, undefined);
    // Without that it is known what is gone, unless it never was written.
    const gone = isAnew || history.gone > upTo ? history.gone : 0;
    record.add(key, isAnew, gone, history, isAnew ? 0 : upTo);
  }

  /** From the next record on all that is needed is written anew. */
  #beginAnew(): void {
    this.#end = this.#last;
    this.#units = 0;
    this.#old = [...this.#logged.values()];
  }

  /** Adds the next of those. */
  #addOld(record: FrameRecord): void {
    let units = 0;
    const most = Math.max(REWRITTEN_UNITS, record.units);
    while (this.#old.length > 0 && units < most) {
      const logged = this.#old.pop() as Logged;
      if (!this.#logged.has(logged.history)) continue;
      logged.isAnew = true;
      units += logged.history.bytes;
      this.#add(record, logged, false);
    }
  }

  /** Is part of the next transaction: then all that is needed is committed. */
  #trim(): void {
    this.writes.write({ kind: "trim", at: this.at, log: "frames", upTo: this.#end });
    this.#end = 0;
    this.#mostUnits = Math.max(LEAST_UNITS, MOST_GROWTH * this.#units);
  }
}
