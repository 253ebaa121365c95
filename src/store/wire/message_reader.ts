import { Buffer } from "node:buffer";
import { FrameReader } from "../../process/frame.ts";
import { PIECE } from "./message.ts";
import { ReadMessage } from "./read_message.ts";

/** Puts messages together from a stream of bytes, however it comes in chunks. */
export class MessageReader {
  readonly #frames = new FrameReader();
  #pieces: Uint8Array[] = [];

  /** Takes the next bytes, and returns the messages that they complete, in order. Throws RangeError where they are none. */
  push(chunk: Uint8Array): ReadMessage[] {
    const messages: ReadMessage[] = [];
    for (const { kind, id, payload } of this.#frames.push(chunk)) {
      // A piece outlives the chunk that it may be a view of.
      if (kind === PIECE) this.#pieces.push(payload.slice());
      else {
        const whole = this.#pieces.length === 0 ? payload : Buffer.concat([...this.#pieces, payload]);
        this.#pieces = [];
        messages.push(new ReadMessage(kind, id, whole));
      }
    }
    return messages;
  }
}
