import type { JsonText } from "../../../core/ports/event.ts";
import type { Call } from "../sandbox/call.ts";
import { JournalEntries, type JournalEntry } from "./journal_entries.ts";
import type { HeldBytes } from "./application_scripts.ts";

/** Any of these makes a snapshot worth its price: events, UTF-16 units of their text, ms that a replay takes. */
const EVENTS = 1000;
const TEXT = 256 * 1024;
const REPLAY = 250;
/**
 * What a snapshot takes of CPU time, ms: about 0.1 a KB in the engine, and the rest of the way in both processes. It may
 * be a thirtieth of what the events took.
 */
const MS_PER_UNIT = 0.1 / 1024;
const MS = 0.05;
const SHARE = 30;
/** UTF-16 units from which on a journal is worth shortening where memory is short. */
const BULKY = 8 * 1024;
/** From here on a snapshot is due whatever it costs. */
const MOST_EVENTS = 16_000;
const MOST_TEXT = 8 * 1024 * 1024;

/**
 * What brings a script back: the call that opens it, with the last snapshot, and the events answered since. It grows by
 * every event until a snapshot starts it again.
 */
export class Journal {
  readonly #entries = new JournalEntries();
  #text = 0;
  #cost = 0;
  /** Raised by snapshots that fail. */
  #patience = 1;
  #incomplete: string | undefined;
  /** Events since it became incomplete. */
  #missed = 0;
  /** How many entries a replay has come through. */
  #replayed = 0;
  #hasDiverged = false;

  constructor(
    public opening: Call,
    private readonly holding: HeldBytes,
    /** UTF-16 units of the snapshot in it. */
    private snapshot = 0,
  ) {}

  /** Why it can't bring the script back, where that is so. */
  get incomplete(): string | undefined {
    return this.#incomplete;
  }

  /** What the events in it took, ms. */
  get cost(): number {
    return this.#cost;
  }

  /**
   * The verdict on a call that was proven to take sandboxes down while it brought the script back. One that another
   * version answered is left out of replays, and nothing is told.
   */
  convicted(): string | undefined {
    const culprit = this.#calls().find((call) => call.isSuspect && call.suspicion.verdict !== undefined);
    return culprit && !this.#leaveOut(culprit) ? culprit.suspicion.verdict : undefined;
  }

  /** Whether a call in it is suspected of using up a sandbox's memory. */
  get isSuspect(): boolean {
    return this.#calls().some((call) => call.isSuspect && call.suspicion.solo);
  }

  /** Whether a replay has come to the end. */
  get isReplayed(): boolean {
    return this.#replayed >= this.#entries.length;
  }

  /** Whether another version answered what is in it: nobody knows yet what it leads to in this one. */
  get isForeign(): boolean {
    return this.#entries.unfolded.some(({ status }) => status === undefined);
  }

  /** The events answered since the snapshot. */
  get entries(): readonly JournalEntry[] {
    return this.#entries.all();
  }

  /** A replay of the entries starts. */
  replay(): readonly JournalEntry[] {
    this.#replayed = 0;
    this.#hasDiverged = false;
    return this.#entries.all();
  }

  /** Adds an event that another version answered. */
  addForeign(call: Call): void {
    this.#entries.add(call);
    this.#text += call.weight;
    this.#hold();
  }

  /** The next entry of the replay came to `status`; tells of the first in a replay that comes to something else than before. */
  replayed({ seq }: Call, status: number): string | undefined {
    const before = this.#entries.all()[this.#replayed++]?.status;
    if (before === undefined || status === before || this.#hasDiverged) return undefined;
    this.#hasDiverged = true;
    return `Event ${seq} came to status ${status} in a replay, and to ${before} before.`;
  }

  /** Adds an answered event; `cost` is the ms it took. */
  add(call: Call, status: number, cost: number): void {
    if (this.#incomplete !== undefined) {
      this.#missed++;
      return;
    }
    this.#entries.add(call, status);
    this.#text += call.weight;
    this.#cost += cost;
    this.#hold();
  }

  /** About how many UTF-16 units it holds. */
  get weight(): number {
    return this.#text + this.snapshot;
  }

  /** Whether a snapshot would make it smaller, and it is no small one: for an application that holds much. */
  get isBulky(): boolean {
    return this.#text >= BULKY * this.#patience;
  }

  /**
   * Whether a snapshot is due: worth its price, and within a few percent of the script's CPU time. `isSlow` makes it worth
   * that at any length.
   */
  isDue(isSlow: boolean): boolean {
    if (this.#incomplete !== undefined) return this.#missed >= EVENTS * this.#patience;
    const events = this.#entries.length / this.#patience;
    const text = this.#text / this.#patience;
    if (events >= MOST_EVENTS || text >= MOST_TEXT) return true;
    const cost = this.#cost / this.#patience;
    const isWorth = isSlow || events >= EVENTS || text >= TEXT || cost >= REPLAY;
    return isWorth && cost >= SHARE * (MS + MS_PER_UNIT * this.snapshot);
  }

  /** A snapshot was taken: `opening` has it, and what was before it is forgotten. */
  restart(opening: Call, snapshot: JsonText = requestOf(opening)): void {
    this.opening = opening;
    this.snapshot = snapshot.length;
    this.#entries.clear();
    this.#text = this.#cost = 0;
    this.#patience = 1;
    this.#incomplete = undefined;
    this.#hold();
  }

  /** A snapshot failed: the next is due when there is twice as much; memory ends before patience does, at once where it `isFull`. */
  postpone(reason: string, isFull = false): void {
    this.#patience *= 2;
    this.#missed = 0;
    if (!isFull && this.#entries.length < MOST_EVENTS && this.#text < MOST_TEXT) return;
    this.#entries.clear();
    this.#text = this.#cost = 0;
    this.#incomplete = reason;
    this.#hold();
  }

  /** Nobody comes back by it any more. */
  end(): void {
    this.holding.set(0);
  }

  #hold(): void {
    this.holding.set(this.weight, this.#cost);
  }

  #leaveOut(culprit: Call): boolean {
    return this.#entries.leaveOut(({ call, status }) => call === culprit && status === undefined);
  }

  /** Those that anything may be held against. */
  #calls(): Call[] {
    return [this.opening, ...this.#entries.unfolded.map(({ call }) => call)];
  }
}

function requestOf({ task }: Call): JsonText {
  return task.kind === "open" ? task.request : "";
}
