import type { WireFrame } from "../../protocol/bytes.ts";
import type { HistoryStore } from "./history_store.ts";

/** How much one history keeps. */
export interface HistoryLimits {
  /** Frames; 0 keeps none. */
  readonly frames: number;
  /** Characters that they have, bytes of binary ones, and 64 for each. */
  readonly bytes: number;
}

/** Who histories count for where memory is short, and who says how much each of them keeps. */
export interface HistoryOwner {
  readonly limits: HistoryLimits;
}

/** Who may need the frames of a history. */
export interface Holder {
  /** The number up to which it needs nothing any more; undefined where it needs nothing of this history. */
  needsAfter(history: History): number | undefined;
}

/** A frame that is kept. */
export interface KeptFrame {
  readonly number: number;
  readonly frame: WireFrame;
  readonly note?: unknown;
}

/** Who writes down what a history keeps. */
export interface HistoryLog {
  /** The history keeps another frame. */
  added(): void;
  /** The history has forgotten frames as if they had never been sent. */
  rewritten(): void;
}

/** What a kept frame counts beside its text: its number, its places, the head of the text; bytes. */
const FRAME_BYTES = 64;
/** Frames after which it is looked for those that nobody needs: a look goes through all holders. */
const FRAMES_PER_LOOK = 64;
/** What stands in the ring at a place behind the number, and how much of it one place is. */
const FRAME = 1;
const SIZE = 2;
const SLOTS = 3;
/** Places for frames that a history begins with; a power of two, and twice as many each time that they are full. */
const FIRST_PLACES = 16;

/**
 * Frames that were sent, by number, for those who may not have got them: those to all of a room or an application, or to a single
 * user. The oldest ones go where there are too many, and those that nobody needs. Every broadcast comes by here, so that to keep a
 * frame is to write it into a ring.
 */
export class History {
  /**
   * A ring: of each place the number, the frame, and what it counts, side by side: to ask an old frame for its length is to look where
   * nothing has looked for long.
   */
  #ring: (number | WireFrame | undefined)[] = [];
  /** Places of the ring; what is at a place is at the rest of it by them. */
  #places = 0;
  /** Places of the oldest frame, and behind the newest. */
  #start = 0;
  #end = 0;
  /** What must be known of some frames, by number. */
  readonly #notes = new Map<number, unknown>();
  #bytes = 0;
  #gone = 0;
  #sinceLook = 0;
  readonly #holders = new Set<Holder>();
  /** Absent where the frames do not outlive the server. */
  log?: HistoryLog | undefined;

  /** `evicted` hears what goes though somebody may need it. */
  constructor(
    private readonly store: HistoryStore,
    readonly owner: HistoryOwner,
    private readonly evicted?: (number: number, note: unknown) => void,
  ) {}

  /** Frames that are kept. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Characters that they have, and 64 for each. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The highest number of a frame that is not kept any more, or never was; 0 where all are. */
  get gone(): number {
    return this.#gone;
  }

