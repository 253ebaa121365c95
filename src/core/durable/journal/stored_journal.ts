import type { JsonText } from "../../ports/event.ts";
import type { KeptRecord, Write } from "../../ports/journal_store.ts";
import type { KeptEvent, KeptScript, ScriptJournal, Unsaved } from "../../ports/script_journal.ts";
import type { DurablePlace } from "../durable_place.ts";
import { eventRecord, readEventRecord } from "./event_record.ts";
import { OpenRecords, type WrittenDelivery } from "./open_records.ts";
import { RecordNumbers } from "./record_numbers.ts";

/** What is written of a script: its opening, and up to which number records of events are older than that. */
interface WrittenScript extends Omit<KeptScript, "events"> {
  readonly upTo: number;
}

/** A handled event of which not all effects were carried out before the server ended. */
export interface OpenEvent {
  readonly event: KeptEvent;
  /** How many were. */
  readonly effects: number;
}

/** What was written of a script, to go on with. */
export interface ReadJournal {
  readonly kept?: KeptScript;
  /** Events to be dispatched again, in order. */
  readonly open: readonly OpenEvent[];
  /** Number of each record, by the number of its event; and the last one. */
  readonly numbers: ReadonlyMap<number, number>;
  readonly last: number;
}

/** Effects of an event all of which were carried out. */
const ALL_EFFECTS = Number.MAX_SAFE_INTEGER;

/** A script that was begun again while events from before it are open. */
interface HeldBegin {
  readonly script: WrittenScript;
  readonly waitsFor: readonly number[];
}

/**
 * The journal of one durable script, as it is written. Records have numbers of their own, in the order in which the events were
 * answered. One whose effects are not all carried out is kept until they are, whatever snapshot was taken meanwhile.
 */
export class StoredJournal implements ScriptJournal {
  #kept: KeptScript | undefined;
  readonly #numbers: RecordNumbers;
  #last: number;
  readonly #open: OpenRecords;
  /** Whether that is written with the next transaction. */
  #isDeliveryDue = false;
  readonly #putDelivery: () => Write | undefined;
  #held: HeldBegin | undefined;
  /** Content hash of the version that opens the script. */
  #hash: string | undefined;

