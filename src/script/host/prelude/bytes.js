/** Bytes that the events of a batch send: they cross to the host one after the other in one buffer, beside the answer's text. */
import { NativeArrayBuffer, NativeUint8Array, TypeMistake } from "./builtins.js";
import { lengthOfView, nameOfView, setBytes } from "./views.js";

/** Bytes of the first buffer, and of the largest that is kept for the next batch. */
const KEPT_BYTES = 64 * 1024;

/** Room for bytes, of which the first `size` count. */
let buffer;
let view;
let room = 0;
let size = 0;
/** Number of the last outcome whose event has sent some, and where these begin. */
let owner = -1;
let start = 0;

/** Returns true if a value is a Uint8Array, whatever it says of itself. */
export function isBytes(value) {
  return nameOfView(value) === "Uint8Array";
}

/** The `toJSON` of bytes: whoever writes JSON hears by it that there are some, and need not look for any. Throws TypeError. */
export function refuseBytes() {
  throw new TypeMistake("it is a Uint8Array, which JSON can't write");
}

/** Forgets what the events of the last batch have sent. */
export function beginBytes() {
  size = 0;
  owner = -1;
}

/** Returns how many bytes the event of an outcome has sent so far. */
export function bytesSent(outcome) {
  return owner === outcome ? size - start : 0;
}

/** Takes a copy of bytes that the event of an outcome sends; the script may go on writing to its own. */
export function sendBytes(outcome, bytes) {
  const length = lengthOfView(bytes);
  if (length === 0) return;
  const end = size + length;
  if (room < end) grow(end);
  if (owner !== outcome) {
    owner = outcome;
    start = size;
  }
  setBytes(view, bytes, size);
  size = end;
}

/** Takes back what the event of an outcome has sent: it has failed. */
export function takeBytesBack(outcome) {
  size -= bytesSent(outcome);
  owner = -1;
}

/** Returns how many bytes all events of the batch have sent. */
export function bytesOfBatch() {
  return size;
}

/** Returns a buffer that begins with them. */
export function giveBytes() {
  const given = buffer;
  if (room > KEPT_BYTES) {
    buffer = view = undefined;
    room = 0;
  }
  return given;
}

/** Makes the room twice as large until it has so many bytes. */
function grow(least) {
  let length = room === 0 ? KEPT_BYTES : room;
  while (length < least) length *= 2;
  const larger = new NativeArrayBuffer(length);
  const largerView = new NativeUint8Array(larger);
  if (size > 0) setBytes(largerView, new NativeUint8Array(buffer, 0, size), 0);
  buffer = larger;
  view = largerView;
  room = length;
}