  /** The highest number of a frame that it was given. */
  get last(): number {
    return this.length > 0 ? Math.max(this.#gone, this.numberAt(this.#end - 1)) : this.#gone;
  }

  /** How many may need its frames. */
  get holders(): number {
    return this.#holders.size;
  }

  hold(holder: Holder): void {
    this.#holders.add(holder);
  }

  release(holder: Holder): void {
    this.#holders.delete(holder);
    if (this.#holders.size === 0) this.clear();
  }

  /** Keeps a frame, whose number is the highest so far. `note` is whatever must be known of it later. */
  push(number: number, frame: WireFrame, note?: unknown): void {
    const { frames, bytes } = this.owner.limits;
    if (this.#holders.size === 0 || frames === 0) return this.#skip(number, note);
    if (this.length === 0) this.store.filled(this);
    if (this.length === this.#places) this.#grow();
    const at = this.#at(this.#end++);
    const added = FRAME_BYTES + frame.length;
    this.#ring[at] = number;
    this.#ring[at + FRAME] = frame;
    this.#ring[at + SIZE] = added;
    if (note !== undefined) this.#notes.set(number, note);
    this.#bytes += added;
    if (++this.#sinceLook >= FRAMES_PER_LOOK) this.forgetUnneeded();
    while (this.length > frames || this.#bytes > bytes) this.#evict();
    this.store.took(added);
    this.log?.added();
  }

  /** Returns the place of the first frame with a number above `number`. A place holds as long as its frame is kept. */
  placeAfter(number: number): number {
    let low = this.#start;
    let high = this.#end;
    while (low < high) {
      const middle = low + Math.floor((high - low) / 2);
      if (this.numberAt(middle) > number) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The place behind the last frame. */
  get placeBehind(): number {
    return this.#end;
  }

  /** Returns the number of the frame at a place; Infinity behind the last. */
  numberAt(place: number): number {
    if (place >= this.#end) return Number.POSITIVE_INFINITY;
    return this.#ring[this.#at(place)] as number;
  }

  frameAt(place: number): WireFrame {
    return (this.#ring[this.#at(place) + FRAME] as WireFrame | undefined) ?? "";
  }

  noteAt(place: number): unknown {
    return this.#notes.get(this.numberAt(place));
  }

  /** Forgets the frames that no holder needs. */
  forgetUnneeded(): void {
    this.#sinceLook = 0;
    let needed = Number.POSITIVE_INFINITY;
    for (const holder of this.#holders) {
      const after = holder.needsAfter(this);
      if (after === undefined) this.#holders.delete(holder);
      else if (after < needed) needed = after;
      if (needed < this.numberAt(this.#start)) return;
    }
    this.forgetUpTo(needed);
  }

  /** Forgets the frames up to a number: whoever they were for has them. */
  forgetUpTo(number: number): void {
    while (this.length > 0 && this.numberAt(this.#start) <= number) this.#drop();
  }

  /** Forgets the oldest frames until the others take `bytes` at most. */
  shrink(bytes: number): void {
    while (this.#bytes > bytes) this.#evict();
  }

  /** Keeps frames again that were written down, in order; `gone` is the highest number of those that were not. */
  restore(frames: readonly KeptFrame[], gone: number): void {
    const { log } = this;
    this.log = undefined;
    for (const { number, frame, note } of frames) this.push(number, frame, note);
    this.#gone = Math.max(this.#gone, gone);
    this.log = log;
  }

  /** Returns the frames with a number above `number`. */
  keptAfter(number: number): KeptFrame[] {
    const frames: KeptFrame[] = [];
    for (let place = this.placeAfter(number); place < this.#end; place++)
      frames.push({ number: this.numberAt(place), frame: this.frameAt(place), note: this.noteAt(place) });
    return frames;
  }

  /** Forgets the frames for whose note `isGone` returns true, as if they had never been sent. */
  leaveOut(isGone: (note: unknown) => boolean): void {
    const kept: [number, WireFrame, unknown][] = [];
    for (let place = this.#start; place < this.#end; place++) {
      const note = this.noteAt(place);
      if (!isGone(note)) kept.push([this.numberAt(place), this.frameAt(place), note]);
    }
    const gone = this.#gone;
    this.clear();
    this.#gone = gone;
    for (const [number, frame, note] of kept) this.push(number, frame, note);
    this.log?.rewritten();
  }

  clear(): void {
    if (this.length === 0) return;
    this.#gone = Math.max(this.#gone, this.numberAt(this.#end - 1));
    this.store.gave(this.#bytes);
    this.#reset();
  }

  #skip(number: number, note: unknown): void {
    this.#gone = number;
    if (this.#holders.size > 0) this.evicted?.(number, note);
  }

  #evict(): void {
    const number = this.numberAt(this.#start);
    const note = this.#notes.get(number);
    this.#drop();
    this.evicted?.(number, note);
  }

  #drop(): void {
    const at = this.#at(this.#start++);
    const number = this.#ring[at] as number;
    const bytes = this.#ring[at + SIZE] as number;
    // Newer ones may be gone already: while nothing was kept they were not.
    this.#gone = Math.max(this.#gone, number);
    this.#ring[at + FRAME] = undefined;
    if (this.#notes.size > 0) this.#notes.delete(number);
    this.#bytes -= bytes;
    this.store.gave(bytes);
    if (this.length === 0) this.#reset();
  }

  #reset(): void {
    this.#ring = [];
    this.#places = 0;
    this.#notes.clear();
    this.#start = this.#end = this.#bytes = this.#sinceLook = 0;
    this.store.emptied(this);
  }

  /** Makes a ring with twice as many places. */
  #grow(): void {
    const before = this.#ring;
    const from = Array.from({ length: this.length }, (_, offset) => this.#at(this.#start + offset));
    this.#places = Math.max(FIRST_PLACES, 2 * this.#places);
    this.#ring = new Array(SLOTS * this.#places).fill(undefined);
    for (const [offset, place] of from.entries()) {
      const to = this.#at(this.#start + offset);
      for (let slot = 0; slot < SLOTS; slot++) this.#ring[to + slot] = before[place + slot];
    }
  }

  /** Returns where in the ring a place begins. */
  #at(place: number): number {
    return SLOTS * (place & (this.#places - 1));
  }
}
