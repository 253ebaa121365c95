import { COLUMNS, Column, INTERNAL, MOST_EVENTS } from "../../wire/batch/batch.ts";
import { EngineFailure } from "../engine/crossing.ts";

/** Numbers on the board and their places, as `prelude/event.js` has them; behind them are the rows of the batch's events. */
const Place = { event: 0, outOfMemory: 1, interrupted: 2, count: 3, rows: 4 } as const;

/** Bytes of the board. */
export const EVENT_ROWS = (Place.rows + MOST_EVENTS * COLUMNS) * 8;

/** Numbers in the guest's memory that host and guest both see without a crossing: a batch's rows, and which of them runs. */
export class EventRows {
  #view = new Float64Array(0);

  /** `address` is that of `BOARD` bytes which stay where they are. */
  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly address: number,
  ) {}

  /** Writes the rows of a batch and returns its texts, UTF-8. Throws EngineFailure at what is no batch. */
  take(batch: Uint8Array): Uint8Array {
    const { buffer, byteOffset, byteLength } = batch;
    const count = byteLength < 4 ? -1 : new DataView(buffer, byteOffset).getUint32(0, true);
    const size = count * COLUMNS * 8;
    if (count < 0 || count > MOST_EVENTS || 4 + size > byteLength) throw new EngineFailure("a batch is none");
    const numbers = this.#numbers;
    numbers[Place.count] = count;
    numbers[Place.event] = numbers[Place.interrupted] = 0;
    const rows = new Uint8Array(numbers.buffer, this.address + Place.rows * 8, size);
    rows.set(batch.subarray(4, 4 + size));
    return batch.subarray(4 + size);
  }

  /** Number of the running event in its batch, from 1; 0 where none runs. */
  get event(): number {
    return this.#get(Place.event);
  }

  /** `[script, seq]` of the running event. */
  get culprit(): [script: number, seq: number] {
    return [this.#column(Column.script), this.#column(Column.seq)];
  }

  /** Whether no handler hears the running event. */
  get isInternal(): boolean {
    return this.#column(Column.kind) >= INTERNAL;
  }

  /** 1 where memory ran out, 2 where it may have been that. */
  get outOfMemory(): number {
    return this.#get(Place.outOfMemory);
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

  /** The memory's buffer is another one after it has grown. */
  get #numbers(): Float64Array<ArrayBuffer> {
    const buffer = this.memory.buffer as ArrayBuffer;
    if (this.#view.buffer !== buffer) this.#view = new Float64Array(buffer, this.address, EVENT_ROWS / 8);
    return this.#view as Float64Array<ArrayBuffer>;
  }
}
