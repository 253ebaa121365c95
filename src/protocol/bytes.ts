/**
 * Bytes as data of a message. On the wire they are a binary frame: a header, which is a text frame without its data, a zero byte, the
 * bytes. In the server they are text as all data is: a zero, with which no JSON begins, and each byte as the character of its number.
 */

/** What stands before bytes that are text. */
const MARK = "\0";
/** Bytes that are made text at once: a call takes so many arguments. */
const CHUNK_BYTES = 8192;

/** One message of a WebSocket: text, or where it is binary its bytes. */
export type WireFrame = string | Uint8Array;

/** Returns true if data is bytes, not JSON. */
export function isBytes(data: string): boolean {
  return data.charCodeAt(0) === 0;
}

/** Returns bytes as text. */
export function textOfBytes(bytes: Uint8Array): string {
  let text = MARK;
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + CHUNK_BYTES) as unknown as number[]);
  return text;
}

/** Returns the data of a message as text: JSON, or bytes; undefined where it has none. */
export function dataText(data: unknown): string | undefined {
  if (data instanceof Uint8Array) return textOfBytes(data);
  return data === undefined ? undefined : JSON.stringify(data);
}

/** Returns the bytes of such a text. */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length - 1);
  fill(bytes, 0, text);
  return bytes;
}

/** Returns the binary frame of a header and of bytes as text. */
export function binaryFrame(header: string, text: string): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(header);
  const frame = new Uint8Array(head.length + text.length);
  frame.set(head);
  // The text's own mark is the zero between them.
  frame[head.length] = 0;
  fill(frame, head.length + 1, text);
  return frame;
}

function fill(target: Uint8Array, start: number, text: string): void {
  for (let i = 1; i < text.length; i++) target[start + i - 1] = text.charCodeAt(i);
}
