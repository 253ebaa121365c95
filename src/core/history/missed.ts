import type { WireFrame } from "../../protocol/bytes.ts";
import type { Span } from "./spans.ts";

/** Some of the frames that a user has missed, in order. */
export interface MissedFrames {
  readonly frames: readonly WireFrame[];
  /** The number of the last of them; Infinity where nothing is missed after them. */
  readonly position: number;
}

/** A place in one history. */
interface Cursor {
  readonly span: Span;
  place: number;
  number: number;
}

/** Returns true if a frame of that number and note is for whom it is asked of. */
export type IsFor = (number: number, note: unknown) => boolean;

/** Returns the frames that somebody was to be sent in these spans after `position`: the first ones, until they have so many `characters`. */
export function missedFrames(
  spans: Iterable<Span>,
  isFor: IsFor,
  position: number,
  characters: number,
): MissedFrames {
  const cursors: Cursor[] = [];
  for (const span of spans) {
    const place = span.history.placeAfter(Math.max(position, span.from));
    const cursor = { span, place, number: span.history.numberAt(place) };
    if (cursor.number <= span.to && cursor.number < Number.POSITIVE_INFINITY) cursors.push(cursor);
  }
  const frames: WireFrame[] = [];
  let left = characters;
  let last = position;
  while (cursors.length > 0) {
    if (left <= 0) return { frames, position: last };
    let first = 0;
    for (let at = 1; at < cursors.length; at++) {
      if ((cursors[at] as Cursor).number < (cursors[first] as Cursor).number) first = at;
    }
    const cursor = cursors[first] as Cursor;
    const { history, to } = cursor.span;
    if (isFor(cursor.number, history.noteAt(cursor.place))) {
      const frame = history.frameAt(cursor.place);
      frames.push(frame);
      left -= frame.length;
    }
    last = cursor.number;
    cursor.number = history.numberAt(++cursor.place);
    if (cursor.number > to || cursor.number === Number.POSITIVE_INFINITY) cursors.splice(first, 1);
  }
  return { frames, position: Number.POSITIVE_INFINITY };
}

/** Returns how many frames these are, all of them, and how many characters they have. */
export function countMissed(
  spans: Iterable<Span>,
  isFor: IsFor,
  position: number,
): { frames: number; characters: number } {
  let frames = 0;
  let characters = 0;
  for (const { history, from, to } of spans) {
    let place = history.placeAfter(Math.max(position, from));
    for (let number = history.numberAt(place); number < Number.POSITIVE_INFINITY && number <= to; ) {
      if (isFor(number, history.noteAt(place))) {
        frames++;
        characters += history.frameAt(place).length;
      }
      number = history.numberAt(++place);
    }
  }
  return { frames, characters };
}
