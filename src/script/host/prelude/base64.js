/** `btoa` and `atob`: base64 of texts whose characters are bytes. */
import { ceil, charCodeAt, NativeDOMException, NativeUint8Array, toText } from "./builtins.js";
import { base64Of, binaryOf } from "./recode.js";
import { textOfBytes } from "./views.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 61;
/** By a character's code: its six bits; 64 for white space, which counts for nothing; 255 for what is no base64. */
const bits = new NativeUint8Array(256);
for (let i = 0; i < 256; i++) bits[i] = 255;
/** By six bits: the code of their character. */
const codes = new NativeUint8Array(64);
for (let i = 0; i < 64; i++) {
  codes[i] = charCodeAt(ALPHABET, i);
  bits[codes[i]] = i;
}
const SPACE = 64;
for (let i = 0; i < 5; i++) bits[charCodeAt("\t\n\f\r ", i)] = SPACE;

/** Returns bytes as base64, which are given as the characters of their numbers, as browsers do. */
export function btoa(data) {
  const text = toText(data);
  const byHost = base64Of(text);
  if (byHost !== undefined) return byHost;
  const { length } = text;
  const out = new NativeUint8Array(4 * ceil(length / 3));
  let to = 0;
  for (let i = 0; i < length; i += 3) {
    const one = charCodeAt(text, i);
    const two = i + 1 < length ? charCodeAt(text, i + 1) : 0;
    const three = i + 2 < length ? charCodeAt(text, i + 2) : 0;
    if ((one | two | three) > 255) {
      throw new NativeDOMException(
        "btoa: the text has characters beyond U+00FF; encode it with TextEncoder first",
        "InvalidCharacterError",
      );
    }
    out[to] = codes[one >> 2];
    out[to + 1] = codes[((one & 3) << 4) | (two >> 4)];
    out[to + 2] = i + 1 < length ? codes[((two & 15) << 2) | (three >> 6)] : PAD;
    out[to + 3] = i + 2 < length ? codes[three & 63] : PAD;
    to += 4;
  }
  return textOfBytes(out, 0, to);
}

/** Returns the bytes of base64 as the characters of their numbers, as browsers do. */
export function atob(data) {
  const text = toText(data);
  const byHost = binaryOf(text);
  if (byHost !== undefined) return byHost;
  const { length } = text;
  const out = new NativeUint8Array(((length * 3) >> 2) + 3);
  let to = 0;
  let word = 0;
  let count = 0;
  let pads = 0;
  for (let i = 0; i < length; i++) {
    const code = charCodeAt(text, i);
    const six = code > 255 ? 255 : bits[code];
    if (six === SPACE) continue;
    if (code === PAD) pads++;
    else if (six === 255 || pads > 0) throw noBase64();
    else {
      word = (word << 6) | six;
      if ((++count & 3) === 0) {
        out[to++] = word >> 16;
        out[to++] = word >> 8;
        out[to++] = word;
      }
    }
  }
  const rest = count & 3;
  if (rest === 1 || pads > 2 || (pads > 0 && rest + pads !== 4)) throw noBase64();
  if (rest === 2) out[to++] = word >> 4;
  if (rest === 3) {
    out[to++] = word >> 10;
    out[to++] = word >> 2;
  }
  return textOfBytes(out, 0, to);
}

function noBase64() {
  return new NativeDOMException("atob: the text is not base64", "InvalidCharacterError");
}
