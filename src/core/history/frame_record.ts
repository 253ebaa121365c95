import { bytesOfText, isBytes, textOfBytes, type WireFrame } from "../../protocol/bytes.ts";
import { ANSWER } from "./backlog.ts";
import type { KeptFrame } from "./history.ts";

/** A frame as it is written: its number and text, which is that of its bytes where it is binary, and what must be known of it. */
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

/** Finds users by id. */
export type FindUser = (id: string) => object | undefined;

/** Returns by which key the history of what all of a room hear is written, or, with null, of all of the application; a user's own has the user's id. */
export function keyOf(room: string | null): string {
  return room === null ? "all" : `room ${room}`;
}

/** Returns a frame as it is written. */
export function written({ number, frame: sent, note }: KeptFrame): WrittenFrame {
  const frame = typeof sent === "string" ? sent : textOfBytes(sent);
  if (note === undefined) return [number, frame];
  if (note === ANSWER) return [number, frame, 0];
  if (note instanceof Set) return [number, frame, Array.from(note as Set<{ id: string }>, ({ id }) => id)];
  return [number, frame, note as string | null];
}

/** Returns a frame that was written. */
export function kept([number, text, note]: WrittenFrame, find: FindUser): KeptFrame {
  const frame: WireFrame = isBytes(text) ? bytesOfText(text) : text;
  if (note === undefined) return { number, frame };
  if (note === 0) return { number, frame, note: ANSWER };
  if (!Array.isArray(note)) return { number, frame, note };
  const users = note.map((id) => find(id)).filter((user) => user !== undefined);
  return { number, frame, note: new Set(users) };
}
