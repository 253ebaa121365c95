/** Texts and bytes that the host makes of each other, part by part: what is long can be interrupted between two. */
import { charCodeAt, exec, list, min, NativeUint8Array, slice } from "./builtins.js";
import { lengthOfView, setBytes, textOfBytes } from "./views.js";
import {
  MOST_RECODED,
  RECODING_BASE64,
  RECODING_BYTES,
  RECODING_BYTES_OF_BASE64,
  RECODING_TEXT,
  RECODING_WHOLE_TEXT,
} from "./wire.js";

/** Units and bytes of which fewer cost less to be looked at one by one than to be handed over. */
const FEW = 32;
/** What `btoa` takes; what `atob` does where there is no white space in it, and where there may be. */
const bytesOnly = /^[\0-\xff]*$/;
const plainBase64 = /^[A-Za-z0-9+/]*={0,2}$/;
const spacedBase64 = /^[A-Za-z0-9+/\t\n\f\r ]*(?:=[\t\n\f\r ]*){0,2}$/;
/** Units of base64 that are recoded at a time, whole groups of four, and of what it is made of, whole groups of three. */
const BASE64_UNITS = MOST_RECODED - (MOST_RECODED % 12);

let recode;

/** Has the host recode from now on. */
export function setRecode(byHost) {
  recode = byHost;
}

/** Returns the UTF-8 of a text without lone surrogates as a new Uint8Array; undefined where it is to be made here. */
export function utf8Of(text) {
  const { length } = text;
  if (length < FEW) return undefined;
  const parts = list();
  let size = 0;
  for (let at = 0; at < length; ) {
    const end = unitsEnd(text, at);
    const buffer = recode(RECODING_BYTES, slice(text, at, end), end - at);
    if (buffer === undefined) return undefined;
    const part = new NativeUint8Array(buffer);
    parts[parts.length] = part;
    size += lengthOfView(part);
    at = end;
  }
  if (parts.length === 1) return parts[0];
  const all = new NativeUint8Array(size);
  for (let i = 0, at = 0; i < parts.length; i++) {
    setBytes(all, parts[i], at);
    at += lengthOfView(parts[i]);
  }
  return all;
}

/** Returns where a part ends that is recoded at a time: no character is cut in two. */
function unitsEnd(text, at) {
  const end = at + MOST_RECODED;
  if (end >= text.length) return text.length;
  const last = charCodeAt(text, end - 1);
  return last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
}

/**
 * Returns the text of UTF-8 in a buffer, `MOST_RECODED` bytes at most, with a mark in the place of each mistake; undefined where it is
 * to be made here, as where `isWhole` allows no mistake and there is one.
 */
export function textOfUtf8(buffer, from, to, isWhole) {
  if (to - from < FEW) return undefined;
  return recode(isWhole ? RECODING_WHOLE_TEXT : RECODING_TEXT, buffer, from, to);
}

/** Returns the base64 of a text whose characters are bytes; undefined where it is to be made here, or where they are not. */
export function base64Of(text) {
  const { length } = text;
  if (length < FEW || exec(bytesOnly, text) === null) return undefined;
  let all = "";
  for (let at = 0; at < length; at += BASE64_UNITS) {
    const size = min(BASE64_UNITS, length - at);
    const part = recode(RECODING_BASE64, slice(text, at, at + size), size);
    if (part === undefined) return undefined;
    all += part;
  }
  return all;
}

/** Returns the text whose characters are the bytes of base64; undefined where it is to be made here, or is none. */
export function binaryOf(text) {
  const { length } = text;
  if (length < FEW) return undefined;
  // With white space in it the groups of four are not to be told from outside.
  const step = exec(plainBase64, text) === null ? length : BASE64_UNITS;
  if (step > BASE64_UNITS || (step === length && exec(spacedBase64, text) === null)) return undefined;
  let all = "";
  for (let at = 0; at < length; at += step) {
    const size = min(step, length - at);
    const buffer = recode(RECODING_BYTES_OF_BASE64, slice(text, at, at + size), size);
    if (buffer === undefined) return undefined;
    const bytes = new NativeUint8Array(buffer);
    all += textOfBytes(bytes, 0, lengthOfView(bytes));
  }
  return all;
}