  /** `keepVersion` is told of each version that the script is opened in. */
  constructor(
    private readonly place: DurablePlace,
    private readonly keepVersion: (name: string) => void,
    read?: ReadJournal,
  ) {
    this.#putDelivery = place.lastPut("delivered", "", () => this.#delivery());
    this.#kept = read?.kept;
    this.#hash = read?.kept?.opening.hash;
    this.#numbers = new RecordNumbers(read?.numbers);
    this.#last = read?.last ?? 0;
    const open = read?.open.filter(({ effects }) => effects < ALL_EFFECTS) ?? [];
    this.#open = new OpenRecords(
      this.#last,
      open.map(({ event, effects }) => [this.#numbers.of(event.seq) ?? 0, effects]),
    );
  }

  get kept(): KeptScript | undefined {
    return this.#kept;
  }

  /** Content hashes of the versions that are needed to bring the script back. */
  get hashes(): readonly string[] {
    const all = [this.#hash, this.#held?.script.opening.hash];
    return all.filter((hash) => hash !== undefined);
  }

  get problem(): string | undefined {
    return this.place.application.problem;
  }

  /** Lets go of what the script came back by. */
  opened(): void {
    this.#kept = undefined;
  }

  begin({ events, ...script }: KeptScript): void {
    this.keepVersion(script.opening.version);
    const isKnown = events.every(({ seq }) => this.#numbers.has(seq));
    const first = events[0] && this.#numbers.of(events[0].seq);
    const upTo = isKnown && first !== undefined ? first - 1 : this.#last;
    const waitsFor = isKnown ? this.#open.upTo(upTo) : [];
    if (waitsFor.length > 0) {
      this.#held = { script: { ...script, upTo }, waitsFor };
      return;
    }
    this.#write({ ...script, upTo });
    if (!isKnown) for (const event of events) this.#rewrite(event);
  }

  add(event: KeptEvent, unsaved: Unsaved): void {
    // It was handled before the server ended, and is handled again for its effects.
    if (this.#numbers.has(event.seq)) return this.place.application.after(unsaved);
    const number = ++this.#last;
    this.#numbers.set(event.seq, number);
    this.#open.add(number);
    this.place.enter("events", number, eventRecord(event), new AddedEvent(this, event.seq, number, unsaved));
  }

  /** Takes back an event that could not be saved. */
  unsaved(seq: number, number: number): void {
    this.#forget(seq, number);
  }

  remove(seq: number): void {
    const number = this.#numbers.of(seq);
    if (number === undefined) return;
    this.#forget(seq, number);
    // What is written again takes the place of what was before.
    this.place.append("events", number, "null");
  }

  delivered(seq: number, effects?: number): void {
    const number = this.#numbers.of(seq);
    if (number === undefined || !this.#open.has(number)) return;
    if (effects === undefined) this.#open.delete(number);
    else this.#open.begin(number, effects);
    this.#writeDelivery();
    if (this.#held) this.#letGo(this.#held);
  }

  #writeDelivery(): void {
    if (this.#isDeliveryDue) return;
    this.#isDeliveryDue = true;
    this.place.application.writeDue(this.#putDelivery);
  }

  #delivery(): JsonText {
    this.#isDeliveryDue = false;
    return this.#open.text();
  }

  #write(script: WrittenScript): void {
    this.#held = undefined;
    this.#hash = script.opening.hash;
    const { version, hash } = script.opening;
    this.place.put("script", "", JSON.stringify({ version, hash, ...script }));
    this.place.trim("events", script.upTo);
    this.#numbers.dropUpTo(script.upTo);
  }

  /** Writes a script's new beginning once nothing from before it is open. */
  #letGo({ script, waitsFor }: HeldBegin): void {
    for (const number of waitsFor) if (this.#open.has(number)) return;
    this.#write(script);
  }

  /** Notes an event that was handled, and whose effects were carried out, before what is kept now. */
  #rewrite(event: KeptEvent): void {
    const number = ++this.#last;
    const known = this.#numbers.of(event.seq);
    const effects = known === undefined ? undefined : this.#open.effectsOf(known);
    this.#numbers.set(event.seq, number);
    if (known !== undefined) this.#open.delete(known);
    this.#open.add(number);
    if (effects === undefined) this.#open.delete(number);
    else this.#open.begin(number, effects);
    this.place.append("events", number, eventRecord(event));
    this.#writeDelivery();
  }

  #forget(seq: number, number: number): void {
    this.#numbers.delete(seq);
    this.#open.delete(number);
    if (this.#held) this.#letGo(this.#held);
  }
}

/** An event that is not saved yet: where it can't be, its journal hears of it before all others. */
class AddedEvent implements Unsaved {
  constructor(
    private readonly journal: StoredJournal,
    private readonly seq: number,
    private readonly number: number,
    private readonly unsaved: Unsaved,
  ) {}

  settled(isSaved: boolean): void {
    if (!isSaved) this.journal.unsaved(this.seq, this.number);
    this.unsaved.settled(isSaved);
  }
}

/** Returns the version that opens a script which was written; undefined where there is none. */
export function versionOf(script: JsonText | undefined): { version: string; hash: string } | undefined {
  // The text may be long, and begins with it.
  const [, version, hash] = script?.match(/^\{"version":"([^"]*)","hash":"([^"]*)"/) ?? [];
  return version !== undefined && hash !== undefined ? { version, hash } : undefined;
}

/** Returns what was written of a script: `script` and `delivered` are items, `records` its events. */
export function readJournal(
  script: JsonText | undefined,
  delivered: JsonText | undefined,
  records: readonly KeptRecord[],
): ReadJournal {
  const written: WrittenScript | undefined = script === undefined ? undefined : JSON.parse(script);
  const { last: mark, open }: WrittenDelivery = JSON.parse(delivered ?? '{"last":0,"open":[]}');
  const effectsOf = new Map(open);
  const events: KeptEvent[] = [];
  const rest: OpenEvent[] = [];
  const numbers = new Map<number, number>();
  let last = Math.max(written?.upTo ?? 0, mark);
  let lastSeq = written?.lastSeq ?? 0;
  for (const { number, record } of records) {
    last = Math.max(last, number);
    if (number <= (written?.upTo ?? 0) || record === "null") continue;
    const event = readEventRecord(record);
    numbers.set(event.seq, number);
    lastSeq = Math.max(lastSeq, event.seq);
    const effects = effectsOf.get(number) ?? (number <= mark ? ALL_EFFECTS : 0);
    if (effects === ALL_EFFECTS && rest.length === 0) events.push(event);
    else rest.push({ event, effects });
  }
  const kept = written && { seed: written.seed, opening: written.opening, lastSeq, events };
  return { ...(kept && { kept }), open: rest, numbers, last };
}
