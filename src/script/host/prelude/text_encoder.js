/** `TextEncoder`: texts as UTF-8. */
import { show } from "./arguments.js";
import { bytesOf, charCodeAt, NativeUint8Array, TypeMistake, toText, toWellFormed } from "./builtins.js";
import { utf8Of } from "./recode.js";
import { lengthOfView, nameOfView, setBytes } from "./views.js";

/** Makes UTF-8 of texts, as in browsers. */
export class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(input = "") {
    const text = toWellFormed(toText(input));
    const byHost = utf8Of(text);
    if (byHost !== undefined) return byHost;
    const size = bytesOf(text);
    const bytes = new NativeUint8Array(size);
    if (size === text.length) for (let i = 0; i < size; i++) bytes[i] = charCodeAt(text, i);
    else write(text, bytes, size);
    return bytes;
  }

  encodeInto(source, destination) {
    const text = toWellFormed(toText(source));
    const name =
      typeof destination === "object" && destination !== null ? nameOfView(destination) : undefined;
    if (name !== "Uint8Array") {
      throw new TypeMistake(
        "TextEncoder.encodeInto: the destination must be a Uint8Array, not " + show(destination),
      );
    }
    const room = lengthOfView(destination);
    // What surely is longer is cut here.
    const byHost = text.length > room ? undefined : utf8Of(text);
    if (byHost === undefined || lengthOfView(byHost) > room) return write(text, destination, room);
    setBytes(destination, byHost, 0);
    return { read: text.length, written: lengthOfView(byHost) };
  }
}

/** Writes as many whole characters of a text without lone surrogates as `room` bytes hold. */
function write(text, bytes, room) {
  let read = 0;
  let written = 0;
  while (read < text.length) {
    const unit = charCodeAt(text, read);
    if (unit < 0x80) {
      if (written + 1 > room) break;
      bytes[written++] = unit;
      read++;
    } else if (unit < 0x800) {
      if (written + 2 > room) break;
      bytes[written++] = 0xc0 | (unit >> 6);
      bytes[written++] = 0x80 | (unit & 0x3f);
      read++;
    } else if (unit < 0xd800 || unit > 0xdfff) {
      if (written + 3 > room) break;
      bytes[written++] = 0xe0 | (unit >> 12);
      bytes[written++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[written++] = 0x80 | (unit & 0x3f);
      read++;
    } else {
      if (written + 4 > room) break;
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (charCodeAt(text, read + 1) & 0x3ff);
      bytes[written++] = 0xf0 | (point >> 18);
      bytes[written++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[written++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[written++] = 0x80 | (point & 0x3f);
      read += 2;
    }
  }
  return { read, written };
}
