import { COLUMNS, Column, Flag, INTERNAL, kinds, MOST_EVENTS } from "../../wire/batch/batch.ts";
import { EngineFailure } from "../engine/crossing.ts";

/**
 * Places of the numbers that host and guest share. The guest writes the number of the running event in its batch, from 1, whether
 * memory ran out and in which event of the batch first, how long an event took that it asks about, ms, and the number of the last
 * one that failed; the host writes the number of the event that it interrupted last, how many events there are, how far the heap
 * may grow, whose memory is the shortest for that, and whether the memory could not grow for want of it; the guest writes how many
 * bytes the answer has. Behind them are the rows of the batch's events.
 */
export const Place = {
  event: 0,
  outOfMemory: 1,
  interrupted: 2,
  count: 3,
  took: 4,
  failed: 5,
  outOfMemoryIn: 6,
  heapLimit: 7,
  shortage: 8,
  refused: 9,
  bytes: 10,
  rows: 11,
} as const;

/** Whether memory ran out in an event of the sandbox: surely, or maybe, where the script may have thrown null itself. */
export const OutOfMemory = { no: 0, surely: 1, maybe: 2 } as const;

/** Bytes of a number. */
const NUMBER_BYTES = Float64Array.BYTES_PER_ELEMENT;
/** Bytes of a batch's number of events. */
const COUNT_BYTES = 4;

/** Places of kind and flags of a batch's first event. */
const FIRST_KIND = Place.rows + Column.kind;
const FIRST_FLAGS = Place.rows + Column.flags;

/** Bytes of the shared numbers. */
export const EVENT_ROWS_BYTES = (Place.rows + MOST_EVENTS * COLUMNS) * NUMBER_BYTES;

/**
 * Numbers in the guest's memory that host and guest both see without a crossing: a batch's rows, and which of them runs.
 */
export class EventRows {
  #view = new Float64Array(0);
  /** The bytes that are data of the batch's events, one after the other; undefined where there are none. */
  bytes: Uint8Array | undefined;

