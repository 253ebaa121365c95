import { Buffer } from "node:buffer";
import { COLUMNS } from "./batch.ts";

/** Makes one batch, as `batch.ts` lays it out. */
export class BatchEncoder {
  readonly #numbers: number[] = [];
  #texts = "";

  /** Adds an event: the numbers of its row but for the lengths, which are those of the texts. */
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
    const length = body === undefined ? -1 : body.length;
    this.#numbers.push(script, seq, kind, flags, time, user.length, name.length, length);
    this.#texts += user + name;
    if (body !== undefined) this.#texts += body;
  }

  /** The batch; lone surrogates become U+FFFD. */
  bytes(): Uint8Array {
    const count = this.#numbers.length / COLUMNS;
    const rows = Buffer.from(Float64Array.from(this.#numbers).buffer);
    const size = Buffer.byteLength(this.#texts, "utf8");
    const bytes = Buffer.allocUnsafe(4 + rows.length + size);
    bytes.writeUInt32LE(count, 0);
    bytes.set(rows, 4);
    bytes.write(this.#texts, 4 + rows.length, "utf8");
    return bytes;
  }
}
