import { closedError, HotroomClientError } from "../error.ts";
import type { EventFrame, OutgoingFrame, ReplyFrame, SentFrame } from "./frames.ts";
import { parseFrame, withSeen } from "./frames.ts";
import type { Closed, Link } from "./link.ts";
import { Outbox, outgoing, type Outgoing } from "./outbox.ts";
import { Pending, type RequestOptions } from "./pending.ts";

/** What a wire tells. */
export interface WireEvents {
  event(event: EventFrame): void;
  failed(error: HotroomClientError): void;
  frame(direction: "in" | "out", frame: SentFrame): void;
  /** Before the reply to a request is handed over. */
  answered(id: number): void;
  /** All frames that were missed have been handled. */
  caughtUp(): void;
}

/** Frames sent without an answer after which the server is asked whether it has them. */
const MOST_UNCONFIRMED = 64;

/** New frames after which the server is told that they are seen, and time that passes between, ms. */
const UNTOLD_FRAMES = 50;
const TELL_PAUSE_MS = 1_000;

/** Frames of a queue that are sent at once, and then every so many ms: servers bound the rate (50 a second, and 100 at once). */
const BURST_FRAMES = 50;
const PACE_FRAMES = 4;
const PACE_MS = 100;

/**
 * The frames of a client, over one connection after the other: gives requests their ids, keeps what the server may not have got,
 * and hands replies to who asked.
 */
export class Wire {
  readonly #link: Link;
  readonly #heard: WireEvents;
  readonly #outbox: Outbox;
  /** For how long a request waits where the caller does not say, ms of a live connection. */
  readonly #timeout: number;
  readonly #pending = new Map<number, Pending>();
  /** Ids are unique in a session, also where a page has it that had not begun it. */
  #ids = 0;
  /** Whether the queue flows: there is a connection, and the server knows whose it is. */
  #isReady = false;
  #pace: ReturnType<typeof setTimeout> | undefined;
  /** The question whether the connection lives, with the last frame before it. */
  #ping: { id: number; last: Outgoing | undefined } | undefined;
  #seen = 0;
  #told = 0;
  #toldAt = 0;
  #untold = 0;
  #missed = 0;
  #held: unknown[] | undefined;
  #end: Closed | undefined;

  constructor(link: Link, options: { timeout: number; queue: number }, heard: WireEvents) {
    this.#link = link;
    this.#timeout = options.timeout;
    this.#outbox = new Outbox(options.queue);
    this.#heard = heard;
  }

  /** Id of the newest request; 0 before the first. */
  get newest(): number {
    return this.#ids;
  }

  /** The number of the newest frame that came. */
  get seen(): number {
    return this.#seen;
  }

  /** Returns true if the server is to answer something. */
  get isWaiting(): boolean {
    return this.#pending.size > 0 || this.#outbox.unconfirmed > 0;
  }

  /** Returns true if a connection would be of use: a frame waits for one. */
  get hasWork(): boolean {
    return this.#pending.size > 0 || !this.#outbox.isEmpty;
  }