  /** `address` is that of `EVENT_ROWS_BYTES` bytes in `memory` which stay where they are. */
  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly address: number,
  ) {}

  /**
   * Writes the rows of a batch and returns its texts, UTF-8; `more` is a `Flag` that its first event gets besides. Throws
   * EngineFailure if the batch is too short or too long.
   */
  take(batch: Uint8Array, more = 0): Uint8Array {
    const { buffer, byteOffset, byteLength } = batch;
    const count = byteLength < COUNT_BYTES ? -1 : new DataView(buffer, byteOffset).getUint32(0, true);
    const end = COUNT_BYTES + count * COLUMNS * NUMBER_BYTES;
    if (count < 0 || count > MOST_EVENTS || end > byteLength) {
      throw new EngineFailure(`a batch of ${byteLength} bytes can't have ${count} events`);
    }
    const numbers = this.#numbers;
    numbers[Place.count] = count;
    numbers[Place.event] = numbers[Place.interrupted] = 0;
    numbers[Place.failed] = numbers[Place.outOfMemoryIn] = numbers[Place.bytes] = 0;
    const rows = new Uint8Array(numbers.buffer, this.address + Place.rows * NUMBER_BYTES);
    rows.set(batch.subarray(COUNT_BYTES, end));
    if (more !== 0) numbers[FIRST_FLAGS] = (numbers[FIRST_FLAGS] ?? 0) | more;
    const texts = batch.subarray(end);
    const zero = texts.indexOf(0);
    this.bytes = zero < 0 ? undefined : texts.subarray(zero + 1);
    return zero < 0 ? texts : texts.subarray(0, zero);
  }

  /** How many bytes the guest has for its answer. */
  get bytesToCome(): number {
    return this.#get(Place.bytes);
  }

  /** Number of the running event in its batch, from 1; 0 where none runs. */
  get event(): number {
    return this.#get(Place.event);
  }

  /** `[script, seq]` of the running event. */
  get culprit(): [script: number, seq: number] {
    return [this.#column(Column.script), this.#column(Column.seq)];
  }

  /** True if the batch is one event that is to be undone where it fails. */
  get isGuarded(): boolean {
    return (this.#get(FIRST_FLAGS) & Flag.guarded) !== 0;
  }

  /** True if the batch's first event tells that a member or a watcher has left, or of a connection that is gone, or back. */
  get isDeparture(): boolean {
    const kind = kinds[this.#get(FIRST_KIND)];
    return kind === "leave" || kind === "unwatch" || kind === "disconnect" || kind === "reconnect";
  }

  /** True if the batch's first event opens a script, or is a replay. */
  get isBringing(): boolean {
    return (this.#get(FIRST_FLAGS) & Flag.muted) !== 0 || kinds[this.#get(FIRST_KIND)] === "open";
  }

  /** True if the handler of the batch's first event has failed, once the batch is answered. */
  get hasFailed(): boolean {
    return this.#get(Place.failed) === 1;
  }

  /** Kind of the running event. */
  get kind(): (typeof kinds)[number] | undefined {
    return kinds[this.#column(Column.kind)];
  }

  /** True if no handler hears the running event. */
  get isInternal(): boolean {
    return this.#column(Column.kind) >= INTERNAL;
  }

  /**
   * Whether what runs was done before, in another sandbox, or is for a snapshot: the script may take the memory that it took there.
   * Between events there are only the batch's texts.
   */
  get isOwed(): boolean {
    if (this.event === 0 || this.kind === "snapshot") return true;
    return (this.#column(Column.flags) & (Flag.muted | Flag.again)) !== 0;
  }

  /** Whether something of the batch is `isOwed`. */
  get hasOwed(): boolean {
    for (let row = 0; row < this.#get(Place.count); row++) {
      const first = Place.rows + row * COLUMNS;
      if ((this.#get(first + Column.flags) & (Flag.muted | Flag.again)) !== 0) return true;
      if (kinds[this.#get(first + Column.kind)] === "snapshot") return true;
    }
    return false;
  }

  /** One of `OutOfMemory`, for all events so far. */
  get outOfMemory(): number {
    return this.#get(Place.outOfMemory);
  }

  /** Number of the event of the batch in which memory ran out first, as far as the guest knows; 0 if in none. */
  get outOfMemoryIn(): number {
    return this.#get(Place.outOfMemoryIn);
  }

  /** Bytes that the heap may have taken when an event is over; one that has taken more fails. The guest raises it for what is owed. */
  get heapLimit(): number {
    return this.#get(Place.heapLimit);
  }

  set heapLimit(bytes: number) {
    this.#numbers[Place.heapLimit] = bytes;
  }

  /** One of `Shortage`, for the guest. */
  get shortage(): number {
    return this.#get(Place.shortage);
  }

  set shortage(shortage: number) {
    this.#numbers[Place.shortage] = shortage;
  }

  /** Whether the memory could not grow since there was a shortage, for the guest. */
  get isRefused(): boolean {
    return this.#get(Place.refused) === 1;
  }

  set isRefused(isRefused: boolean) {
    this.#numbers[Place.refused] = isRefused ? 1 : 0;
  }

  /** How long the running event has taken by the guest's clock, ms; only where the guest asks about it. */
  get took(): number {
    return this.#get(Place.took);
  }

  /** Number of the event that was interrupted last; the guest reads it. */
  set interrupted(event: number) {
    this.#numbers[Place.interrupted] = event;
  }

  #column(column: number): number {
    return this.#get(Place.rows + (this.event - 1) * COLUMNS + column);
  }

  #get(place: number): number {
    return this.#numbers[place] ?? 0;
  }

  /** A view of the shared numbers: the memory's buffer is another one after the memory has grown. */
  get #numbers(): Float64Array<ArrayBuffer> {
    const buffer = this.memory.buffer as ArrayBuffer;
    if (this.#view.buffer !== buffer) {
      this.#view = new Float64Array(buffer, this.address, EVENT_ROWS_BYTES / NUMBER_BYTES);
    }
    return this.#view as Float64Array<ArrayBuffer>;
  }
}
