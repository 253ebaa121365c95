import type { HistoryStore } from "./history_store.ts";

/** How much one history keeps. */
export interface HistoryLimits {
  /** Frames; 0 keeps none. */
  readonly frames: number;
  /** Bytes of memory that they take, about. */
  readonly bytes: number;
}

/** Who may need the frames of a history. */
export interface Holder {
  /** The number up to which it needs nothing any more; undefined where it needs nothing of this history. */
  needsAfter(history: History): number | undefined;
}

/** What a kept frame takes beside its text: its number, its places, the head of the text; bytes. */
const FRAME_BYTES = 64;
/** Frames after which it is looked for those that nobody needs: a look goes through all holders. */
const FRAMES_PER_LOOK = 64;
/** Places of frames that are gone after which a history moves to shorter lists, where these are half of it. */
const GONE_PLACES = 32;

/**
 * Frames that were sent, by number, for those who may not have got them: those to all of a room or an application, or to a single
 * user. The oldest ones go where there are too many, and those that nobody needs.
 */
export class History {
  #numbers: number[] = [];
  #frames: string[] = [];
  #notes: unknown[] = [];
  #head = 0;
  #bytes = 0;
  #gone = 0;
  #sinceLook = 0;
  readonly #holders = new Set<Holder>();

  /** `owner` is who it counts for where memory is short, `evicted` hears what goes though somebody may need it. */
  constructor(
    private readonly store: HistoryStore,
    readonly owner: unknown,
    private readonly limits: () => HistoryLimits,
    private readonly evicted?: (number: number, note: unknown) => void,
  ) {}

  /** Frames that are kept. */
  get length(): number {
    return this.#numbers.length - this.#head;
  }

  /** About how much memory they take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The highest number of a frame that is not kept any more, or never was; 0 where all are. */
  get gone(): number {
    return this.#gone;
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
  push(number: number, frame: string, note?: unknown): void {
    const limits = this.limits();
    if (this.#holders.size === 0 || limits.frames === 0) return this.#skip(number, note);
    if (this.length === 0) this.store.filled(this);
    const bytes = bytesOf(frame);
    this.#numbers.push(number);
    this.#frames.push(frame);
    this.#notes.push(note);
    this.#bytes += bytes;
    if (++this.#sinceLook >= FRAMES_PER_LOOK) this.forgetUnneeded();
    while (this.length > limits.frames || this.#bytes > limits.bytes) this.#evict();
    this.store.took(bytes);
  }

  /** Returns the place of the first frame with a number above `number`. */
  placeAfter(number: number): number {
    let low = this.#head;
    let high = this.#numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#numbers[middle] as number) > number) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The number, the frame and the note at a place; the number is Infinity behind the last. A place holds until the next push. */
  numberAt(place: number): number {
    return this.#numbers[place] ?? Number.POSITIVE_INFINITY;
  }

  frameAt(place: number): string {
    return this.#frames[place] ?? "";
  }

  noteAt(place: number): unknown {
    return this.#notes[place];
  }

  /** Forgets the frames that no holder needs. */
  forgetUnneeded(): void {
    this.#sinceLook = 0;
    let needed = Number.POSITIVE_INFINITY;
    for (const holder of this.#holders) {
      const after = holder.needsAfter(this);
      if (after === undefined) this.#holders.delete(holder);
      else if (after < needed) needed = after;
      if (needed < this.numberAt(this.#head)) return;
    }
    this.forgetUpTo(needed);
  }

  /** Forgets the frames up to a number: whoever they were for has them. */
  forgetUpTo(number: number): void {
    while (this.length > 0 && this.numberAt(this.#head) <= number) this.#drop();
  }

  /** Forgets the oldest frames until the others take `bytes` at most. */
  shrink(bytes: number): void {
    while (this.#bytes > bytes) this.#evict();
  }

  /** Forgets the frames for whose note `isGone` returns true, as if they had never been sent. */
  leaveOut(isGone: (note: unknown) => boolean): void {
    const numbers = this.#numbers.slice(this.#head);
    const frames = this.#frames.slice(this.#head);
    const notes = this.#notes.slice(this.#head);
    const gone = this.#gone;
    this.clear();
    this.#gone = gone;
    for (const [at, number] of numbers.entries()) {
      if (!isGone(notes[at])) this.push(number, frames[at] as string, notes[at]);
    }
  }

  clear(): void {
    if (this.length === 0) return;
    this.#gone = this.#numbers.at(-1) as number;
    this.store.gave(this.#bytes);
    this.#reset();
  }

  #skip(number: number, note: unknown): void {
    this.#gone = number;
    if (this.#holders.size > 0) this.evicted?.(number, note);
  }

  #evict(): void {
    const number = this.numberAt(this.#head);
    const note = this.#notes[this.#head];
    this.#drop();
    this.evicted?.(number, note);
  }

  #drop(): void {
    const head = this.#head++;
    this.#gone = this.numberAt(head);
    const bytes = bytesOf(this.frameAt(head));
    this.#frames[head] = "";
    this.#notes[head] = undefined;
    this.#bytes -= bytes;
    this.store.gave(bytes);
    if (this.length === 0) this.#reset();
    else if (this.#head > GONE_PLACES && this.#head * 2 >= this.#numbers.length) this.#compact();
  }

  #reset(): void {
    this.#numbers = [];
    this.#frames = [];
    this.#notes = [];
    this.#head = this.#bytes = this.#sinceLook = 0;
    this.store.emptied(this);
  }

  #compact(): void {
    this.#numbers = this.#numbers.slice(this.#head);
    this.#frames = this.#frames.slice(this.#head);
    this.#notes = this.#notes.slice(this.#head);
    this.#head = 0;
  }
}

/** Characters that engines keep in a byte each, where a text has no others. */
const narrow = /^[\0-\xff]*$/;

/** Returns about how many bytes a kept frame takes. To look at its text also makes one text of what it was put together from. */
function bytesOf(frame: string): number {
  return FRAME_BYTES + (narrow.test(frame) ? frame.length : 2 * frame.length);
}
