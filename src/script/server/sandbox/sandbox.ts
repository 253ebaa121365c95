import type { Limits } from "../../../core/application/settings.ts";
import { type Answer, decodeAnswer } from "../../wire/answer/answer_decoder.ts";
import { MADE, type Poisoned } from "../../wire/frame_kinds.ts";
import { MOST_EVENTS } from "../../wire/batch/batch.ts";
import { SLICE } from "../../wire/answer/answer.ts";
import type { BatchEncoder } from "../../wire/batch/batch_encoder.ts";
import { MalformedAnswer } from "../../wire/answer/bodies.ts";
import { Queue } from "../../../core/queue.ts";
import type { LoadedVersion } from "./loaded_version.ts";
import { type Posted, Slot, type SlotOwner } from "./slot.ts";
import { sandboxPoisoned } from "./suspicion.ts";

/** UTF-16 units of one batch at most, unless a single event is larger. */
const TEXT = 1024 * 1024;
/** What a snapshot counts of them, though its text comes with the answer. */
const SNAPSHOT = 64 * 1024;
/** Least that an event is taken to cost, ms. */
const LEAST = 0.001;
/** How much of what an event costs now follows from the last batch. */
const NEWS = 0.3;
/** CPU time of JSON in the engine, ms a UTF-16 unit: a snapshot is read once; what `migrate` makes of it is written and read. */
const JSON_TEXT = (3 * 0.1) / 1024;

/** What a sandbox has handed to its host and not got back. */
export interface Batch {
  readonly posted: readonly Posted[];
  /** Whether it is one call that must be with the host by itself. */
  readonly alone: boolean;
  /** CPU time that the watchdog allows in code that is never polled, ms. */
  readonly unpolled: number;
  /** … and once it was polled, so that the host's own deadline, which is later for some, will end it. */
  readonly polled: number;
  /** CPU time that it is expected to take, ms. */
  readonly expected: number;
}

/** The host as its sandboxes see it. */
export interface SandboxHost {
  readonly id: number;
  /** Scripts in all its sandboxes. */
  scripts: number;
  /** The sandbox has something to send. */
  wake(sandbox: Sandbox): void;
  /** The sandbox's memory can go. */
  drop(sandbox: Sandbox): void;
}

/** The server's picture of one sandbox: who sits in it, what waits for it, what it has in hand. */
export class Sandbox {
  /** Whether the host knows it. */
  created = false;
  batch: Batch | undefined;
  /** Whether it was lost by its own doing, not with its host. */
  givenUp = false;
  /** Bytes that it held at its last answer. */
  memory = 0;
  /** Whether most of that is not in use, which only another sandbox can mend. */
  hasGrown = false;
  /** CPU time that one of its events takes of late, ms; nothing is known of the first ones. */
  #pace = SLICE;
  readonly #slots = new Set<Slot>();
  #outbound = new Queue<Posted>();
  #lastNumber = 0;
  #lost = false;
  /** Whether the host has made it, and whether what runs in it has been polled during the batch in hand. */
  #isMade = false;
  #isPolled = false;

  constructor(
    /** Frame id; never used twice. */
    readonly id: number,
    readonly version: LoadedVersion,
    readonly host: SandboxHost,
    /** Scripts that it takes at most. */
    readonly capacity: number,
  ) {}

  get application(): string {
    return this.version.build.application;
  }

  get limits(): Limits {
    return this.version.build.settings.limits;
  }

  get scripts(): number {
    return this.#slots.size;
  }

  get hasRoom(): boolean {
    return !this.#lost && this.#slots.size > 0 && this.#slots.size < this.capacity;
  }

  /** Whether a batch could be taken. */
  get waits(): boolean {
    return this.#outbound.length > 0 && !this.batch;
  }

