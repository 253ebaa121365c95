import type { JsonText } from "../../../core/ports/event.ts";
import { Status } from "../../wire/answer/answer.ts";
import type { Task } from "../../wire/batch/task.ts";
import type { Call } from "../sandbox/call.ts";
import type { Opening } from "./opening.ts";
import type { HeldBytes } from "./application_scripts.ts";
import { JournalEntries, type JournalEntry } from "./journal_entries.ts";

/** Each of these makes a snapshot worth its price: events, their text in UTF-16 units, the CPU time of a replay in ms. */
const WORTHWHILE_EVENTS = 1000;
const WORTHWHILE_UNITS = 256 * 1024;
const WORTHWHILE_REPLAY_MS = 250;
/** CPU time that a snapshot takes, ms: for each UTF-16 unit of it in the engine, and for the rest of the way in both processes. */
export const SNAPSHOT_MS_PER_UNIT = 0.1 / 1024;
const SNAPSHOT_MS = 0.05;
/** CPU time that it takes to open a script in another sandbox beside reading its state, ms (docs/decisions/0014-no-trace.md). */
const OPENING_MS = 5;
/** How many times as much CPU time the events must have taken as a snapshot takes. */
export const EVENTS_PER_SNAPSHOT_TIME = 30;
/** Text of a journal from which on it is worth shortening where memory is short, UTF-16 units. */
const BULKY_UNITS = 8 * 1024;
/** Events, and their text in UTF-16 units, from which on a snapshot is due whatever it costs. */
const MOST_JOURNAL_EVENTS = 16_000;
const MOST_JOURNAL_UNITS = 8 * 1024 * 1024;

/** Share of them that is left to what clients ask for where no snapshot can be taken. */
const SHORT_SHARE = 0.75;

/** Events by which somebody has come in. */
const admissions = new Set<Task["kind"]>(["join", "watch", "login", "create"]);

/**
 * What brings a script back: the call that opens it, with the last snapshot, and the events answered since. It grows by
 * every event until a snapshot starts it again (docs/decisions/0005-a-few-at-a-time.md).
 */
export class Journal {
  readonly #entries = new JournalEntries();
  #units = 0;
  #cost = 0;
  /** By how much more the journal must grow before a snapshot is due; raised by snapshots that fail. */
  #growthFactor = 1;
  #incomplete: string | undefined;
  /** Events since it became incomplete. */
  #missed = 0;
  /** How many pieces of the opening, and then entries, a replay has come through. */
  #replayed = 0;
  #hasDiverged = false;
  /** How often it has become another one than by what was added: by a snapshot, or by what is left out. */
  #revision = 0;

  /** `snapshotUnits` are the UTF-16 units of the snapshot in `opening`. */
  constructor(
    public opening: Opening,
    private readonly held: HeldBytes,
    private snapshotUnits = 0,
  ) {}

  /** Why it can't bring the script back; undefined if it can. */
  get incomplete(): string | undefined {
    return this.#incomplete;
  }

  /** CPU time that its events took, ms. */
  get cost(): number {
    return this.#cost;
  }

  /** About how many UTF-16 units it holds. */
  get weight(): number {
    return this.#units + this.snapshotUnits;
  }

  /** Whether a call in it is suspected of using up the memory of a sandbox. */
  get needsOwnSandbox(): boolean {
    return this.#calls().some((call) => call.suspicion?.ownSandbox === true);
  }

  /** Whether a replay has come to the end. */
  get isReplayed(): boolean {
    return this.#replayed >= this.opening.pieces.length + this.#entries.length;
  }

  /** Whether another version answered events in it: what they lead to in this one is not known before they have run. */
  get isForeign(): boolean {
    return this.#entries.unfolded.some(({ status }) => status === undefined);
  }

  /** Whether the script is opened with what its `state` makes: there is no snapshot yet. */
  get isFirst(): boolean {
    return this.snapshotUnits === 0;
  }

  /** Changes whenever it has become another one, but for what was added. */
  get revision(): number {
    return this.#revision;
  }

  /** The events answered since the snapshot. */
  get entries(): readonly JournalEntry[] {
    return this.#entries.all();
  }

  /** Whether nothing was answered since the snapshot. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Whether nothing speaks against a snapshot now: none has failed since the last one, and nothing were lost if this one did. */
  get mayBeShortened(): boolean {
    return this.#incomplete === undefined && this.#growthFactor === 1 && this.isShort(true);
  }

  /** Whether a snapshot would make it much smaller: for an application that may not hold much more. */
  get isBulky(): boolean {
    return this.#units >= BULKY_UNITS * this.#growthFactor;
  }

  /** Whether a replay takes longer than a snapshot, which would spare the next one so much; false where snapshots fail. */
  get isLongToReplay(): boolean {
    return this.#growthFactor === 1 && this.#cost >= this.#snapshotMs;
  }

