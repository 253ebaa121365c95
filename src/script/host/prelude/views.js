/** Buffers and views of them by their own parts, whatever a script has put over those. */
import { apply, defineProperty, getter, getPrototypeOf, min, NativeUint8Array, uncurry } from "./builtins.js";

const typedArray = getPrototypeOf(NativeUint8Array.prototype);

/** The parts of a typed array. */
export const bufferOfView = getter(typedArray, "buffer");
export const byteOffsetOfView = getter(typedArray, "byteOffset");
const byteLengthOfView = getter(typedArray, "byteLength");
export const lengthOfView = getter(typedArray, "length");
/** Returns the name of a typed array's kind; undefined for any other value. */
export const nameOfView = getter(typedArray, Symbol.toStringTag);
/** Copies a typed array into another one, from a place on. */
export const setBytes = uncurry(typedArray.set);

const bufferOfDataView = getter(DataView.prototype, "buffer");
const byteOffsetOfDataView = getter(DataView.prototype, "byteOffset");
const byteLengthOfDataView = getter(DataView.prototype, "byteLength");

/** Returns `{ buffer, byteOffset, byteLength }` of a typed array or a DataView. */
export function partsOf(view) {
  const isTyped = nameOfView(view) !== undefined;
  return {
    __proto__: null,
    buffer: isTyped ? bufferOfView(view) : bufferOfDataView(view),
    byteOffset: isTyped ? byteOffsetOfView(view) : byteOffsetOfDataView(view),
    byteLength: isTyped ? byteLengthOfView(view) : byteLengthOfDataView(view),
  };
}

/** Returns a Uint8Array of the bytes of a view. */
export function bytesOfView(view) {
  const { buffer, byteOffset, byteLength } = partsOf(view);
  return new NativeUint8Array(buffer, byteOffset, byteLength);
}

/** What a buffer is itself: its size in bytes, and whether that was taken from it. */
export const sizeOfBuffer = getter(ArrayBuffer.prototype, "byteLength");
export const isDetached = getter(ArrayBuffer.prototype, "detached");
/** Takes what a buffer holds away from it. */
export const detach = uncurry(ArrayBuffer.prototype.transfer);

/** Returns true for an ArrayBuffer. */
export function isBuffer(value) {
  if (typeof value !== "object" || value === null) return false;
  try {
    sizeOfBuffer(value);
    return true;
  } catch {
    return false;
  }
}

const { fromCharCode } = String;
/** Bytes that are made a text at once. */
const PART_BYTES = 8192;

/** Returns the text whose characters are some bytes of a Uint8Array. */
export function textOfBytes(bytes, from, to) {
  const buffer = bufferOfView(bytes);
  const offset = byteOffsetOfView(bytes);
  let text = "";
  for (let at = from; at < to; at += PART_BYTES) {
    const size = min(to - at, PART_BYTES);
    const part = new NativeUint8Array(buffer, offset + at, size);
    // Else `apply` would ask for that of the prototype.
    defineProperty(part, "length", { __proto__: null, value: size });
    text += apply(fromCharCode, undefined, part);
  }
  return text;
}
