/** Frames of the pipe between server and script host, as `batch.ts` lays them out; both sides use this file. */
import { Buffer } from "node:buffer";

/** One decoded frame; `payload` is a view that stays valid, it is never written to again. */
export interface Frame {
  readonly kind: number;
  readonly id: number;
  readonly payload: Uint8Array;
}

/** Bytes that a frame's length may announce at most; more means that the stream is not ours or out of step. */
export const MAX_FRAME = 64 * 1024 * 1024;

/** Length, kind and id. */
const HEAD = 9;
/** What the length counts besides the payload: kind and id. */
const COUNTED = 5;

/** What a frame carries: text, bytes, or what writes itself into the frame, so that it is made only once. */
export type Payload =
  | string
  | Uint8Array
  | {
      readonly byteLength: number;
      writeTo(frame: Buffer, at: number): void;
    };

/** Makes one frame; lone surrogates in a string become U+FFFD. Throws RangeError where it is over `MAX_FRAME`. */
export function encodeFrame(kind: number, id: number, payload: Payload): Uint8Array {
  const size = typeof payload === "string" ? Buffer.byteLength(payload, "utf8") : payload.byteLength;
  if (size + COUNTED > MAX_FRAME) {
    throw new RangeError(`Cannot send a frame of ${size} bytes: the limit is ${MAX_FRAME - COUNTED}.`);
  }
  const frame = Buffer.allocUnsafe(HEAD + size);
  frame.writeUInt32LE(COUNTED + size, 0);
  frame.writeUInt8(kind, 4);
  frame.writeUInt32LE(id, 5);
  if (typeof payload === "string") frame.write(payload, HEAD, "utf8");
  else if (payload instanceof Uint8Array) frame.set(payload, HEAD);
  else payload.writeTo(frame, HEAD);
  return frame;
}

/** The bytes of a payload by itself. */
export function payloadBytes(payload: Payload): Uint8Array {
  return encodeFrame(0, 0, payload).subarray(HEAD);
}

/** A frame's payload as text. */
export function frameText(frame: Frame): string {
  const { buffer, byteOffset, byteLength } = frame.payload;
  return Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
}

/** Cuts a stream of bytes into frames, whatever the chunks; every byte is copied at most once. */
export class FrameReader {
  /** The frame under way: its head, then the whole of it once its length is known. */
  #head = Buffer.alloc(HEAD);
  #body: Buffer | undefined;
  #filled = 0;

  /**
   * Takes the next bytes of the stream and returns the frames that they complete, in order. The frames may share
   * memory with `chunk`, which the caller must not write to again. Throws RangeError at a length that no frame has.
   */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#body) at = this.#fill(this.#body, chunk, at, frames);
      else if (this.#filled === 0 && chunk.length - at >= HEAD) at = this.#whole(chunk, at, frames);
      else at = this.#fillHead(chunk, at, frames);
    }
    return frames;
  }

  /** Whether the stream may end here: no frame is under way. */
  get idle(): boolean {
    return this.#filled === 0;
  }

  /** A frame whose head lies in the chunk: the common case, where the payload is a view of it. */
  #whole(chunk: Uint8Array, at: number, frames: Frame[]): number {
    const size = payloadSize(chunk, at);
    const end = at + HEAD + size;
    if (end > chunk.length) {
      this.#head.set(chunk.subarray(at, at + HEAD));
      this.#filled = HEAD;
      this.#body = Buffer.allocUnsafe(size);
      return at + HEAD;
    }
    frames.push(frameOf(chunk, at, chunk.subarray(at + HEAD, end)));
    return end;
  }

  #fillHead(chunk: Uint8Array, at: number, frames: Frame[]): number {
    const end = Math.min(chunk.length, at + HEAD - this.#filled);
    this.#head.set(chunk.subarray(at, end), this.#filled);
    this.#filled += end - at;
    if (this.#filled < HEAD) return end;
    const size = payloadSize(this.#head, 0);
    if (size > 0) this.#body = Buffer.allocUnsafe(size);
    else this.#finish(Buffer.alloc(0), frames);
    return end;
  }

  #fill(body: Buffer, chunk: Uint8Array, at: number, frames: Frame[]): number {
    const have = this.#filled - HEAD;
    const end = Math.min(chunk.length, at + body.length - have);
    body.set(chunk.subarray(at, end), have);
    this.#filled += end - at;
    if (this.#filled === HEAD + body.length) this.#finish(body, frames);
    return end;
  }

  #finish(payload: Uint8Array, frames: Frame[]): void {
    frames.push(frameOf(this.#head, 0, payload));
    this.#body = undefined;
    this.#filled = 0;
  }
}

function frameOf(head: Uint8Array, at: number, payload: Uint8Array): Frame {
  return { kind: head[at + 4] ?? 0, id: readU32(head, at + 5), payload };
}

function payloadSize(head: Uint8Array, at: number): number {
  const length = readU32(head, at);
  if (length < COUNTED || length > MAX_FRAME) {
    throw new RangeError(
      `Cannot read a frame: its length is ${length}, not between ${COUNTED} and ${MAX_FRAME}.`,
    );
  }
  return length - COUNTED;
}

function readU32(bytes: Uint8Array, at: number): number {
  const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  return (word | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}
