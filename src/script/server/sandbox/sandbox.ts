import type { Limits } from "../../../core/application/settings.ts";
import type { ScriptView } from "../../../core/ports/script.ts";
import { Credit, type TakesTurns, Turns } from "../../../core/turns.ts";
import { SLICE_MS } from "../../wire/answer/answer.ts";
import { type Answer, decodeAnswer } from "../../wire/answer/answer_decoder.ts";
import { MalformedAnswer } from "../../wire/answer/malformed_answer.ts";
import { MADE, type Poisoned } from "../../wire/frame_kinds.ts";
import { type Batch, takeBatch } from "./batch.ts";
import { MemoryCount } from "../memory/memory_count.ts";
import { OutOfMemory, SandboxMemory } from "../memory/sandbox_memory.ts";
import type { LoadedVersion } from "./loaded_version.ts";
import { type Posted, Slot, type SlotOwner, type SlotSandbox } from "./slot.ts";
import { sandboxPoisoned } from "./suspicion.ts";

/** Least that an event is taken to cost, ms. */
const LEAST_EVENT_MS = 0.001;
/** CPU time that a sandbox gets at each of its turns among those of its application, ms. */
const TURN_MS = 10;
/** Weight of the last batch in what an event is expected to cost. */
const LAST_BATCH_WEIGHT = 0.3;

/** A host as its sandboxes see it. */
export interface SandboxHost {
  readonly id: number;
  /** Notes that so many scripts have come into one of its sandboxes, or have gone if `change` is below 0. */
  countScripts(change: number): void;
  /** Hears that a sandbox has something to send. */
  wake(sandbox: Sandbox): void;
  /** Hears that the server has spent `ms` on what a sandbox has answered. */
  spent(sandbox: Sandbox, ms: number): void;
  /** Hears that the memory of a sandbox is not needed any more. */
  drop(sandbox: Sandbox): void;
}

/** The server's picture of one sandbox: the scripts in it, what waits for it, what its host works on. */
export class Sandbox implements SlotSandbox, TakesTurns {
  readonly credit = new Credit(TURN_MS);
  /** Whether the host's process has been told of it. */
  isCreated = false;
  /** What the host has of it and has not answered. */
  batch: Batch | undefined;
  readonly #memory: SandboxMemory;
  /** About how many bytes each of its scripts used when it was lost. */
  #lostEach: number | undefined;
  /** Scripts that it takes at most. */
  #capacity: number;
  /** CPU time that one of its events is expected to take, ms; the first batch finds it out. */
  #eventMs = SLICE_MS;
  #outcomeMs = 0;
  readonly #slots = new Set<Slot>();
  /** The slots in which something waits. */
  readonly #turns = new Turns<Slot>();
  /** A suspect that waits for its host's empty hands; nothing overtakes it. */
  #lone: Slot | undefined;
  #lastNumber = 0;
  #left: string | undefined;
  #isGone = false;
  /** Whether the host has made it, and whether what runs in it has been polled during the batch in hand. */
  #isMade = false;
  #isPolled = false;

  constructor(
    /** Frame id; never used twice. */
    readonly id: number,
    readonly version: LoadedVersion,
    readonly host: SandboxHost,
    /** Scripts that it takes at most, until `share` is called. */
    capacity: number,
    /** Counts the memory that it takes. */
    memory = new MemoryCount(),
  ) {
    this.#capacity = capacity;
    this.#memory = new SandboxMemory(version.build.settings.limits.memory, memory);
  }

  get application(): string {
    return this.version.build.application;
  }

  get limits(): Limits {
    return this.version.build.settings.limits;
  }

