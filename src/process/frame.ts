/**
 * Frames of a pipe between the server and a child process: a u32 length of what follows, a u8 kind, a u32 id, all little-endian,
 * and the payload. Each kind of child has kinds of its own.
 */
import { Buffer } from "node:buffer";

/** One decoded frame. */
export interface Frame {
  readonly kind: number;
  readonly id: number;
  /** A view of memory that is never written to again. */
  readonly payload: Uint8Array;
}

/** Most that a frame's length may be, bytes; more means that the stream does not consist of frames, or is out of step. */
export const MAX_FRAME = 64 * 1024 * 1024;

/** Bytes of length, kind and id. */
const HEAD_BYTES = 9;
/** Bytes that the length counts beside the payload: those of kind and id. */
const COUNTED_BYTES = 5;

/** Bytes that a UTF-16 unit has as UTF-8 at most. */
const MOST_UNIT_BYTES = 3;

/** What a frame carries: text, bytes, or something that writes itself into the frame, which saves a copy. */
export type Payload =
  | string
  | Uint8Array
  | {
      readonly byteLength: number;
      writeTo(frame: Buffer, at: number): void;
    };

/** Returns one frame; lone surrogates in a string become U+FFFD. Throws RangeError if the frame is larger than `MAX_FRAME`. */
export function encodeFrame(kind: number, id: number, payload: Payload): Uint8Array {
  const size = typeof payload === "string" ? Buffer.byteLength(payload, "utf8") : payload.byteLength;
  if (size + COUNTED_BYTES > MAX_FRAME) {
    throw new RangeError(`Cannot send a frame of ${size} bytes: the limit is ${MAX_FRAME - COUNTED_BYTES}.`);
  }
  const frame = Buffer.allocUnsafe(HEAD_BYTES + size);
  frame.writeUInt32LE(COUNTED_BYTES + size, 0);
  frame.writeUInt8(kind, 4);
  frame.writeUInt32LE(id, 5);
  if (typeof payload === "string") frame.write(payload, HEAD_BYTES, "utf8");
  else if (payload instanceof Uint8Array) frame.set(payload, HEAD_BYTES);
  else payload.writeTo(frame, HEAD_BYTES);
  return frame;
}

/** Returns how many bytes the frame of a text of so many UTF-16 units has at most. */
export function mostFrameBytes(units: number): number {
  return HEAD_BYTES + MOST_UNIT_BYTES * units;
}

/** Returns a frame as `encodeFrame` does, as a view of `memory`, which has as many bytes as `mostFrameBytes` says at least. */
export function encodeFrameInto(memory: Buffer, kind: number, id: number, text: string): Uint8Array {
  const size = memory.write(text, HEAD_BYTES, "utf8");
  memory.writeUInt32LE(COUNTED_BYTES + size, 0);
  memory.writeUInt8(kind, 4);
  memory.writeUInt32LE(id, 5);
  return memory.subarray(0, HEAD_BYTES + size);
}

/** Returns the bytes of a payload by itself. */
export function payloadBytes(payload: Payload): Uint8Array {
  return encodeFrame(0, 0, payload).subarray(HEAD_BYTES);
}

/** Returns the payload of a frame as text. */
export function frameText(frame: Frame): string {
  const { buffer, byteOffset, byteLength } = frame.payload;
  return Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
}

/** Cuts a stream of bytes into frames, however it comes in chunks; every byte is copied once at most. */
export class FrameReader {
  /** Head of the frame that is not complete, then its payload once its length is known. */
  #head = Buffer.alloc(HEAD_BYTES);
  #body: Buffer | undefined;
  #filled = 0;

  /**
   * Takes the next bytes of the stream. Returns the frames that they complete, in order, which may share memory with `chunk`:
   * the caller must not write to it again. Throws RangeError at a length that no frame has.
   */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#body) at = this.#fill(this.#body, chunk, at, frames);
      else if (this.#filled === 0 && chunk.length - at >= HEAD_BYTES) at = this.#whole(chunk, at, frames);
      else at = this.#fillHead(chunk, at, frames);
    }
    return frames;
  }

  /** Takes a frame whose head is in the chunk. Usually the payload is, too, and is a view of it. */
  #whole(chunk: Uint8Array, at: number, frames: Frame[]): number {
    const size = payloadSize(chunk, at);
    const end = at + HEAD_BYTES + size;
    if (end > chunk.length) {
      this.#head.set(chunk.subarray(at, at + HEAD_BYTES));
      this.#filled = HEAD_BYTES;
      this.#body = Buffer.allocUnsafe(size);
      return at + HEAD_BYTES;
    }
    frames.push(frameOf(chunk, at, chunk.subarray(at + HEAD_BYTES, end)));
    return end;
  }

  #fillHead(chunk: Uint8Array, at: number, frames: Frame[]): number {
    const end = Math.min(chunk.length, at + HEAD_BYTES - this.#filled);
    this.#head.set(chunk.subarray(at, end), this.#filled);
    this.#filled += end - at;
    if (this.#filled < HEAD_BYTES) return end;
    const size = payloadSize(this.#head, 0);
    if (size > 0) this.#body = Buffer.allocUnsafe(size);
    else this.#finish(Buffer.alloc(0), frames);
    return end;
  }

  #fill(body: Buffer, chunk: Uint8Array, at: number, frames: Frame[]): number {
    const have = this.#filled - HEAD_BYTES;
    const end = Math.min(chunk.length, at + body.length - have);
    body.set(chunk.subarray(at, end), have);
    this.#filled += end - at;
    if (this.#filled === HEAD_BYTES + body.length) this.#finish(body, frames);
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
  if (length < COUNTED_BYTES || length > MAX_FRAME) {
    throw new RangeError(
      `Cannot read a frame: its length is ${length}, not between ${COUNTED_BYTES} and ${MAX_FRAME}.`,
    );
  }
  return length - COUNTED_BYTES;
}

function readU32(bytes: Uint8Array, at: number): number {
  const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  return (word | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}