  /** CPU time that the watchdog allows without progress for the batch in hand, ms; undefined where there is none. */
  get allowance(): number | undefined {
    if (!this.batch) return undefined;
    // Making the instance and running the modules comes first.
    const making = this.#isMade ? 0 : this.limits.load;
    return (this.#isPolled ? this.batch.polled : this.batch.unpolled) + making;
  }

  /** The host has told where it is, in the text of a progress frame. */
  progressed(text: string): void {
    this.#isMade = true;
    this.#isPolled ||= text !== MADE;
  }

  /** Whether the next batch must be the only thing that the host has in hand. */
  get wantsHostAlone(): boolean {
    const call = this.#outbound.at(0)?.call;
    return call?.isSuspect === true && call.suspicion.alone;
  }

  slot(owner: SlotOwner): Slot {
    const slot = new Slot(this, ++this.#lastNumber, owner);
    this.#slots.add(slot);
    this.host.scripts++;
    return slot;
  }

  /** Queues a call; it leaves with the next batch. */
  post(posted: Posted): void {
    if (this.#lost) return;
    this.#outbound.push(posted);
    this.host.wake(this);
  }

  /** Takes a slot back; the sandbox goes with its last script. The caller may still be in the batch in hand. */
  vacate(slot: Slot): void {
    if (this.#slots.delete(slot)) this.host.scripts--;
    if (this.#slots.size === 0) this.#dropIfIdle();
    else this.post({ slot, call: slot.farewell, muted: false });
  }

  /** Makes the next batch of what waits with `encoder`; undefined where nothing does. */
  take(now: number, encoder: BatchEncoder): Batch | undefined {
    encoder.begin();
    const posted: Posted[] = [];
    let weight = 0;
    // What would not fit into the host's slice would come back.
    const most = Math.min(MOST_EVENTS, Math.ceil(SLICE / this.#pace));
    let alone = false;
    let moving = 0;
    let writes = false;
    for (let next = this.#outbound.at(0); next; next = this.#outbound.at(0)) {
      const { slot, call, muted, foreign } = next;
      if (!slot.live && call !== slot.farewell) {
        this.#outbound.shift();
        continue;
      }
      alone = call.isSuspect && call.suspicion.alone;
      if (posted.length > 0 && alone) break;
      const { kind } = call.task;
      if (kind === "open") moving = Math.max(moving, call.weight);
      writes ||= kind === "snapshot";
      weight += kind === "snapshot" ? SNAPSHOT : call.weight;
      if (posted.length > 0 && weight > TEXT) break;
      this.#outbound.shift();
      call.encode(encoder, slot.number, now, muted, foreign);
      posted.push(next);
      if (alone || posted.length >= most) break;
    }
    const [first] = posted;
    if (!first) return undefined;
    const { cpuHard, migrate } = this.limits;
    // A deadline counts the script's thread, the watchdog its process: in a young one the compilers of Bun 1.4.5 used 300 ms
    // beside the 500 of a `state` that never ends. Nobody can tell how much there is for a snapshot to write.
    const polled = cpuHard + (moving > 0 || writes ? migrate : 0);
    const opening = moving > 0 ? Math.max(cpuHard, migrate) + moving * JSON_TEXT : cpuHard;
    this.#isPolled = false;
    this.batch = {
      posted,
      alone: first.call.isSuspect && first.call.suspicion.alone,
      unpolled: writes ? polled : Math.min(opening, polled),
      polled,
      expected: Math.min(SLICE, posted.length * this.#pace),
    };
    return this.batch;
  }

  /**
   * Takes the host's answer to the batch in hand; what follows from it is left to `settle`, so that the host can have the next
   * batch before. Throws MalformedAnswer, having weighed that.
   */
  receive(bytes: Uint8Array): Answer {
    const { batch } = this;
    if (!batch) throw new MalformedAnswer("nothing was asked");
    const answer = this.#decode(bytes, batch.posted);
    const { cpu, settled } = answer;
    this.batch = undefined;
    this.#isMade = true;
    this.memory = answer.memory;
    this.hasGrown = answer.hasGrown;
    const each = cpu / settled.length;
    this.#pace = Math.max(LEAST, this.#pace >= SLICE ? each : this.#pace + NEWS * (each - this.#pace));
    if (settled.length < batch.posted.length) this.#outbound.putBack(batch.posted.slice(settled.length));
    return answer;
  }

  /** Tells the scripts what came of their events. */
  settle({ settled }: Answer): void {
    for (const one of settled) if (one.posted.slot.live) one.posted.slot.owner.settled(one);
    if (this.#slots.size === 0) this.#dropIfIdle();
  }

  #decode(bytes: Uint8Array, posted: readonly Posted[]): Answer {
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

  /** Weighs a poisoning; `lose` comes after it. */
  accuse({ reason, culprit }: Poisoned): void {
    if (this.batch) sandboxPoisoned(this.batch, reason, culprit, this.#lastNumber === 1);
  }

  /** Everything in it is gone: its scripts look for other slots. */
  lose(reason: string): void {
    if (this.#lost) return;
    this.#lost = true;
    this.batch = undefined;
    this.#outbound.clear();
    const slots = [...this.#slots];
    this.#slots.clear();
    this.host.scripts -= slots.length;
    for (const slot of slots) slot.live = false;
    for (const slot of slots) slot.owner.lost(slot, reason);
  }

  #dropIfIdle(): void {
    if (this.#lost || this.batch) return;
    this.#lost = true;
    this.#outbound.clear();
    this.host.drop(this);
  }
}
