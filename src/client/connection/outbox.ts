import type { RequestEvent } from "../../protocol/codec.ts";
import { HotroomClientError } from "../error.ts";
import { type OutgoingFrame, type SentFrame, writeFrame } from "./frames.ts";

/** A frame that the server is to get, once. */
export interface Outgoing {
  readonly event: RequestEvent;
  /** The frame, without `seen`. */
  readonly frame: SentFrame;
  /** What could not be done, for error messages: `send "say" to room "lobby"`. */
  readonly what: string;
  /** The room that it is about, where it is about one. */
  readonly room: string | undefined;
  /** Present where a reply is waited for. */
  readonly id: number | undefined;
  /** Whether it has been on its way, on this connection or one before. */
  wasSent: boolean;
  /** Nobody waits for it any more: it is not sent again. */
  isGivenUp: boolean;
}

/** Writes a frame. Throws HotroomClientError: `unsendable`. */
export function outgoing(said: OutgoingFrame, what: string): Outgoing {
  const { event, id, room } = said;
  try {
    return { event, id, room, what, frame: writeFrame(said), wasSent: false, isGivenUp: false };
  } catch (cause) {
    const why = cause instanceof TypeError && cause.message.startsWith("data") ? cause.message : undefined;
    const message = `Cannot ${what}: ${why ?? "its data can't be written as JSON"}.`;
    throw new HotroomClientError("unsendable", message, { cause });
  }
}

/** UTF-16 units, or bytes, of all frames that may wait. */
const MOST_UNITS = 4 * 1024 * 1024;

/**
 * The frames that the server is not known to have, in order: those that were sent and may be lost with the connection, then those
 * that have not been sent. `received` of a resumed session, and any answer, tell which ones it has.
 */
export class Outbox {
  readonly #most: number;
  #items: Outgoing[] = [];
  /** How many of the first ones were sent on this connection. */
  #sent = 0;
  /** Frames of the session that the server is known to have. */
  #taken = 0;
  #units = 0;
  /** Whether the server outlives itself: it says up to which frame they are not needed any more. */
  #isKept = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** How many frames may have to be sent again. */
  get unconfirmed(): number {
    return this.#sent;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** The newest frame that was sent on this connection and may be lost. */
  get newest(): Outgoing | undefined {
    return this.#items[this.#sent - 1];
  }

  /** The frames, in order. */
  list(): readonly Outgoing[] {
    return this.#items;
  }

  /** Takes a frame to be sent. Throws HotroomClientError: `queue_full`. */
  add(item: Outgoing): void {
    const { length } = this.#items;
    if (length >= this.#most || (length > 0 && this.#units + item.frame.length > MOST_UNITS)) {
      const message = `Cannot ${item.what}: ${length} frames wait for the server to take them, and no more may.`;
      throw new HotroomClientError("queue_full", message);
    }
    this.#items.push(item);
    this.#units += item.frame.length;
  }

  /** Returns the next frame to send, which counts as sent; undefined where there is none. */
  next(): Outgoing | undefined {
    const item = this.#items[this.#sent];
    if (!item) return undefined;
    this.#sent++;
    item.wasSent = true;
    return item;
  }

  /** Gives a frame up. Returns true if it has never been sent, and so never will be. */
  giveUp(item: Outgoing): boolean {
    item.isGivenUp = true;
    if (!item.wasSent) this.#keep((each) => each !== item);
    return !item.wasSent;
  }

  /** The server keeps the session for the one that is started in its place: it needs no frames up to number `upTo`. */
  keep(upTo: number): void {
    this.#isKept = true;
    for (let first = this.#items[0]; first; first = this.#items[0]) {
      if (this.#sent === 0 || (counts(first) && this.#taken >= upTo)) return;
      this.#drop(first);
    }
  }

  /** Notes that the server has a frame of this connection, and so all before it; where it has answered it that is `isAnswered`. */
  confirm(item: Outgoing, isAnswered = false): void {
    if (!this.#isKept) return this.#drop(item);
    // It may still lose what came before.
    if (isAnswered) item.isGivenUp = true;
  }

  #drop(item: Outgoing): void {
    const index = this.#items.indexOf(item);
    if (index < 0) return;
    for (const each of this.#items.splice(0, index + 1)) {
      if (counts(each)) this.#taken++;
      this.#units -= each.frame.length;
    }
    this.#sent = Math.max(0, this.#sent - index - 1);
  }

  /** Starts a session with the frames behind the login's. */
  begin(login?: Outgoing): void {
    if (login) this.#drop(login);
    this.#taken = 0;
    this.#isKept = false;
  }

  /**
   * Makes ready for another connection, where the server has had `received` frames of the session, and those numbered `beyond`; without
   * one, where there was none.
   */
  rewind(received = this.#taken, beyond: readonly number[] = []): void {
    const had = new Set(beyond);
    let number = this.#taken;
    this.#taken = received;
    this.#sent = 0;
    this.#keep((item) => {
      if (counts(item) && (++number <= received || had.has(number))) return false;
      return !item.isGivenUp;
    });
  }

  /** Takes out all frames, or all that were sent once, and returns them. */
  empty(which: "all" | "sent"): Outgoing[] {
    const out = this.#items.filter((item) => which === "all" || item.wasSent);
    this.#sent = 0;
    this.#taken = 0;
    this.#keep((item) => !out.includes(item));
    return out;
  }

  #keep(stays: (item: Outgoing) => boolean): void {
    this.#items = this.#items.filter(stays);
    this.#units = this.#items.reduce((sum, { frame }) => sum + frame.length, 0);
  }
}

/** Returns true if the server counts the frame among those of the session. */
function counts({ event }: Outgoing): boolean {
  return event !== "login" && event !== "reconnect" && event !== "ping" && event !== "edits";
}
