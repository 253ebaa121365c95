import type { JsonText } from "../../ports/event.ts";
import type { KeptRecord, Write } from "../../ports/journal_store.ts";
import type { KeptEvent, KeptScript, ScriptJournal } from "../../ports/script_journal.ts";
import type { DurablePlace } from "../durable_place.ts";
import { eventRecord, readEventRecord } from "./event_record.ts";

/** What is written of a script: its opening, and up to which number records of events are older than that. */
interface WrittenScript extends Omit<KeptScript, "events"> {
  readonly upTo: number;
}

/** How far the effects of events have been carried out: all up to a number, but for those that are open, of which the first ones. */
interface WrittenDelivery {
  readonly last: number;
  readonly open: readonly (readonly [number: number, effects: number])[];
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
  readonly waitsFor: ReadonlySet<number>;
}

/**
 * The journal of one durable script, as it is written. Records have numbers of their own, in the order in which the events were
 * answered. One whose effects are not all carried out is kept until they are, whatever snapshot was taken meanwhile.
 */
export class StoredJournal implements ScriptJournal {
  #kept: KeptScript | undefined;
  /** Of records, by the number of their event. */
  readonly #numbers: Map<number, number>;
  #last: number;
  /** Numbers of the records whose effects are not all carried out, with how many are; in order. */
  readonly #open = new Map<number, number>();
  #delivered = 0;
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
    this.#numbers = new Map(read?.numbers);
    this.#last = read?.last ?? 0;
    for (const { event, effects } of read?.open ?? []) {
      const number = this.#numbers.get(event.seq) ?? 0;
      if (effects < ALL_EFFECTS) this.#open.set(number, effects);
    }
    this.#delivered = read && read.open.length === 0 ? this.#last : deliveredOf(read, this.#numbers);
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
    const first = events[0] && this.#numbers.get(events[0].seq);
    const upTo = isKnown && first !== undefined ? first - 1 : this.#last;
    const waitsFor = new Set([...this.#open.keys()].filter((number) => number <= upTo));
    if (isKnown && waitsFor.size > 0) {
      this.#held = { script: { ...script, upTo }, waitsFor };
      return;
    }
    this.#write({ ...script, upTo });
    if (!isKnown) for (const event of events) this.#rewrite(event);
  }

  add(event: KeptEvent, settled: (isSaved: boolean) => void): void {
    // It was handled before the server ended, and is handled again for its effects.
    if (this.#numbers.has(event.seq)) return this.place.application.after(settled);
    const number = ++this.#last;
    this.#numbers.set(event.seq, number);
    this.#open.set(number, 0);
    this.place.enter("events", number, eventRecord(event), (isSaved) => {
      if (!isSaved) this.#forget(event.seq, number);
      settled(isSaved);
    });
  }

  remove(seq: number): void {
    const number = this.#numbers.get(seq);
    if (number === undefined) return;
    this.#forget(seq, number);
    // What is written again takes the place of what was before.
    this.place.append("events", number, "null");
  }

  delivered(seq: number, effects?: number): void {
    const number = this.#numbers.get(seq);
    if (number === undefined || !this.#open.has(number)) return;
    if (effects === undefined) this.#open.delete(number);
    else this.#open.set(number, effects);
    if (effects === undefined) this.#delivered = Math.max(this.#delivered, number);
    this.#writeDelivery();
    if (this.#held) this.#letGo(this.#held);
  }

  #writeDelivery(): void {
    if (this.#isDeliveryDue) return;
    this.#isDeliveryDue = true;
    this.place.application.writeLast(this, this.#putDelivery);
  }

  #delivery(): JsonText {
    this.#isDeliveryDue = false;
    let open = "";
    for (const [number, effects] of this.#open) {
      // What is open and begun nowhere needs no word behind the last one.
      if (number >= this.#delivered && effects === 0) continue;
      open += `${open && ","}[${number},${effects}]`;
    }
    return `{"last":${this.#delivered},"open":[${open}]}`;
  }

  #write(script: WrittenScript): void {
    this.#held = undefined;
    this.#hash = script.opening.hash;
    const { version, hash } = script.opening;
    this.place.put("script", "", JSON.stringify({ version, hash, ...script }));
    this.place.trim("events", script.upTo);
    for (const [seq, number] of this.#numbers) if (number <= script.upTo) this.#numbers.delete(seq);
  }

  /** Writes a script's new beginning once nothing from before it is open. */
  #letGo({ script, waitsFor }: HeldBegin): void {
    for (const number of waitsFor) if (this.#open.has(number)) return;
    this.#write(script);
  }

  /** Notes an event that was handled, and whose effects were carried out, before what is kept now. */
  #rewrite(event: KeptEvent): void {
    const number = ++this.#last;
    const known = this.#numbers.get(event.seq);
    const effects = known === undefined ? undefined : this.#open.get(known);
    this.#numbers.set(event.seq, number);
    if (known !== undefined) this.#open.delete(known);
    if (effects === undefined) this.#delivered = number;
    else this.#open.set(number, effects);
    this.place.append("events", number, eventRecord(event));
    this.#writeDelivery();
  }

  #forget(seq: number, number: number): void {
    this.#numbers.delete(seq);
    this.#open.delete(number);
    if (this.#held) this.#letGo(this.#held);
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

/** Returns the highest number of an event all of whose effects were carried out. */
function deliveredOf(read: ReadJournal | undefined, numbers: ReadonlyMap<number, number>): number {
  if (!read) return 0;
  const first = numbers.get(read.open[0]?.event.seq ?? 0) ?? 0;
  const done = read.open.filter(({ effects }) => effects === ALL_EFFECTS);
  return Math.max(first - 1, ...done.map(({ event }) => numbers.get(event.seq) ?? 0));
}
