import { Buffer } from "node:buffer";
import type { WireFrame } from "../protocol/bytes.ts";

/** Places for frames that an empty outbox keeps: most are emptied in each loop turn, and filled in the next. */
const KEPT_PLACES = 16;

/** Frames that one connection has accepted and not yet handed to its runtime, in order. */
export class Outbox {
  #frames: WireFrame[] = [];
  #head = 0;
  /** How many of the frames, the oldest first, are counted in `#bytes`: few are ever asked for. */
  #counted = 0;
  #bytes = 0;

  /** Bytes of what waits, as UTF-8 where it is text; each frame is measured once. */
  get bytes(): number {
    for (; this.#counted < this.#frames.length; this.#counted++) {
      this.#bytes += Buffer.byteLength(this.#frames[this.#counted] ?? "");
    }
    return this.#bytes;
  }

  /** Frames that wait. */
  get length(): number {
    return this.#frames.length - this.#head;
  }

  push(frame: WireFrame): void {
    this.#frames.push(frame);
  }

  /** Takes the oldest frame out. */
  shift(): WireFrame | undefined {
    if (this.length === 0) return undefined;
    const frame = this.#frames[this.#head] ?? "";
    if (this.#head < this.#counted) this.#bytes -= Buffer.byteLength(frame);
    else this.#counted++;
    this.#head++;
    if (this.length === 0) this.clear();
    return frame;
  }

  /** Forgets everything that waits. */
  clear(): void {
    if (this.#frames.length > KEPT_PLACES) this.#frames = [];
    else this.#frames.length = 0;
    this.#head = this.#counted = this.#bytes = 0;
  }
}
