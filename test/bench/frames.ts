/** WebSocket frames (RFC 6455) by hand: a load generator that shares code with a server would hide that code's cost. */

const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;
const encoder = new TextEncoder();

/** One masked frame of a client, ready for the network; `payload` is text, or bytes for a binary frame. */
export function clientFrame(
  payload: string | Uint8Array,
  opcode = typeof payload === "string" ? 1 : 2,
): Buffer {
  const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
  const extended = bytes.length < 126 ? 0 : bytes.length < 65_536 ? 2 : 8;
  const frame = Buffer.alloc(6 + extended + bytes.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extended === 0 ? bytes.length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(bytes.length, 2);
  else if (extended === 8) frame.writeBigUInt64BE(BigInt(bytes.length), 2);
  const start = 6 + extended;
  for (let i = 0; i < 4; i++) frame[start - 4 + i] = MASK[i] as number;
  for (let i = 0; i < bytes.length; i++) frame[start + i] = (bytes[i] as number) ^ (MASK[i & 3] as number);
  return frame;
}

/** Overwrites part of the payload of a frame that `clientFrame` made with `digits` decimal digits of `value`. */
export function writeDigits(frame: Uint8Array, offset: number, digits: number, value: number): void {
  const code = (frame[1] as number) & 0x7f;
  const start = 6 + (code < 126 ? 0 : code === 126 ? 2 : 8);
  let rest = value;
  for (let i = offset + digits - 1; i >= offset; i--) {
    const tenth = Math.floor(rest / 10);
    frame[start + i] = (48 + rest - tenth * 10) ^ (MASK[i & 3] as number);
    rest = tenth;
  }
}

/** The number that `digits` decimal digits at `offset` spell. */
export function readDigits(bytes: Uint8Array, offset: number, digits: number): number {
  let value = 0;
  for (let i = 0; i < digits; i++) value = value * 10 + (bytes[offset + i] as number) - 48;
  return value;
}

/** Returns where a frame that ends at `end` would end without the number that hotroom.v1 puts behind its data, `,"seq":4711`. */
export function endOfData(bytes: Uint8Array, end: number): number {
  let at = end - 2;
  while (isDigit(bytes[at])) at--;
  return at === end - 2 ? end : at - SEQ_LENGTH + 2;
}

/** Length of `,"seq":`. */
const SEQ_LENGTH = 7;

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** Called for each whole frame: its payload is `bytes.subarray(start, end)`, valid during the call only. */
export type OnFrame = (opcode: number, bytes: Uint8Array, start: number, end: number) => void;

/**
 * Finds the frames in a server's bytes by their headers alone, without copying: only a frame that is split over two
 * chunks is put together. Servers don't mask; none of those measured fragments or compresses.
 */
export class FrameReader {
  #split = new Uint8Array(256);
  #have = 0;

  constructor(readonly onFrame: OnFrame) {}

  /** Takes the next bytes of the connection. */
  push(chunk: Uint8Array): void {
    let at = 0;
    if (this.#have > 0) {
      at = this.#finishSplit(chunk);
      if (at < 0) return;
    }
    const length = chunk.length;
    while (at + 2 <= length) {
      const size = frameSize(chunk, at, length);
      if (size < 0 || at + size > length) break;
      const from = at;
      at += size;
      this.onFrame((chunk[from] as number) & 15, chunk, from + headerSize(chunk[from + 1] as number), at);
    }
    if (at < length) this.#keep(chunk, at, length);
  }

  /** Completes the frame that began in an earlier chunk; returns where the next one starts, or −1 if it goes on. */
  #finishSplit(chunk: Uint8Array): number {
    let at = 0;
    let size = frameSize(this.#split, 0, this.#have);
    while (size < 0) {
      if (at === chunk.length) return -1;
      this.#keep(chunk, at, at + 1);
      at++;
      size = frameSize(this.#split, 0, this.#have);
    }
    const end = Math.min(chunk.length, at + size - this.#have);
    this.#keep(chunk, at, end);
    if (this.#have < size) return -1;
    this.#have = 0;
    this.onFrame((this.#split[0] as number) & 15, this.#split, headerSize(this.#split[1] as number), size);
    return end;
  }

  #keep(chunk: Uint8Array, from: number, to: number): void {
    const need = this.#have + to - from;
    if (need > this.#split.length) {
      const grown = new Uint8Array(Math.max(need, this.#split.length * 2));
      grown.set(this.#split.subarray(0, this.#have));
      this.#split = grown;
    }
    this.#split.set(chunk.subarray(from, to), this.#have);
    this.#have = need;
  }
}

function headerSize(second: number): number {
  const code = second & 0x7f;
  return code < 126 ? 2 : code === 126 ? 4 : 10;
}

/** Bytes of the frame at `at`, header included; −1 while its header is not complete. */
function frameSize(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return -1;
  const code = (bytes[at + 1] as number) & 0x7f;
  if (code < 126) return 2 + code;
  if (code === 126)
    return at + 4 > end ? -1 : 4 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
  if (at + 10 > end) return -1;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at + 2, 8);
  return 10 + Number(view.getBigUint64(0));
}
