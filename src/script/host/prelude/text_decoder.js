/** `TextDecoder`: texts of UTF-8, which may come in pieces. */
import { show } from "./arguments.js";
import {
  charCodeAt,
  decodeUriPart,
  escapeBytes,
  exec,
  isAscii,
  isView,
  NativeUint8Array,
  NativeURIError,
  slice,
  StackOverflow as OutOfRange,
  TypeMistake,
  toText,
} from "./builtins.js";
import { textOfUtf8 } from "./recode.js";
import {
  bufferOfView,
  byteOffsetOfView,
  bytesOfView,
  isBuffer,
  lengthOfView,
  setBytes,
  sizeOfBuffer,
  textOfBytes,
} from "./views.js";
import { MOST_RECODED } from "./wire.js";

const labels =
  /^[\t\n\f\r ]*(?:unicode-1-1-utf-8|unicode11utf8|unicode20utf8|utf-8|utf8|x-unicode20utf8)[\t\n\f\r ]*$/i;
/** Bytes that are decoded at once by the engine's own means, and most of a character. */
const PART_BYTES = 8192;
const MOST_BYTES = 4;
const REPLACEMENT = "\ufffd";
const MARK = 0xfeff;

/** Makes texts of UTF-8, as in browsers. */
export class TextDecoder {
  #fatal;
  #ignoreBOM;
  /** The beginning of a character whose end is still to come. */
  #rest = new NativeUint8Array(0);
  /** Whether the text that comes in pieces has begun, so that no mark can come any more. */
  #hasBegun = false;

  constructor(label = "utf-8", options = undefined) {
    const name = toText(label);
    if (exec(labels, name) === null) {
      throw new OutOfRange(
        "TextDecoder: the encoding " + show(name) + " does not exist in a script, which knows utf-8 only",
      );
    }
    this.#fatal = !!options?.fatal;
    this.#ignoreBOM = !!options?.ignoreBOM;
  }

  get encoding() {
    return "utf-8";
  }
  get fatal() {
    return this.#fatal;
  }
  get ignoreBOM() {
    return this.#ignoreBOM;
  }

  decode(input = undefined, options = undefined) {
    const isStream = !!options?.stream;
    const bytes = joined(this.#rest, bytesIn(input));
    const size = lengthOfView(bytes);
    const end = size - (isStream ? unfinished(bytes, size) : 0);
    this.#rest = new NativeUint8Array(size - end);
    for (let i = end; i < size; i++) this.#rest[i - end] = bytes[i];
    let text = "";
    for (let at = 0; at < end; ) {
      const to = partEnd(bytes, at, end, MOST_RECODED);
      const start = byteOffsetOfView(bytes);
      const part = textOfUtf8(bufferOfView(bytes), start + at, start + to, this.#fatal);
      text += part ?? textHere(bytes, at, to, this.#fatal);
      at = to;
    }
    if (text !== "" && !this.#hasBegun) {
      this.#hasBegun = true;
      if (!this.#ignoreBOM && charCodeAt(text, 0) === MARK) text = slice(text, 1);
    }
    if (!isStream) this.#hasBegun = false;
    return text;
  }
}

/** Returns the bytes of two as one. */
function joined(before, bytes) {
  const size = lengthOfView(before);
  if (size === 0) return bytes;
  const both = new NativeUint8Array(size + lengthOfView(bytes));
  setBytes(both, before, 0);
  setBytes(both, bytes, size);
  return both;
}

/** Returns what is to be decoded as a Uint8Array. */
function bytesIn(input) {
  if (input === undefined) return new NativeUint8Array(0);
  if (isView(input)) return bytesOfView(input);
  if (isBuffer(input)) return new NativeUint8Array(input, 0, sizeOfBuffer(input));
  throw new TypeMistake("TextDecoder.decode: give it an ArrayBuffer or a view of one, not " + show(input));
}

/** Returns where the part of `most` bytes ends that begins at `at`, so that no character is cut in two. */
function partEnd(bytes, at, end, most) {
  if (end - at <= most) return end;
  const to = at + most;
  for (let cut = to; cut > to - MOST_BYTES; cut--) if ((bytes[cut] & 0xc0) !== 0x80) return cut;
  return to;
}

/** Returns the text of bytes without the host's help. */
function textHere(bytes, from, end, isFatal) {
  let text = "";
  for (let at = from; at < end; ) {
    const to = partEnd(bytes, at, end, PART_BYTES);
    text += textOf(bytes, at, to, isFatal);
    at = to;
  }
  return text;
}

function textOf(bytes, from, to, isFatal) {
  const text = textOfBytes(bytes, from, to);
  if (isAscii(text)) return text;
  try {
    return decodeUriPart(escapeBytes(text));
  } catch (error) {
    if (!(error instanceof NativeURIError)) throw error;
  }
  if (isFatal) throw new TypeMistake("TextDecoder.decode: the bytes are not UTF-8");
  return repaired(text);
}

/** Returns the text of bytes, given as a text of them, with a mark in the place of each that can't be read, as the standard has it. */
function repaired(units) {
  let text = "";
  let begun = 0;
  let at = 0;
  while (at < units.length) {
    const size = characterSize(units, at);
    if (size > 0 && at + size <= units.length) {
      at += size;
      continue;
    }
    // What is whole is decoded at once. A part of a character counts as one mistake.
    text += decodeUriPart(escapeBytes(slice(units, begun, at))) + REPLACEMENT;
    at += size > 0 ? units.length - at : size === 0 ? 1 : -size;
    begun = at;
  }
  return text + decodeUriPart(escapeBytes(slice(units, begun, at)));
}

/**
 * Returns how many bytes the character at a place has: 0 where none begins there, and less than 0 for one that breaks off, by
 * how many bytes of it there are.
 */
function characterSize(units, at) {
  const lead = charCodeAt(units, at);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let i = 1; i < size && at + i < units.length; i++) {
    const next = charCodeAt(units, at + i);
    const least = i > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const most = i > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (next < least || next > most) return -i;
  }
  return size;
}

/** Returns how many bytes at the end are the beginning of a character. */
function unfinished(bytes, end) {
  for (let back = 1; back < MOST_BYTES && back <= end; back++) {
    if ((bytes[end - back] & 0xc0) === 0x80) continue;
    const size = characterSize(textOfBytes(bytes, end - back, end), 0);
    return size > back ? back : 0;
  }
  return 0;
}
