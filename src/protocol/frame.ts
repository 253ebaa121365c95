/** Reads the text of a frame into an object that holds nothing JSON can't carry back; what both wires share. */
import { FrameError } from "./codec.ts";
import type { JsonObject } from "./json_object.ts";

/** Largest frame where no other limit is set, bytes; a larger one is answered with `too_large`. */
export const DEFAULT_FRAME_BYTES = 1024 * 1024;

/** Levels of arrays and objects in `data`; its outermost one is the first. */
export const MAX_DEPTH = 64;

/** Text up to this length is parsed as it comes, UTF-16 units. */
const SHORT_UNITS = 4096;
/** Levels of arrays and objects in what is parsed at all: brackets alone take JSON.parse the longest (docs/decisions/0012-crowds.md). */
const DEEPEST = 1024;
/**
 * Keys of all objects in a frame, and numbers with an exponent. For a key that is another each time, and for `1e-300`, a sandbox takes some
 * 10 µs, in code that can't be interrupted; and a room whose clients could have its script host killed would be closed for it.
 */
export const MOST_KEYS = 16_384;
/** What is behind a comma in a frame, for which a sandbox takes 1 to 3 µs. */
export const MOST_VALUES = 65_536;
const TOO_DEEP = `it is nested deeper than ${MAX_DEPTH} levels`;

const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the text of a binary frame, `what` in messages; throws FrameError if it is not UTF-8, or has more than `limit` bytes. */
export function textOf(bytes: Uint8Array, limit = DEFAULT_FRAME_BYTES, what = "it is binary and"): string {
  if (bytes.length > limit) throw oversized(limit);
  try {
    return utf8.decode(bytes);
  } catch {
    throw unreadable(`${what} not UTF-8`);
  }
}

/**
 * Throws FrameError for a text that is long and nested deeper than `deepest` levels, or has more than `MOST_VALUES` values, or more
 * than `MOST_KEYS` keys and exponents: to parse it would take very long to no avail. `idOf` finds its id without parsing.
 */
export function checkIntricacy(
  text: string,
  idOf?: (text: string) => FrameError["id"],
  deepest = DEEPEST,
): void {
  const why = intricacy(text, deepest);
  if (why !== undefined) throw unreadable(why, idOf?.(text));
}

/**
 * Returns what is wrong with a long text in which more than `deepest` arrays and objects are open at once, or that has more than `MOST_VALUES`
 * values, or more than `MOST_KEYS` keys and exponents; else undefined.
 */
export function intricacy(text: string, deepest = DEEPEST): string | undefined {
  if (text.length <= SHORT_UNITS) return undefined;
  let depth = 0;
  let slow = 0;
  let values = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) i = endOfString(text, i);
    else if (unit === 0x2c) values++;
    else if (unit === 0x3a || isExponent(text, i, unit)) slow++;
    else if (unit === 0x5b || unit === 0x7b) depth++;
    else if (unit === 0x5d || unit === 0x7d) depth--;
    if (depth > deepest) return TOO_DEEP;
    if (values > MOST_VALUES) return `it has more than ${MOST_VALUES} values`;
    if (slow > MOST_KEYS) return `it has more than ${MOST_KEYS} keys, and numbers with an exponent`;
  }
  return undefined;
}

/** Returns true if an `e` stands there behind a digit. */
function isExponent(text: string, at: number, unit: number): boolean {
  if (unit !== 0x65 && unit !== 0x45) return false;
  const before = text.charCodeAt(at - 1);
  return before >= 0x30 && before <= 0x39;
}

/** Returns where the string ends that begins with the quote at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - escapes - 1) === 0x5c) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

/** Parses a frame; throws FrameError without an id, since none can be trusted before the text is an object. */
export function parseFrame(text: string): JsonObject {
  if (text.length === 0) throw unreadable("it is empty");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's own words differ between runtimes and quote the input at any length.
    throw unreadable("it is not JSON");
  }
  if (value === null) throw unreadable("it is null, not an object");
  if (typeof value !== "object") throw unreadable(`it is a ${typeof value}, not an object`);
  if (Array.isArray(value)) throw unreadable("it is an array, not an object");
  return value as JsonObject;
}

/** Returns true if the text has more bytes of UTF-8 than `bytes`; counts them only where its length leaves that open. */
export function isLongerThan(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  return text.length * 3 > bytes && encoder.encode(text).length > bytes;
}

/** Returns the error of a frame that can't be read at all. */
export function unreadable(why: string, id?: string | number): FrameError {
  return new FrameError("bad_frame", `Cannot read the frame: ${why}.`, id);
}

/** Returns the error of a frame with more than `limit` bytes; it is not parsed, so `id` is what could be found without. */
export function oversized(limit: number, id?: string | number): FrameError {
  return new FrameError("too_large", `Cannot read the frame: it has more than ${limit} bytes.`, id);
}

/**
 * Returns why a frame, or what stands `depth` levels deep in it, holds something that JSON would not carry back or that hides
 * from ordinary code; undefined where it is sound. It looks at every value: to search the text for a reason to do so costs
 * more (docs/decisions/0007-speed.md).
 */
export function unsoundness(value: unknown, depth = 0): string | undefined {
  if (typeof value === "string") {
    return value.isWellFormed() ? undefined : "it holds half a surrogate pair";
  }
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : "it holds a number that is too large";
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (depth > MAX_DEPTH) return TOO_DEEP;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = unsoundness(value[i], depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  // What JSON.parse makes inherits nothing that this would list, and it needs no array of the keys.
  for (const key in value) {
    if (key === "__proto__") return 'it has a key "__proto__"';
    if (!key.isWellFormed()) return "it holds half a surrogate pair";
    const found = unsoundness((value as JsonObject)[key], depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
