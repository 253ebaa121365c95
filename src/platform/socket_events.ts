import type { WireFrame } from "../protocol/bytes.ts";
import type { Pace } from "../core/limit/pace.ts";
import type { Socket, SocketHandler } from "../core/ports/socket.ts";
import { FAILED } from "./closing.ts";
import type { ListenOptions } from "./platform.ts";

/** Pings between two looks of the heartbeat; a peer that sends more has nothing else in mind. */
const MOST_PINGS = 1_000;

/** Frames that come after a socket was closed, at which it is cut: its peer neither reads nor stops sending. */
const MOST_LATE = 1_000;
/** Units for each of which such a frame counts once more: it may have come as a thousandth of what it was inflated to. */
const LATE_UNITS = 4_096;

/**
 * Calls one SocketHandler as its contract says, whatever order a runtime's own events come in: `open` first,
 * nothing after `close`, `close` exactly once and never from inside a call of Socket. What it throws is reported.
 */
export class SocketEvents {
  #handler: SocketHandler;
  readonly #onError: ListenOptions["onError"];
  #isOver = false;
  #isHeard = false;
  #pings = 0;
  #late = 0;
  readonly #pace: Pace;

  /** `pace` is that of the listener: many sockets may be lost at once. */
  constructor(handler: SocketHandler, onError: ListenOptions["onError"], pace: Pace) {
    this.#handler = handler;
    this.#onError = onError;
    this.#pace = pace;
  }

  /** True once `close` has been called or is about to be. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Returns true if the peer has sent anything since the last call. */
  heard(): boolean {
    const isHeard = this.#isHeard;
    this.#isHeard = false;
    this.#pings = 0;
    return isHeard;
  }

  /** Has another handler hear what comes from now on; returns the one before. */
  divert(handler: SocketHandler): SocketHandler {
    const before = this.#handler;
    this.#handler = handler;
    return before;
  }

  /** A handler that can't open has no use for the connection: it is closed with 1011. */
  open(socket: Socket): void {
    try {
      this.#handler.open(socket);
    } catch (error) {
      this.#onError(error, "open");
      socket.close(FAILED, "");
    }
  }

  message(socket: Socket, frame: WireFrame): void {
    this.#isHeard = true;
    if (this.#isOver) {
      const before = this.#late;
      this.#late += 1 + Math.floor(frame.length / LATE_UNITS);
      if (before < MOST_LATE && this.#late >= MOST_LATE) socket.terminate();
      return;
    }
    try {
      this.#handler.message(socket, frame);
    } catch (error) {
      this.#onError(error, "message");
    }
  }

  /** The runtime answers a ping by itself; a flood of them ends the connection. */
  ping(socket: Socket): void {
    this.#isHeard = true;
    if (++this.#pings > MOST_PINGS) socket.terminate();
  }

  pong(): void {
    this.#isHeard = true;
  }

  /** The first call counts; Bun reports a close from inside `ws.close()`, the package `ws` after an error of its own. */
  close(socket: Socket, code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    queueMicrotask(() => this.#pace.run(() => this.#closed(socket, code, reason)));
  }

  #closed(socket: Socket, code: number, reason: string): void {
    try {
      this.#handler.close(socket, code, reason);
    } catch (error) {
      this.#onError(error, "close");
    }
  }
}
