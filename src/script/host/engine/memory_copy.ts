import { MOST_GUARDED_BYTES } from "../../wire/batch/batch.ts";

/** Calls of `rest` in a row after which the memory of the copy is given back. */
const MOST_RESTS = 10_000;

/**
 * A copy of an engine's memory, from before an event that may have to be undone. The whole state of an engine is its memory while
 * no call is running in it (see `MemoryImage`), so the engine is what it was once its memory is, whatever the event did.
 */
export class MemoryCopy {
  #bytes = new Uint8Array(0);
  /** Bytes of it that count. */
  #size = 0;
  #rests = 0;

  /** Copies a memory. Returns false, and copies nothing, where it is too large. */
  take({ buffer }: WebAssembly.Memory): boolean {
    const size = buffer.byteLength;
    if (size > MOST_GUARDED_BYTES) return false;
    if (this.#bytes.length < size) this.#bytes = new Uint8Array(size);
    this.#bytes.set(new Uint8Array(buffer));
    this.#size = size;
    this.#rests = 0;
    return true;
  }

  /** Makes the memory that was copied last what it was; if it has grown since, what is new is empty. */
  putBack({ buffer }: WebAssembly.Memory): void {
    const memory = new Uint8Array(buffer);
    memory.set(this.#bytes.subarray(0, this.#size));
    memory.fill(0, this.#size);
  }

  /** Notes that no copy was needed: after some time without, there is none. */
  rest(): void {
    if (this.#bytes.length === 0 || ++this.#rests < MOST_RESTS) return;
    this.#bytes = new Uint8Array(0);
    this.#rests = 0;
  }
}
