import type { Clock } from "../../../core/ports/clock.ts";
import { Queue } from "../../../core/queue.ts";
import { Status } from "../../wire/answer/answer.ts";
import type { Task } from "../../wire/batch/task.ts";
import type { Journal } from "../recovery/journal.ts";
import type { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { PostedResult, SlotSandbox } from "../sandbox/slot.ts";
import { Held, type Holder } from "./held.ts";
import { keptCallOf, type KeptJournal } from "./kept_journal.ts";
import type { ReadyGate, SavedAnswers } from "./saved_answers.ts";

/** Events of one script that its sandbox has, or whose answers wait to be saved, at one time. */
export const MOST_UNSAVED = 256;
/** While nothing can be saved it is looked after so long whether it can again, ms. */
const LOOK_MS = 250;
/** Time that carrying one answer out is expected to take, ms. */
const EXPECTED_MS = 0.02;

/** An answer; one behind which nothing is of use before it is through; and what is to be done whatever becomes of the sandbox. */
const PLAIN = { isBarrier: false, isOfSandbox: true };
const BARRIER = { isBarrier: true, isOfSandbox: true };
const AFTER = { isBarrier: true, isOfSandbox: false };

/** Events that somebody makes anew, or that nobody misses; what others tell has happened, and waits until it can be saved. */
const refusable: ReadonlySet<Task["kind"]> = new Set([
  "message",
  "login",
  "create",
  "join",
  "watch",
  "request",
  "edit",
  "tick",
]);

/** The life of a script as its gate sees it. */
export interface GateOwner {
  /** Whether each answer may lead to another version. */
  readonly isOnTrial: boolean;
  /** Returns true if the script goes on elsewhere because of an answer, which then is none. */
  decides(result: PostedResult): boolean;
  /** Notes an answer, which is saved, and carries it out. */
  note(result: PostedResult): void;
  /** Brings the script to the state before its oldest event, which could not be saved. */
  notSaved(): void;
  /** Looks again what is to be done next. */
  goOn(): void;
}

/**
 * Holds what a durable script has answered until that is saved: nothing of it is carried out before. They come through in their
 * order; of one that can't be saved, and of all behind it, nothing has happened.
 */
export class Gate implements ReadyGate, Holder {
  readonly #held = new Queue<Held>();
  /** How many are being saved. */
  #saving = 0;
  /** Whether one is held behind which nothing is saved yet. */
  #isBarred = false;
  /** Whether it waits for its application's turn. */
  #isQueued = false;
  /** Whether it is looked what is ready once all answers of a commit are told. */
  #isLookDue = false;
  /** What is left to do for the last answer that came through. */
  #rest: (() => void) | undefined;
  #last: PostedResult | undefined;
  #cancelLook: (() => void) | undefined;

  constructor(
    private readonly owner: GateOwner,
    private readonly journal: KeptJournal,
    private readonly saved: SavedAnswers,
    private readonly clock: Clock,
  ) {}

  /** Whether nothing is held. */
  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /** Whether the script's events can't be saved at the moment: it is not to have any. */
  get isShut(): boolean {
    return this.journal.problem !== undefined;
  }

  /** Returns true if an event is not taken while it can't be saved. */
  static refuses(task: Task): boolean {
    return refusable.has(task.kind) || (task.kind === "emit" && task.reply === true);
  }

  /** Returns true if the script must wait with its events; then it is told to go on once they can be saved. */
  mustWait(): boolean {
    if (!this.isShut) return false;
    this.#cancelLook ??= this.clock.after(LOOK_MS, () => {
      this.#cancelLook = undefined;
      this.owner.goOn();
    });
    return true;
  }

  /** Has the script come back by `journal`, in `version`, from now on. */
  keep(journal: Journal, version: LoadedVersion): void {
    this.journal.keep(journal, version);
  }

  /** Saves what is kept of an event that took down what it ran in; where it can't be, the script begins again by all of its journal. */
  keepRest(rest: Call, again: () => void): void {
    const settled = (isSaved: boolean) => {
      if (isSaved) return;
      this.journal.forget();
      this.after(again);
    };
    this.journal.add(rest, Status.ok, { settled });
  }

  /** Takes an answer, which comes through at once if there is nothing to save, and nothing before it. */
  take(result: PostedResult): void {
    const isBarrier = this.owner.isOnTrial || mayLeadElsewhere(result);
    const held = new Held(this, result, undefined, isBarrier ? BARRIER : PLAIN);
    const isFirst = this.isEmpty && !this.#isQueued;
    this.#held.push(held);
    if (!this.#isBarred) this.#offer(held);
    if (isFirst && this.#isReady) this.#advance();
  }

  /** Does something at once, or when what is held is through. */
  after(act: () => void): void {
    if (this.isEmpty) return act();
    this.#bar(new Held(this, undefined, act, AFTER));
  }

  /** Does what is to be done about the sandbox, which was lost, when what it has answered is through. */
  lost(act: () => void): void {
    if (this.isEmpty) return act();
    this.#bar(new Held(this, undefined, act, BARRIER));
  }

  /** Drops what is held of a sandbox that the script has left: nothing of it has happened. */
  left(): void {
    const held = [...this.#held];
    const dropped = held.filter(({ isOfSandbox }) => isOfSandbox);
    this.#held.clear();
    for (const each of held) if (!each.isOfSandbox) this.#held.push(each);
    this.#isBarred = this.#held.length > 0;
    for (const each of dropped) this.#drop(each);
  }

  /** Lets go of everything: the script has closed. */
  close(): void {
    this.left();
    this.#held.clear();
    this.#cancelLook?.();
  }

  get expectedMs(): number {
    let saved = 0;
    while (this.#held.at(saved)?.state === "saved") saved++;
    return saved * EXPECTED_MS;
  }

  get told(): SlotSandbox | undefined {
    return this.#last?.posted.slot.sandbox;
  }

  next(): boolean {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest) rest();
    else if (this.#isReady) this.#advance();
    else return false;
    return true;
  }

  goOn(rest: () => void): void {
    this.#rest = rest;
  }

  sent(ms: number): void {
    this.#last?.posted.slot.credit.spend(ms);
  }

  end(): void {
    this.#isQueued = false;
    this.#wake();
  }

  looked(): boolean {
    this.#isLookDue = false;
    if (this.#isQueued || !this.#isReady) return false;
    this.#isQueued = true;
    return true;
  }

  /** Whether the oldest can come through, or has to be given up. */
  get #isReady(): boolean {
    const first = this.#held.at(0);
    if (!first || first.state === "saving") return false;
    return first.state !== "failed" || this.#saving === 0;
  }

  /** Goes on with the oldest. */
  #advance(): void {
    const first = this.#held.at(0);
    if (!first) return;
    if (first.state === "failed") return this.#fail();
    const { result, act } = first;
    if (result && first.state === "waiting") {
      if (this.owner.decides(result)) return;
      if (this.#save(first, result)) return;
    }
    this.#held.shift();
    if (first.isBarrier) this.#isBarred = false;
    if (result) {
      const { call } = result.posted;
      call.savedAt = this.clock.monotonic();
      call.trace?.saved(call);
      this.#last = result;
      this.owner.note(result);
    } else act?.();
    if (first.isBarrier) this.#offerAll();
  }

  #bar(held: Held): void {
    this.#held.push(held);
    this.#isBarred = true;
  }

  /** Offers those that are held to be saved, up to one behind which nothing is. */
  #offerAll(): void {
    for (const held of [...this.#held]) {
      if (this.#isBarred) break;
      if (held.state === "waiting") this.#offer(held);
    }
    this.#wake();
  }

  #offer(held: Held): void {
    if (held.isBarrier) this.#isBarred = true;
    else if (held.result) this.#save(held, held.result);
  }

  /** Saves what is kept of an answer. Returns false if that is nothing. */
  #save(held: Held, result: PostedResult): boolean {
    const { call } = result.posted;
    const kept = keptCallOf(result);
    held.state = kept ? "saving" : "saved";
    if (!kept) return false;
    this.#saving++;
    this.journal.add(kept, kept === call ? result.status : Status.ok, held, call.kept?.origin);
    return true;
  }

  settled(held: Held, isSaved: boolean): void {
    this.#saving--;
    if (held.isDropped) return this.#drop(held);
    if (!isSaved) this.#isBarred = true;
    if (this.#isQueued || this.#isLookDue) return;
    this.#isLookDue = true;
    this.saved.look(this);
  }

  /** Has what is ready come through when it is the application's turn. */
  #wake(): void {
    if (this.#isQueued || !this.#isReady) return;
    this.#isQueued = true;
    this.saved.add(this);
  }

  /** Gives up what is held: the oldest could not be saved. What is to be done besides is done then. */
  #fail(): void {
    const acts = [...this.#held].filter(({ isOfSandbox }) => !isOfSandbox);
    this.left();
    this.#held.clear();
    this.#isBarred = false;
    this.owner.notSaved();
    for (const { act } of acts) act?.();
  }

  #drop(held: Held): void {
    held.isDropped = true;
    if (held.state === "saved" && held.result) this.journal.remove(held.result.posted.call.seq);
  }
}

/** Returns true if what comes behind an answer may be of no use: the script may go on elsewhere, or begin again by a snapshot. */
function mayLeadElsewhere({ posted: { call }, status }: PostedResult): boolean {
  const { kind } = call.task;
  const isUntold = kind === "directory" && status !== Status.ok;
  return isUntold || status === Status.handler_failed || kind === "snapshot";
}
