import type { Clock } from "../ports/clock.ts";
import type { JsonText } from "../ports/event.ts";
import type { ItemKind, LogKind, Place, Write } from "../ports/journal_store.ts";
import type { Unsaved } from "../ports/script_journal.ts";

/** What the places of one application are written by. */
export interface PlaceWriter {
  readonly clock: Clock;
  /** Whether nothing is written any more. */
  readonly isStopped: boolean;
  /** Why nothing can be saved at the moment; undefined where it can. */
  readonly problem: string | undefined;
  /** Adds a change that follows from what is carried out already. */
  write(write: Write): void;
  /** Adds a change that is made out when it is committed: one of an owner, however often it is asked for. */
  writeLast(owner: object, make: () => Write | undefined): void;
  /** The same of an owner that does not ask again before it is made out. */
  writeDue(make: () => Write | undefined): void;
  /** Adds a change that does not happen where it can't be saved now; `unsaved` hears whether it is. */
  enter(write: Write, unsaved: Unsaved): void;
  /** Calls back, in the order of the calls, when all that was written before is committed, or with false where it can't be. */
  after(unsaved: Unsaved): void;
}

/** What is written of one place: of an application itself, or of one of its rooms. */
export class DurablePlace {
  #isForgotten = false;

  constructor(
    readonly application: PlaceWriter,
    readonly at: Place,
  ) {}

  put(item: ItemKind, key: string, value: JsonText): void {
    this.#write({ kind: "put", at: this.at, item, key, value });
  }

  /**
   * Puts an item as it is when the next transaction is committed, once for an owner however often it is asked for; not where it is
   * undefined by then.
   */
  putLast(owner: object, item: ItemKind, key: string, value: () => JsonText | undefined): void {
    this.application.writeLast(owner, this.lastPut(item, key, value));
  }

  /** Returns what puts an item as it is by then: made once where it is asked for with each event. */
  lastPut(item: ItemKind, key: string, value: () => JsonText | undefined): () => Write | undefined {
    return () => {
      const text = this.#isForgotten ? undefined : value();
      return text === undefined ? undefined : { kind: "put", at: this.at, item, key, value: text };
    };
  }

  delete(item: ItemKind, key: string): void {
    this.#write({ kind: "delete", at: this.at, item, key });
  }

  append(log: LogKind, number: number, record: JsonText): void {
    this.#write({ kind: "append", at: this.at, log, number, record });
  }

  /** Appends what does not happen where it can't be saved; `unsaved` hears whether it is. */
  enter(log: LogKind, number: number, record: JsonText, unsaved: Unsaved): void {
    if (this.#isForgotten) return this.application.after(unsaved);
    this.application.enter({ kind: "append", at: this.at, log, number, record }, unsaved);
  }

  trim(log: LogKind, upTo: number): void {
    this.#write({ kind: "trim", at: this.at, log, upTo });
  }

  cut(log: LogKind, from: number): void {
    this.#write({ kind: "cut", at: this.at, log, from });
  }

  /** Forgets what something else of that name has left. */
  clear(): void {
    this.#write({ kind: "forget", at: this.at });
  }

  /** Writes nothing more, and leaves what is kept as it is. */
  leave(): void {
    this.#isForgotten = true;
  }

  /** Forgets all of it, with its rooms where it is an application's; nothing more of it is written. */
  forget(): void {
    if (this.#isForgotten) return;
    this.#isForgotten = true;
    this.application.write({ kind: "forget", at: this.at });
  }

  #write(write: Write): void {
    if (!this.#isForgotten) this.application.write(write);
  }
}