  /** Starts a replay, and returns what it runs once the script is open: who was there at the snapshot, then the entries. */
  replay(): readonly JournalEntry[] {
    this.#hold();
    this.#replayed = 0;
    this.#hasDiverged = false;
    // As if another version had answered them: then a failure comes with its reason.
    return [...this.opening.pieces.map((call) => ({ call })), ...this.#entries.all()];
  }

  /**
   * Notes that the next entry of the replay came to `status`. Returns a message for the log if that is not what it came to
   * before, once for each replay.
   */
  replayed({ seq }: Call, status: number): string | undefined {
    const isUndone = this.isUndone(status);
    const before = this.#nextEntry?.status;
    this.#replayed++;
    const hasDiverged = isUndone || (before !== undefined && status !== before);
    if (!hasDiverged || this.#hasDiverged) return undefined;
    this.#hasDiverged = true;
    const expected = isUndone ? `${Status.ok} in the version that was left` : `${before} before`;
    return `Event ${seq} came to status ${status} in a replay, and to ${expected}.`;
  }

  /**
   * Returns true if the next entry of the replay, which has come to `status`, was done by another version and is not by this
   * one: a message, or request, is not answered as it was, or a handler fails. Who has come in is in, whatever the handler says now.
   */
  isUndone(status: number): boolean {
    const entry = this.#nextEntry;
    if (entry?.foreignStatus !== Status.ok || status === Status.ok) return false;
    const { kind } = entry.call.task;
    return (
      kind === "message" || kind === "request" || (status === Status.handler_failed && !admissions.has(kind))
    );
  }

  /** Adds an answered event, which took `cost` ms of CPU time. */
  add(call: Call, status: number, cost: number): void {
    if (this.#incomplete !== undefined) {
      this.#missed++;
      return;
    }
    this.#entries.add(call, status);
    this.#units += call.weight;
    this.#cost += cost;
    this.#hold();
  }

  /** Adds an event that another version answered, which came to `status` there. */
  addForeign(call: Call, status: number): void {
    this.#entries.addForeign(call, status);
    this.#units += call.weight;
    this.#hold();
  }

  /**
   * Returns the verdict on a call that was proven to take sandboxes down while it brought the script back; undefined if there
   * is none. If `mayLeaveOut` is true, a guilty call that another version answered is left out of replays instead.
   */
  convicted(mayLeaveOut: boolean): string | undefined {
    const culprit = this.#calls().find((call) => call.suspicion?.verdict !== undefined);
    return culprit && !(mayLeaveOut && this.#leaveOut(culprit)) ? culprit.suspicion?.verdict : undefined;
  }

  /**
   * Returns true if a snapshot is due: if it is worth its price, and takes a few percent of the script's CPU time at most.
   * `isSlowToReplay` makes it worth its price at any length.
   */
  isDue(isSlowToReplay: boolean): boolean {
    const factor = this.#growthFactor;
    if (this.#incomplete !== undefined) return this.#missed >= WORTHWHILE_EVENTS * factor;
    const events = this.#entries.length / factor;
    const units = this.#units / factor;
    if (events >= MOST_JOURNAL_EVENTS || units >= MOST_JOURNAL_UNITS) return true;
    const cost = this.#cost / factor;
    const isWorthwhile =
      isSlowToReplay ||
      events >= WORTHWHILE_EVENTS ||
      units >= WORTHWHILE_UNITS ||
      cost >= WORTHWHILE_REPLAY_MS;
    return isWorthwhile && cost >= EVENTS_PER_SNAPSHOT_TIME * this.#snapshotMs;
  }

  /**
   * Returns true if the state may have passed `limit`, its most bytes, by what the events brought since the snapshot: a quarter of that
   * is worth a look.
   */
  mayPass(limit: number): boolean {
    return this.#units >= (limit / 4) * this.#growthFactor && this.weight > limit;
  }

  /** Returns true if it is short enough for a script without snapshots; `isLast` says that no more is to come. */
  isShort(isLast: boolean): boolean {
    const share = isLast ? 1 : SHORT_SHARE;
    return this.#entries.length < MOST_JOURNAL_EVENTS * share && this.#units < MOST_JOURNAL_UNITS * share;
  }

  /** Starts again from `opening`, which has a snapshot: what was before it is forgotten. */
  restart(opening: Opening, snapshot: JsonText = opening.request): void {
    this.#revision++;
    this.opening = opening;
    this.snapshotUnits = snapshot.length + opening.directoryUnits;
    this.#entries.clear();
    this.#units = this.#cost = 0;
    this.#growthFactor = 1;
    this.#incomplete = undefined;
    this.#hold();
  }

  /** Goes on without the snapshot that was due: the next one is when there is twice as much. */
  grow(): void {
    this.#growthFactor *= 2;
    this.#missed = 0;
  }

  /** Notes that no snapshot can be taken. Where the journal is too long to go on without, it is incomplete from now on. */
  postpone(reason: string): void {
    this.grow();
    if (this.#entries.length < MOST_JOURNAL_EVENTS && this.#units < MOST_JOURNAL_UNITS) return;
    this.#entries.clear();
    this.#units = this.#cost = 0;
    this.#incomplete = reason;
    this.#hold();
  }

  /** Gives back what is counted for it: the script has closed. */
  end(): void {
    this.held.set(0);
  }

  /** The entry that the replay comes to next; undefined while it still tells who was there. */
  get #nextEntry(): JournalEntry | undefined {
    return this.#entries.all()[this.#replayed - this.opening.pieces.length];
  }

  /** CPU time that its snapshot takes to read in a sandbox, and to make one for it, ms. */
  get openingMs(): number {
    return OPENING_MS + this.#snapshotMs;
  }

  /** CPU time that the next snapshot takes, ms, as far as the last one tells. */
  get #snapshotMs(): number {
    return SNAPSHOT_MS + SNAPSHOT_MS_PER_UNIT * this.snapshotUnits;
  }

  #hold(): void {
    this.held.set(this.weight, this.#cost);
  }

  #leaveOut(culprit: Call): boolean {
    const isLeftOut = this.#entries.leaveOut(culprit);
    if (isLeftOut) this.#revision++;
    return isLeftOut;
  }

  /** The calls that anything may be held against. */
  #calls(): Call[] {
    return [...this.opening.calls, ...this.#entries.unfolded.map(({ call }) => call)];
  }
}