  /** Returns true if a frame is in hand that others wait behind, for as long as a script takes. */
  get isSlow(): boolean {
    for (const { event } of this.#pending.values())
      if (event !== "message" && event !== "ping" && event !== "edits") return true;
    return false;
  }

  /** Sends a frame that asks for no reply. Throws HotroomClientError: `closed`, `unsendable`, `queue_full`. */
  send(frame: OutgoingFrame, what: string): void {
    this.#queue(frame, what);
    this.#flow();
  }

  /**
   * Sends a request; `take` turns the reply's data into the result while the frame is handled, so that it sees the
   * connection as it was before the next frame. `late` hears of a reply that comes after the wait was given up. Rejects with
   * HotroomClientError: a code of the server, `timeout`, `closed`, `unsendable`, `queue_full`, `bad_frame`, or with the signal's
   * reason.
   */
  request<T>(
    frame: OutgoingFrame,
    what: string,
    options: RequestOptions | undefined,
    take: (data: unknown) => T,
    late?: () => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      options?.signal?.throwIfAborted();
      const id = ++this.#ids;
      // The id comes early: of a frame that is too large to be parsed, the server reads no more than its start.
      const { event, ...rest } = frame;
      const item = this.#queue({ event, id, ...rest }, what);
      const pending = new Pending(item, what, options ?? {}, this.#timeout, take, resolve, reject);
      pending.onGivenUp = () => {
        this.#pending.delete(id);
        if (this.#outbox.giveUp(item)) return;
        if (late) this.#pending.set(id, pending.lateFor(late));
      };
      this.#pending.set(id, pending);
      if (this.#isReady) pending.arm();
      this.#link.expect();
      this.#flow();
    });
  }

  /** Sends a request past the queue, for who speaks before it may flow. Rejects as `request` does, and where the connection is lost. */
  direct<T>(frame: OutgoingFrame, what: string, take: (data: unknown) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#link.isOpen) throw closedError(what, this.#end);
      const id = ++this.#ids;
      const { event, ...rest } = frame;
      const item = outgoing({ event, id, ...rest }, what);
      const pending = new Pending(item, what, {}, this.#timeout, take, resolve, reject);
      pending.isDirect = true;
      pending.onGivenUp = () => this.#pending.delete(id);
      this.#pending.set(id, pending);
      pending.arm();
      this.#link.expect();
      this.#write(item.frame);
    });
  }

  /** Handles one frame of the link. */
  receive(data: unknown): void {
    if (this.#held) {
      this.#held.push(data);
      return;
    }
    if (typeof data === "string" || data instanceof Uint8Array) this.#heard.frame("in", data as SentFrame);
    const frame = parseFrame(data);
    if (!frame) {
      const message = "The server sent a frame that is not one of hotroom.v1.";
      return this.#heard.failed(new HotroomClientError("bad_frame", message));
    }
    const { seq } = frame as { seq?: unknown };
    if (typeof seq === "number") {
      if (seq <= this.#seen) return; // It came before the connection was lost.
      this.#seen = seq;
      this.#untold++;
    }
    if ("id" in frame && "ok" in frame) this.#reply(frame as ReplyFrame);
    else this.#heard.event(frame as EventFrame);
    if (typeof seq !== "number") return;
    if (this.#missed > 0 && --this.#missed === 0) this.#heard.caughtUp();
    if (this.#untold >= UNTOLD_FRAMES) this.#tell();
  }

  /** Lets frames wait until the task after this one: who attaches listeners now misses nothing. */
  hold(): void {
    this.#held = [];
    setTimeout(() => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const data of held) if (!this.#end) this.receive(data);
    }, 0);
  }

  /** Lets the queue flow: the server knows whose connection it is. */
  flow(): void {
    this.#isReady = true;
    for (const pending of this.#pending.values()) pending.arm();
    this.#flow();
    this.#link.expect();
  }

  /** Stops the queue: the connection was lost. What goes with it, as an answer to `direct`, is rejected. */
  lost(closed: Closed): void {
    this.#isReady = false;
    clearTimeout(this.#pace);
    this.#pace = this.#ping = undefined;
    this.#missed = 0;
    this.#told = this.#seen;
    for (const [id, pending] of [...this.#pending]) {
      pending.disarm();
      if (!pending.isDirect) continue;
      this.#pending.delete(id);
      pending.reject(closedError(pending.what, closed));
    }
  }

  /** Starts counting the frames of a session, beginning with those behind its login, where that is in the queue. */
  begin(login?: Outgoing): void {
    this.#outbox.begin(login);
    this.#seen = this.#told = this.#untold = 0;
  }

  /** Gets the queue ready for another connection: of the same session, of which the server has had `received` frames and those numbered `beyond`, or of none. */
  rewind(received?: number, beyond?: readonly number[]): void {
    this.#outbox.rewind(received, beyond);
  }

  /** The server keeps the session for the one that is started in its place: it needs no frames up to number `upTo`. */
  keep(upTo: number): void {
    this.#outbox.keep(upTo);
  }

  /** Tells when so many frames have come that were missed; at once where there are none. */
  catchUp(missed: number): void {
    this.#missed = missed;
    if (missed === 0) this.#heard.caughtUp();
  }

  /** Goes on where another page of the session has stopped: it saw the frames up to `seen`, and its ids were below `firstId`. */
  adopt(seen: number, firstId: number): void {
    this.#seen = this.#told = seen;
    this.#ids = firstId;
  }

  /** Notes that answers were lost: which ones is known when all that was missed has come. */
  doubt(): void {
    const waiting = new Set(this.#outbox.list());
    for (const pending of this.#pending.values())
      pending.isDoubtful ||= !pending.isDirect && !waiting.has(pending.item);
  }

  /** Fails the requests whose answers were lost. */
  failDoubtful(error: (what: string) => HotroomClientError): void {
    this.#fail(({ isDoubtful }) => isDoubtful, error);
  }

  /** Gives up what was sent to a session that is over, or all; what was never sent may stay for the next one. */
  expire(which: "all" | "sent", error: (what: string) => HotroomClientError): void {
    const gone = this.#outbox.empty(which);
    const kept = new Set(this.#outbox.list());
    this.#fail(({ item, isDirect }) => !isDirect && !kept.has(item), error);
    for (const { id, what } of gone) if (id === undefined) this.#heard.failed(error(what));
    this.begin();
  }

  /** Asks whether the connection lives, and tells what has been seen; not while a reply is waited for that has a new secret. */
  ping(): void {
    if (this.#ping || !this.#link.isOpen || this.#isGreeting) return;
    const id = ++this.#ids;
    this.#ping = { id, last: this.#outbox.newest };
    this.#write(JSON.stringify({ event: "ping", id }));
  }

  /** Rejects what waits: the connection has ended, or is being closed. */
  end(closed: Closed): void {
    this.#end ??= closed;
    this.lost(closed);
    this.#outbox.empty("all");
    const error = (what: string) => closedError(what, closed);
    this.#fail(() => true, error);
  }

  /** Whether the server has yet to say yes to the session. It would take any frame for a sign that its reply has come. */
  get #isGreeting(): boolean {
    for (const { event } of this.#pending.values()) if (event === "reconnect") return true;
    return false;
  }

  #fail(which: (pending: Pending) => boolean, error: (what: string) => HotroomClientError): void {
    for (const [id, pending] of [...this.#pending]) {
      if (!which(pending)) continue;
      this.#pending.delete(id);
      pending.reject(error(pending.what));
    }
  }

  #queue(frame: OutgoingFrame, what: string): Outgoing {
    if (this.#end) throw closedError(what, this.#end);
    const item = outgoing(frame, what);
    this.#outbox.add(item);
    if (!this.#link.isOpen) this.#link.demand();
    return item;
  }

  #flow(): void {
    if (!this.#isReady || this.#pace !== undefined) return;
    this.#sendNext(BURST_FRAMES);
  }

  #sendNext(most: number): void {
    let item: Outgoing | undefined;
    for (let left = most; left > 0; left--) {
      item = this.#outbox.next();
      if (!item) break;
      this.#write(item.frame);
    }
    if (this.#outbox.unconfirmed >= MOST_UNCONFIRMED) this.ping();
    if (!item) return;
    this.#pace = setTimeout(() => {
      this.#pace = undefined;
      this.#sendNext(PACE_FRAMES);
    }, PACE_MS);
  }

  #write(frame: SentFrame): void {
    const told = this.#seen > this.#told ? withSeen(frame, this.#seen) : frame;
    if (told !== frame) {
      this.#told = this.#seen;
      this.#untold = 0;
      this.#toldAt = performance.now();
    }
    this.#link.send(told);
    this.#heard.frame("out", told);
  }

  /** Says what was seen, where that was long ago: the server keeps what it has not been told of. */
  #tell(): void {
    if (this.#isReady && performance.now() - this.#toldAt >= TELL_PAUSE_MS) this.#write('{"event":"ping"}');
  }

  #reply(frame: ReplyFrame): void {
    if (frame.id === this.#ping?.id) {
      const { last } = this.#ping;
      this.#ping = undefined;
      const { kept } = (frame.ok && (frame.data as { kept?: number })) || {};
      if (kept !== undefined) this.#outbox.keep(kept);
      else if (last) this.#outbox.confirm(last);
      return;
    }
    const pending = this.#pending.get(frame.id);
    if (!pending) return; // Nobody waits any more: it timed out or was aborted.
    this.#pending.delete(frame.id);
    if (frame.ok && pending.event === "login") this.begin(pending.item);
    else this.#outbox.confirm(pending.item, true);
    this.#heard.answered(frame.id);
    if (frame.ok) pending.resolve(frame.data);
    else {
      const { code, message, data } = frame.error;
      pending.reject(new HotroomClientError(code, message, { room: pending.item.room, data }));
    }
  }
}
