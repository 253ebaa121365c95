import { Buffer } from "node:buffer";
import type { QuickJSHandle } from "quickjs-emscripten";
import type { Engine } from "./engine.ts";

/** What the guest has made of texts and bytes: an engine that interprets takes 150 ns for a character. */
export const Recoding = { bytes: 0, text: 1, wholeText: 2, base64: 3, bytesOfBase64: 4 } as const;

/** Units or bytes that are recoded at a time: nothing can be interrupted meanwhile, and the host holds a few copies. */
export const MOST_RECODED = 256 * 1024;

const REPLACEMENT = [0xef, 0xbf, 0xbd];

/** Recodes for one guest. Each method returns undefined where it can't, or has no memory: the guest does it by itself then. */
export class Recoder {
  constructor(private readonly engine: Engine) {}

  /** Recodes a text of `from` units, or the bytes from `from` to `to` of a buffer, whichever the recoding takes. */
  run(recoding: number, value: QuickJSHandle, from: number, to: number): QuickJSHandle | undefined {
    const { crossing } = this.engine;
    if (recoding === Recoding.text || recoding === Recoding.wholeText) {
      const bytes = crossing.part(value, from, to);
      const text = bytes && withoutMistakes(bytes, recoding === Recoding.wholeText);
      return text && crossing.text(text);
    }
    const bytes = crossing.bytesOfUnits(value, from);
    if (!bytes) return undefined;
    if (recoding === Recoding.bytes) return crossing.spareBuffer(bytes);
    if (recoding === Recoding.bytesOfBase64) {
      const decoded = bytesOfBase64(Buffer.from(bytes).toString("latin1"));
      return decoded && crossing.spareBuffer(decoded);
    }
    // Its characters are bytes, of which those beyond ASCII have become two.
    const binary = bytes.length === from ? Buffer.from(bytes) : latin1(bytes);
    return crossing.text(Buffer.from(binary.toString("base64")));
  }
}

/** Returns the bytes of base64, in which there are no other characters; undefined where the number of them is wrong. */
function bytesOfBase64(text: string): Buffer | undefined {
  const whole = text.replace(/[\t\n\f\r ]+/g, "");
  const pads = whole.endsWith("==") ? 2 : whole.endsWith("=") ? 1 : 0;
  if ((whole.length - pads) % 4 === 1 || (pads > 0 && whole.length % 4 !== 0)) return undefined;
  return Buffer.from(whole, "base64");
}

function latin1(utf8: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(utf8).toString(), "latin1");
}

/**
 * Returns bytes as UTF-8, with a mark in the place of each mistake, as the standard has it; undefined for those that an engine's text
 * can't be made of, since they have a zero, or where there may be no mistake.
 */
function withoutMistakes(bytes: Uint8Array, isWhole: boolean): Uint8Array | undefined {
  if (bytes.includes(0)) return undefined;
  const out = new Uint8Array(3 * bytes.length);
  let written = 0;
  for (let at = 0; at < bytes.length; ) {
    const size = characterSize(bytes, at);
    if (size > 0) {
      for (let i = 0; i < size; i++) out[written++] = bytes[at++] as number;
      continue;
    }
    if (isWhole) return undefined;
    out.set(REPLACEMENT, written);
    written += REPLACEMENT.length;
    at -= size;
  }
  return out.subarray(0, written);
}

/** Returns how many bytes the character at a place has; less than 0 for a mistake, by how many bytes belong to it. */
function characterSize(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let i = 1; i < size; i++) {
    const next = bytes[at + i] ?? 0;
    const least = i > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const most = i > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (next < least || next > most) return -i;
  }
  return size;
}
