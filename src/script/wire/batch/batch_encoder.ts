import { Buffer } from "node:buffer";
import { COLUMNS, MOST_EVENTS } from "./batch.ts";

/** Encodes batches, one after the other, as `batch.ts` lays them out. Each is the payload of a frame. */
export class BatchEncoder {
  #count = 0;
  readonly #rows = new Float64Array(MOST_EVENTS * COLUMNS);
  #texts = "";
  /** Bodies that are bytes, as text. */
  #bytes: string[] = [];
  #size: number | undefined;

  /** Begins a new batch. */
  begin(): void {
    this.#count = 0;
    this.#texts = "";
    if (this.#bytes.length > 0) this.#bytes = [];
    this.#size = undefined;
  }

  /** Adds an event: the numbers of its row, and its texts, whose lengths follow in the row. At most `MOST_EVENTS`. */
  add(
    script: number,
    seq: number,
    kind: number,
    flags: number,
    time: number,
    user: string,
    name: string,
    body: string | undefined,
  ): void {
    const rows = this.#rows;
    const at = this.#count * COLUMNS;
    rows[at] = script;
    rows[at + 1] = seq;
    rows[at + 2] = kind;
    rows[at + 3] = flags;
    rows[at + 4] = time;
    rows[at + 5] = user.length;
    rows[at + 6] = name.length;
    rows[at + 7] = body === undefined ? -1 : body.length;
    this.#count++;
    this.#texts += body === undefined ? user + name : user + name + body;
  }

  /** Adds an event in the same way whose body is bytes, as text. */
  addBytes(
    script: number,
    seq: number,
    kind: number,
    flags: number,
    time: number,
    user: string,
    name: string,
    bytes: string,
  ): void {
    this.add(script, seq, kind, flags, time, user, name, undefined);
    this.#rows[this.#count * COLUMNS - 1] = -2 - (bytes.length - 1);
    this.#bytes.push(bytes);
  }

  /** Size of the batch, bytes. */
  get byteLength(): number {
    this.#size ??= this.#start + Buffer.byteLength(this.#texts, "utf8") + this.#bytesLength;
    return this.#size;
  }

  /** Writes the batch into a frame; lone surrogates become U+FFFD. */
  writeTo(frame: Buffer, at: number): void {
    const size = this.#count * COLUMNS * 8;
    frame.writeUInt32LE(this.#count, at);
    frame.set(new Uint8Array(this.#rows.buffer, 0, size), at + 4);
    frame.write(this.#texts, at + 4 + size, "utf8");
    if (this.#bytes.length > 0) this.#writeBytes(frame, at + this.byteLength - this.#bytesLength);
  }

  /** Bytes of the count and the rows. */
  get #start(): number {
    return 4 + this.#count * COLUMNS * 8;
  }

  /** How many bytes there are with the zero before them. */
  get #bytesLength(): number {
    return this.#bytes.reduce((sum, { length }) => sum + length - 1, this.#bytes.length > 0 ? 1 : 0);
  }

  #writeBytes(frame: Buffer, start: number): void {
    frame[start] = 0;
    let at = start + 1;
    for (const text of this.#bytes) at += frame.write(text.slice(1), at, "latin1");
  }

  /** Returns the batch by itself. */
  bytes(): Uint8Array {
    const bytes = Buffer.allocUnsafe(this.byteLength);
    this.writeTo(bytes, 0);
    return bytes;
  }
}