  get view(): Pick<ScriptView, "host" | "sandbox"> {
    return { host: this.host.id, sandbox: { memory: this.memory, scripts: this.#slots.size } };
  }

  /** Bytes that it held at its last answer. */
  get memory(): number {
    return this.#memory.held;
  }

  /** About how many bytes of memory each of its scripts uses, or did when it was lost. */
  get bytesEach(): number {
    return this.#lostEach ?? this.#memory.each(this.#slots.size);
  }

  opened(slot: Slot): void {
    this.#memory.settle(slot);
  }

  /** Why its scripts are to go on elsewhere, once it has nothing in hand; undefined where they are to stay. */
  get left(): string | undefined {
    return this.#left;
  }

  /**
   * Has its scripts go on elsewhere if it holds much memory for nothing (`hasGrown`), or if they use too much together. Returns why, if
   * they do.
   */
  leaveIfOutgrown(hasGrown: boolean): string | undefined {
    if (this.#left !== undefined) return undefined;
    const slots = [...this.#slots];
    const isUnused = hasGrown && slots.every((slot) => slot.hasSnapshots);
    if (!isUnused && !(slots.length > 1 && this.#memory.isCrowded)) return undefined;
    // What events took and let go of, a replay of them would take again.
    if (isUnused) for (const slot of slots) slot.takeSnapshot();
    const why = `${this.memory} bytes, ${isUnused ? "most of them unused" : "and its scripts use most of them"}`;
    this.leave(`its sandbox held ${why}`);
    return why;
  }

  /** Returns true if it takes a script that uses about `bytes`; one that is empty is about to be dropped. */
  hasRoom(bytes: number): boolean {
    return this.isOpen && this.#memory.hasRoom(Math.max(bytes, this.bytesEach));
  }

  get isOpen(): boolean {
    const { size } = this.#slots;
    return this.#left === undefined && size > 0 && size < this.#capacity;
  }

  /** Lets other scripts in: the one that it was made for does not need it for itself any more. */
  share(): void {
    this.#capacity = this.version.build.settings.roomsPerSandbox;
  }

  /** Whether a batch could be taken. */
  get waits(): boolean {
    return !this.batch && !this.#turns.isEmpty;
  }

  /** CPU time that the watchdog allows without progress for the batch in hand, ms; undefined if there is none. */
  get allowance(): number | undefined {
    if (!this.batch) return undefined;
    // Making the instance and running the modules comes first.
    const making = this.#isMade ? 0 : this.limits.load;
    return (this.#isPolled ? this.batch.polled : this.batch.unpolled) + making;
  }

  /** Notes how far the host is, from the text of a progress frame. */
  progressed(text: string): void {
    this.#isMade = true;
    this.#isPolled ||= text !== MADE;
  }

  /** Time that the server is expected to take over what one of its events leads to, ms. */
  get outcomeMs(): number {
    return this.#outcomeMs;
  }

  /** Whether the next batch must be the only thing that the host has in hand. */
  get wantsHostAlone(): boolean {
    this.#lone ??= this.#turns.first();
    if (this.#lone?.outbound.at(0)?.call.suspicion?.alone !== true) this.#lone = undefined;
    return this.#lone !== undefined;
  }

  /** Returns a slot for one more script, which uses about `bytes` of memory. */
  addSlot(owner: SlotOwner, bytes = 0): Slot {
    const slot = new Slot(this, ++this.#lastNumber, owner);
    this.#slots.add(slot);
    this.#memory.promise(slot, bytes);
    this.host.countScripts(1);
    return slot;
  }

  /**
   * Has the host run nothing more in it but snapshots that its scripts have asked for: they go on elsewhere, and what led to their state
   * may not be known. `lose` is to follow once nothing waits.
   */
  leave(reason: string): void {
    if (this.#left !== undefined) return;
    this.#left = reason;
    for (const slot of this.#slots) slot.keepSnapshots();
  }

  post(posted: Posted): void {
    const { slot, call } = posted;
    if (this.#isGone || (this.#left !== undefined && call.task.kind !== "snapshot")) return;
    slot.outbound.push(posted);
    this.#turns.add(slot);
    this.host.wake(this);
  }

  /** Takes a slot back; the sandbox goes with its last script. The caller may still be in the batch in hand. */
  vacate(slot: Slot): void {
    if (this.#slots.delete(slot)) this.host.countScripts(-1);
    this.#memory.settle(slot);
    slot.outbound.clear();
    if (this.#slots.size === 0) this.#dropIfIdle();
    else this.post({ slot, call: slot.farewell, muted: false, foreign: false });
  }

  /** Takes the next batch out of what waits, and has it in hand until it is answered. Returns undefined if nothing waits. */
  take(): Batch | undefined {
    this.#isPolled = false;
    this.batch = takeBatch(this.#turns, this.#eventMs, this.#outcomeMs, this.limits, this.#lone);
    this.#lone = undefined;
    return this.batch;
  }

  /**
   * Takes back the batch in hand, which can't be sent. A call that was in it by itself is convicted, and its script loses its
   * slot; of several each is tried by itself.
   */
  reject(reason: string): void {
    const { posted = [], eventMs = 0 } = this.batch ?? {};
    this.batch = undefined;
    const [only] = posted;
    if (only && posted.length === 1) {
      only.call.suspect().convict(reason);
      if (!only.slot.isLive) return;
      this.vacate(only.slot);
      only.slot.lose(reason, false);
      return;
    }
    for (const { call } of posted) call.suspect().alone = true;
    this.#putBack(posted, 0, eventMs);
  }

  /**
   * Takes the host's answer to the batch in hand. What follows from it is left to `Outcomes`, so that the host can have the next
   * batch before; it came `at`, ms of the monotonic clock. Throws MalformedAnswer, and suspects the batch of it; throws OutOfMemory
   * if memory ran out among several scripts, and suspects the call.
   */
  receive(bytes: Uint8Array, at: number): Answer<Posted> {
    const { batch } = this;
    if (!batch) throw new MalformedAnswer("no batch was in hand");
    const answer = this.#decode(bytes, batch.posted);
    const { cpu, results, ranOut } = answer;
    this.#memory.measured(answer.memory, answer.taken, answer.used);
    if (ranOut && this.#isUndecided(ranOut, answer.isShort)) {
      ranOut.call.suspect().ownSandbox = true;
      throw new OutOfMemory(cpu, this.isIsolated);
    }
    this.batch = undefined;
    this.#isMade = true;
    const eachMs = cpu / results.length;
    const expected =
      this.#eventMs >= SLICE_MS ? eachMs : this.#eventMs + LAST_BATCH_WEIGHT * (eachMs - this.#eventMs);
    this.#eventMs = Math.max(LEAST_EVENT_MS, expected);
    for (const { posted, cost } of results) {
      posted.slot.credit.spend(cost - batch.eventMs);
      posted.call.answeredAt = at;
    }
    if (results.length < batch.posted.length) this.#putBack(batch.posted, results.length, batch.eventMs);
    else if (this.#turns.isEmpty) this.#turns.forgive();
    return answer;
  }

  /**
   * Returns true if it is not known yet whether a call itself takes too much: others are in its sandbox, and it was not among others
   * before. What was done before can only want memory that others took, those of all sandboxes too (`isShort`).
   */
  #isUndecided({ call, muted }: Posted, isShort: boolean): boolean {
    if (muted || call.isAgain) return isShort || !this.isIsolated;
    return !isShort && !this.isIsolated && call.suspicion?.ownSandbox !== true;
  }

  /** Has calls of a batch wait again that were not run, those from `first` on, in their order. */
  #putBack(posted: readonly Posted[], first: number, eventMs: number): void {
    for (let at = posted.length - 1; at >= first; at--) {
      const { slot, call } = posted[at] as Posted;
      slot.credit.spend(-eventMs);
      if (this.#left !== undefined ? call.task.kind !== "snapshot" : !slot.isLive && call !== slot.farewell)
        continue;
      slot.outbound.putBack([posted[at] as Posted]);
      this.#turns.add(slot);
    }
  }

  spend(ms: number): void {
    this.host.spent(this, ms);
  }

  /** Notes that all scripts have been told what became of their events, which took the server `ms` for each event. */
  applied(ms: number): void {
    this.#outcomeMs += LAST_BATCH_WEIGHT * (ms - this.#outcomeMs);
    if (this.#slots.size === 0) this.#dropIfIdle();
  }

  #decode(bytes: Uint8Array, posted: readonly Posted[]): Answer<Posted> {
    try {
      return decodeAnswer(bytes, posted, this.version.build.version, this.limits);
    } catch (error) {
      if (!(error instanceof MalformedAnswer)) throw error;
      const suspect = error.index === undefined ? undefined : posted[error.index];
      const culprit = suspect && { culprit: [suspect.slot.number, suspect.call.seq] as [number, number] };
      this.accuse({ reason: `the sandbox gave a malformed answer: ${error.message}`, ...culprit });
      throw error;
    }
  }

  /** Weighs what the host says of a sandbox that it has given up; `lose` is to follow. */
  accuse({ reason, culprit, full = false }: Poisoned): void {
    if (this.batch) sandboxPoisoned(this.batch.posted, reason, culprit, this.isIsolated, full);
  }

  /**
   * Loses everything in it: its scripts look for other slots. `byItself` says that the sandbox was given up, not lost with its
   * host.
   */
  lose(reason: string, byItself = false): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#memory.close();
    this.batch = undefined;
    this.#turns.clear();
    const slots = [...this.#slots];
    this.#lostEach = this.bytesEach;
    this.#slots.clear();
    this.host.countScripts(-slots.length);
    for (const slot of slots) slot.lose(reason, byItself);
  }

  /** Whether no other script ever was in it, so that nobody else is to blame. */
  get isIsolated(): boolean {
    return this.#lastNumber === 1;
  }

  #dropIfIdle(): void {
    if (this.#isGone || this.batch) return;
    this.#isGone = true;
    this.#memory.close();
    this.#turns.clear();
    this.host.drop(this);
  }
}
