import { HotroomClientError } from "../error.ts";
import { type EventFrame, type OutgoingFrame, parseFrame, type ReplyFrame } from "./frames.ts";
import type { WebSocketLike } from "./socket.ts";

/** How one request waits. */
export interface RequestOptions {
  /** Milliseconds until it rejects with `timeout`; 0 waits for ever. */
  timeout?: number;
  /** Rejects with the signal's reason; what the server does with the request is not undone, unless it is a join. */
  signal?: AbortSignal;
}

/** How a connection ended. */
export interface Closed {
  /** A WebSocket close code; docs/PROTOCOL.md has the table of those from 4000 on. */
  code: number;
  reason: string;
}

interface Pending {
  what: string;
  resolve(data: unknown): void;
  reject(error: unknown): void;
}

/** How long a server may take to answer the closing handshake, ms; some runtimes never report that it has. */
const CLOSE_PATIENCE_MS = 2_000;

/** One connection's frames: gives requests their ids, and replies to who asked. */
export class Wire {
  /** Resolves once, when the connection has ended. */
  readonly closed: Promise<Closed>;
  readonly #pending = new Map<number, Pending>();
  readonly #events: (event: EventFrame) => void;
  readonly #failed: (error: HotroomClientError) => void;
  readonly #frame: (direction: "in" | "out", text: string) => void;
  readonly #answered: (id: number) => void;
  #end: (closed: Closed) => void;
  #socket: WebSocketLike | undefined;
  #closing: Closed | undefined;
  #ids = 0;

  constructor(heard: {
    event(event: EventFrame): void;
    failed(error: HotroomClientError): void;
    frame(direction: "in" | "out", text: string): void;
    /** Before the reply to a request is handed over. */
    answered(id: number): void;
    closed(closed: Closed): void;
  }) {
    this.#events = heard.event;
    this.#failed = heard.failed;
    this.#frame = heard.frame;
    this.#answered = heard.answered;
    const { promise, resolve } = deferred<Closed>();
    this.closed = promise;
    this.#end = (closed) => {
      this.#end = () => {};
      this.#socket = undefined;
      this.#closing ??= closed;
      this.#rejectAll(closed);
      heard.closed(closed);
      resolve(closed);
    };
  }

  /** Takes over an open socket, whose frames and close go to `receive` and `lost`. */
  attach(socket: WebSocketLike): void {
    this.#socket = socket;
  }

  /** Id of the newest request; 0 before the first. */
  get newest(): number {
    return this.#ids;
  }

  /** Bytes that wait in this process to be sent. */
  get buffered(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Sends a frame that asks for no reply. Throws HotroomClientError: `closed`, `unsendable`. */
  send(frame: OutgoingFrame, what: string): void {
    if (!this.#socket || this.#closing) throw closedError(what, this.#closing);
    let text: string;
    try {
      text = JSON.stringify(frame);
    } catch (cause) {
      const message = `Cannot ${what}: its data can't be written as JSON.`;
      throw new HotroomClientError("unsendable", message, { cause });
    }
    this.#socket.send(text);
    this.#frame("out", text);
  }

  /**
   * Sends a request; `take` turns the reply's data into the result while the frame is handled, so that it sees the
   * connection as it was before the next frame. `late` hears of a reply that comes after the wait was given up. Rejects with
   * HotroomClientError: a code of the server, `timeout`, `closed`, `unsendable`, `bad_frame`, or with the signal's reason.
   */
  request<T>(
    frame: OutgoingFrame,
    what: string,
    { timeout = 0, signal }: RequestOptions,
    take: (data: unknown) => T,
    late?: () => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const id = ++this.#ids;
      // The id comes early: of a frame that is too large to be parsed, the server reads no more than its start.
      const { event, ...rest } = frame;
      this.send({ event, id, ...rest }, what);

      let timer: ReturnType<typeof setTimeout> | undefined;
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#pending.delete(id);
      };
      const giveUp = (error: unknown) => {
        settle();
        if (late) this.#pending.set(id, { what, resolve: late, reject() {} });
        reject(error);
      };
      const abort = () => giveUp(signal?.reason);

      signal?.addEventListener("abort", abort);
      if (timeout > 0 && Number.isFinite(timeout)) {
        const message = `Cannot ${what}: no reply in ${timeout} ms.`;
        timer = setTimeout(() => giveUp(new HotroomClientError("timeout", message)), timeout);
      }
      this.#pending.set(id, {
        what,
        resolve(data) {
          settle();
          try {
            resolve(take(data));
          } catch (cause) {
            const message = `Cannot ${what}: the server's reply is not one of hotroom.v1.`;
            reject(new HotroomClientError("bad_frame", message, { cause }));
          }
        },
        reject(error) {
          settle();
          reject(error);
        },
      });
    });
  }

  /** Handles one frame from the socket. */
  receive(data: unknown): void {
    if (this.#closing) return;
    if (typeof data === "string") this.#frame("in", data);
    const frame = parseFrame(data);
    if (!frame)
      this.#failed(
        new HotroomClientError("bad_frame", "The server sent a frame that is not one of hotroom.v1."),
      );
    else if ("id" in frame && "ok" in frame) this.#reply(frame as ReplyFrame);
    else this.#events(frame as EventFrame);
  }

  /** Ends the connection: the socket has closed. */
  lost(code: number, reason: string): void {
    this.#end({ code, reason });
  }

  /** Starts the closing handshake and rejects what waits for a reply; a second call does nothing. */
  close(code: number, reason: string): void {
    if (this.#closing || !this.#socket) return;
    this.#closing = { code, reason };
    this.#rejectAll(this.#closing);
    this.#socket.close(code, reason);
    const timer = setTimeout(
      () => this.#end({ code: 1006, reason: "no answer to the close" }),
      CLOSE_PATIENCE_MS,
    );
    void this.closed.then(() => clearTimeout(timer));
  }

  #reply(frame: ReplyFrame): void {
    const pending = this.#pending.get(frame.id);
    if (!pending) return; // Nobody waits any more: it timed out or was aborted.
    this.#pending.delete(frame.id);
    this.#answered(frame.id);
    if (frame.ok) pending.resolve(frame.data);
    else {
      const { code, message, data } = frame.error;
      pending.reject(new HotroomClientError(code, message, { data }));
    }
  }

  #rejectAll(closed: Closed): void {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { what, reject } of waiting) reject(closedError(what, closed));
  }
}

function closedError(what: string, closed: Closed | undefined): HotroomClientError {
  const how = closed ? ` (${closed.code}${closed.reason ? ` ${closed.reason}` : ""})` : "";
  return new HotroomClientError("closed", `Cannot ${what}: the connection is closed${how}.`);
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
