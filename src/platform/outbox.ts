import { Buffer } from "node:buffer";

/** Frames that one connection has accepted and not yet handed to its runtime, in order. */
export class Outbox {
  #frames: string[] = [];
  #sizes: number[] = [];
  #head = 0;
  #bytes = 0;

  /** UTF-8 bytes of what waits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Frames that wait. */
  get length(): number {
    return this.#frames.length - this.#head;
  }

  push(frame: string): void {
    const size = byteLength(frame);
    this.#frames.push(frame);
    this.#sizes.push(size);
    this.#bytes += size;
  }

  /** Takes the oldest frame out. */
  shift(): string | undefined {
    if (this.length === 0) return undefined;
    const frame = this.#frames[this.#head];
    this.#bytes -= this.#sizes[this.#head] ?? 0;
    this.#head += 1;
    if (this.length === 0) this.clear();
    return frame;
  }

  /** Forgets everything that waits. */
  clear(): void {
    this.#frames = [];
    this.#sizes = [];
    this.#head = 0;
    this.#bytes = 0;
  }
}

let measured = "";
let measuredBytes = 0;

/** UTF-8 bytes of a frame; a broadcast puts one string in many outboxes and is measured once. */
function byteLength(frame: string): number {
  if (frame !== measured) {
    measured = frame;
    measuredBytes = Buffer.byteLength(frame);
  }
  return measuredBytes;
}
