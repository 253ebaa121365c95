import { bytesOfText, textOfBytes, type WireFrame } from "../../protocol/bytes.ts";
import { jsonName } from "../durable/json_name.ts";
import type { JsonText } from "../ports/event.ts";
import type { KeptRecord } from "../ports/journal_store.ts";
import { ANSWER } from "./backlog.ts";
import type { History, KeptFrame } from "./history.ts";

/** What stands before a frame that is binary; one that is text is an object of JSON, and so begins with a brace. */
const BINARY = "=";

/** A frame as it is written: its number and text, of one that is binary in base64, and what must be known of it. */
export type WrittenFrame = readonly [number: number, frame: string, note?: WrittenNote];

/** A room's name, or null; 0 for an answer; the ids of users that the frame is not for. */
type WrittenNote = string | null | 0 | readonly string[];

/** What is written of one history: its key; 1 where that is all there is of it; the number up to which it is not written; frames. */
export type WrittenFrames = readonly [
  key: string,
  isAll: 0 | 1,
  gone: number,
  frames: readonly WrittenFrame[],
];

/** What a record has: of which histories what, and what else. */
export interface ReadFrameRecord {
  readonly of: readonly WrittenFrames[];
  readonly more: unknown;
}

/** The first line of a record: as `ReadFrameRecord`, but with how many UTF-16 units each frame has behind that line. */
interface Head {
  readonly of: readonly (readonly [
    key: string,
    isAll: 0 | 1,
    gone: number,
    frames: readonly (readonly [number: number, units: number, note?: WrittenNote])[],
  ])[];
  readonly more: unknown;
}

/** Finds users by id. */
export type FindUser = (id: string) => object | undefined;

/** Returns by which key the history of what all of a room hear is written, or, with null, of all of the application; a user's own has the user's id. */
export function keyOf(room: string | null): string {
  return room === null ? "all" : `room ${room}`;
}

/**
 * A record of frames that is being made: a line of JSON, and behind it the frames as they were sent, so that they are neither escaped
 * nor parsed.
 */
export class FrameRecord {
  #head = "";
  #frames = "";

  /** UTF-16 units of the frames. */
  get units(): number {
    return this.#frames.length;
  }

  /** Adds the frames of a history with numbers above `after`; none where that is undefined. */
  add(key: string, isAll: boolean, gone: number, history: History, after: number | undefined): void {
    let frames = "";
    const from = after === undefined ? Number.POSITIVE_INFINITY : history.placeAfter(after);
    for (let place = from; place < history.placeBehind; place++) {
      const frame = frameText(history.frameAt(place));
      const note = history.noteAt(place);
      frames += `${frames && ","}[${history.numberAt(place)},${frame.length}${note === undefined ? "" : `,${noteText(note)}`}]`;
      this.#frames += frame;
    }
    this.#add(key, isAll ? 1 : 0, gone, frames);
  }

  /** Adds what was read. */
  addWritten([key, isAll, gone, frames]: WrittenFrames): void {
    const heads = frames.map(([number, frame, note]) => {
      this.#frames += frame;
      return JSON.stringify(note === undefined ? [number, frame.length] : [number, frame.length, note]);
    });
    this.#add(key, isAll, gone, heads.join());
  }

  /** Returns the record; `more` is what else it has, without a line end. */
  text(more: JsonText): string {
    return `{"of":[${this.#head}],"more":${more}}\n${this.#frames}`;
  }

  #add(key: string, isAll: 0 | 1, gone: number, frames: string): void {
    this.#head += `${this.#head && ","}[${jsonName(key)},${isAll},${gone},[${frames}]]`;
  }
}

/** Returns what a record has. Throws SyntaxError where it is none. */
export function readFrameRecord(record: string): ReadFrameRecord {
  const end = record.indexOf("\n");
  // Of a store of format 1, which had the frames in the JSON.
  if (end < 0) return JSON.parse(record) as ReadFrameRecord;
  const { of, more } = JSON.parse(record.slice(0, end)) as Head;
  let at = end + 1;
  const frameOf = ([number, units, note]: Head["of"][number][3][number]): WrittenFrame => {
    at += units;
    const frame = record.slice(at - units, at);
    return note === undefined ? [number, frame] : [number, frame, note];
  };
  return { of: of.map(([key, isAll, gone, frames]) => [key, isAll, gone, frames.map(frameOf)]), more };
}

/** Frames of one history, as they were read, by number; and up to which they are gone. */
export interface ReadFrames {
  readonly frames: Map<number, WrittenFrame>;
  gone: number;
}

/** What a log of frames has, read record by record: there may be a hundred thousand, which nobody reads in one turn of the loop. */
export class ReadRecords {
  /** By the key of a history. */
  readonly frames = new Map<string, ReadFrames>();
  /** What else the records have, in their order. */
  readonly more: unknown[] = [];
  /** The number of the last record, UTF-16 units of all, and the highest number of a frame. */
  last = 0;
  units = 0;
  highest = 0;

  /** Adds the next record. Throws SyntaxError where it is none. */
  add({ number, record }: KeptRecord): void {
    const { of, more } = readFrameRecord(record);
    for (const [key, isAll, gone, frames] of of) {
      const read = (isAll ? undefined : this.frames.get(key)) ?? { frames: new Map(), gone: 0 };
      this.frames.set(key, read);
      read.gone = Math.max(read.gone, gone);
      for (const frame of frames) read.frames.set(frame[0], frame);
      this.highest = Math.max(this.highest, gone, frames.at(-1)?.[0] ?? 0);
    }
    this.more.push(more);
    this.last = number;
    this.units += record.length;
  }
}

/** Returns a frame that was written. */
export function kept([number, text, note]: WrittenFrame, find: FindUser): KeptFrame {
  const frame = frameOfText(text);
  if (note === undefined) return { number, frame };
  if (note === 0) return { number, frame, note: ANSWER };
  if (!Array.isArray(note)) return { number, frame, note };
  const users = note.map((id) => find(id)).filter((user) => user !== undefined);
  return { number, frame, note: new Set(users) };
}

function frameText(frame: WireFrame): string {
  return typeof frame === "string" ? frame : BINARY + btoa(textOfBytes(frame).slice(1));
}

function frameOfText(text: string): WireFrame {
  return text.startsWith(BINARY) ? bytesOfText(`\0${atob(text.slice(BINARY.length))}`) : text;
}

function noteText(note: unknown): JsonText {
  if (note === ANSWER) return "0";
  if (note instanceof Set) return JSON.stringify(Array.from(note as Set<{ id: string }>, ({ id }) => id));
  return JSON.stringify(note as string | null);
}
