import { Buffer } from "node:buffer";
import { encodeFrameInto, mostFrameBytes } from "../../process/frame.ts";
import { encodeMessage, type Message, PIECE_BYTES } from "./message.ts";

/** Bytes that it has at first: more than most commits take. */
const FIRST_BYTES = 64 * 1024;

/**
 * Memory that one commit after the other is encoded in: memory of their own for each comes from the system page by page, and goes back to it
 * (docs/decisions/0016-durable-rooms.md).
 */
export class CommitMemory {
  #memory = Buffer.allocUnsafe(FIRST_BYTES);

  /**
   * Returns the frames of a commit's message, which the next call may write over: call it when the writer has answered the commit before, and so has
   * read all of it.
   */
  encode(message: Message): Uint8Array[] {
    const { kind, id, text } = message;
    const bytes = mostFrameBytes(text.length);
    // A longer one comes in several frames.
    if (bytes > PIECE_BYTES) return encodeMessage(message);
    if (bytes > this.#memory.length) this.#memory = Buffer.allocUnsafe(Math.min(PIECE_BYTES, 2 * bytes));
    return [encodeFrameInto(this.#memory, kind, id, text)];
  }
}
