import { Buffer } from "node:buffer";
import { encodeFrame } from "../../process/frame.ts";

/** Bytes of a message in one frame; a longer one comes in several. */
export const PIECE_BYTES = 1024 * 1024;
/** Kind of the frames that are not the last of their message. */
export const PIECE = 0;

/** What the server asks of the writer of a store. */
export const ToWriter = {
  /** Makes a commit; the text is that of a `CommitHead`, a line end, and the changes. */
  commit: 1,
  /** Has what is committed synced; it is answered when that begins. */
  sync: 2,
  /** Asks for all names of applications. */
  applications: 3,
  /** Asks for all items; the text is the application's name. */
  items: 4,
  /** Asks for the records of a log; the text is that of a `LogName`. */
  records: 5,
} as const;

/** What the writer of a store answers. */
export const ToServer = {
  /** The store is open; the text is that of `Opened`. Comes first, with id 0. */
  opened: 1,
  /** Some of what was asked for, as changes that would make it. */
  some: 2,
  /** The request is done; the text is that of `Done`. */
  done: 3,
  /** The request has failed, or with id 0 the writer itself; the text is that of `Failed`. */
  failed: 4,
} as const;

/** What a commit is, before its changes. */
export interface CommitHead {
  /** One more than that of the commit before. */
  readonly number: number;
  readonly isStrict: boolean;
}

/** Which log is asked for. */
export interface LogName {
  readonly application: string;
  readonly room?: string;
  readonly log: string;
}

/** What the writer found when it opened the store. */
export interface Opened {
  /** Number of the last commit. */
  readonly commit: number;
  /** Number of the last commit that had been made; it is higher where the end of the store is lost. */
  readonly made: number;
  /** Number of the last commit that had been synced. */
  readonly synced: number;
  readonly bytes: number;
}

/** What the store has become. */
export interface Done {
  readonly bytes: number;
  /** Set where something is committed that is being synced, or is still to be: a sync is to be asked for again. */
  readonly isUnsynced?: true;
}

/** Why something has failed. */
export interface Failed {
  readonly code: string;
  readonly message: string;
  readonly isFatal: boolean;
}

/** One message of the pipe between the server and the writer of a store. */
export interface Message {
  readonly kind: number;
  /** Number of the request, u32. */
  readonly id: number;
  readonly text: string;
}

/** Returns the frames of a message. */
export function encodeMessage({ kind, id, text }: Message): Uint8Array[] {
  // A UTF-16 unit has three bytes at most.
  if (text.length * 3 <= PIECE_BYTES) return [encodeFrame(kind, id, text)];
  const bytes = Buffer.from(text, "utf8");
  const frames: Uint8Array[] = [];
  let at = 0;
  for (; bytes.length - at > PIECE_BYTES; at += PIECE_BYTES)
    frames.push(encodeFrame(PIECE, id, bytes.subarray(at, at + PIECE_BYTES)));
  frames.push(encodeFrame(kind, id, bytes.subarray(at)));
  return frames;
}
