import { Buffer } from "node:buffer";
import type { WireFrame } from "../../protocol/bytes.ts";
import type { Socket, SocketHandler } from "../../core/ports/socket.ts";
import { ABNORMAL, closeReason, sendableCode, TOO_BIG } from "../closing.ts";
import type { SocketEvents } from "../socket_events.ts";
import { Outbox } from "../outbox.ts";
import { LINGER_MS } from "../platform.ts";

/** Deno's own queue has no limit and can't be emptied: it gets no more while it holds so much, bytes. */
const HANDED_OVER_BYTES = 256 * 1024;

/** Deno doesn't say when its queue has drained: it is looked at so often while frames wait, ms. */
const LOOK_MS = 4;

/** What a listener tells a socket of Deno, and hears from it. */
export interface DenoSocketOptions {
  /** Bytes. */
  readonly maxFrame: number;
  /** Called when the connection is open. */
  live(): void;
  /** Called when an open connection has ended, or has been given up. */
  gone(): void;
}

/** One WebSocket of Deno. */
export class DenoSocket implements Socket {
  readonly #outbox = new Outbox();
  #state: "opening" | "open" | "closing" | "closed" = "opening";
  #farewell = { code: ABNORMAL, reason: "" };
  #look: ReturnType<typeof setTimeout> | undefined;
  #giveUp: ReturnType<typeof setTimeout> | undefined;
  /** Bytes given to Deno so far, and how many of them it had got rid of at the last call of `stuck`. */
  #handed = 0;
  #takenBefore = -1;

  constructor(
    private readonly ws: WebSocket,
    private readonly events: SocketEvents,
    private readonly options: DenoSocketOptions,
  ) {
    ws.binaryType = "arraybuffer";
    ws.onopen = () => this.#opened();
    ws.onmessage = (event) => this.#received(event.data);
    // A connection that broke reports an error, then a close with code 0 or none at all, or even two of them.
    ws.onerror = () => this.#ended(ABNORMAL, "");
    ws.onclose = (event) => this.#ended(event.code || ABNORMAL, event.reason);
  }

  get buffered(): number {
    return this.#state === "open" ? this.#outbox.bytes + this.ws.bufferedAmount : 0;
  }

  send(frame: WireFrame): void {
    if (this.#state !== "open") return;
    if (this.#outbox.length === 0 && this.ws.bufferedAmount < HANDED_OVER_BYTES) {
      // Deno has no cork: each frame is a write of its own, now or at the end of the turn.
      this.#hand(frame);
      return;
    }
    this.#outbox.push(frame);
    this.#look ??= setTimeout(() => this.#drain(), LOOK_MS);
  }

  close(code: number, reason: string): void {
    sendableCode(code);
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#farewell = { code, reason: closeReason(reason) };
    this.events.close(this, code, this.#farewell.reason);
    this.#giveUp = setTimeout(() => this.terminate(), LINGER_MS);
    if (this.#outbox.length === 0) this.ws.close(code, this.#farewell.reason);
  }

  /**
   * Deno can't cut a connection: its close frame queues behind what it has been handed, so a peer that never reads
   * keeps its TCP connection until its kernel gives up. The handler, the outbox and the listener let go at once.
   */
  terminate(): void {
    if (this.#state === "closed") return;
    this.#ended(ABNORMAL, "");
    this.ws.close();
  }

  divert(handler: SocketHandler): SocketHandler {
    return this.events.divert(handler);
  }

  /** Whether the peer has taken nothing since the last call though there was something to take. */
  stuck(): boolean {
    const waiting = this.ws.bufferedAmount;
    const taken = this.#handed - waiting;
    const stuck = waiting > 0 && taken === this.#takenBefore;
    this.#takenBefore = taken;
    return stuck;
  }

  #opened(): void {
    if (this.#state !== "opening") return;
    this.#state = "open";
    this.options.live();
    this.events.open(this);
  }

  #received(data: string | ArrayBuffer): void {
    if (this.#state !== "open") return;
    if (exceeds(data, this.options.maxFrame)) this.close(TOO_BIG, "Received too big message");
    else this.events.message(this, typeof data === "string" ? data : new Uint8Array(data));
  }

  #ended(code: number, reason: string): void {
    const opened = this.#state !== "opening";
    if (this.#state === "closed") return;
    this.#state = "closed";
    clearTimeout(this.#look);
    clearTimeout(this.#giveUp);
    this.#outbox.clear();
    if (!opened) return;
    this.events.close(this, code, reason);
    this.options.gone();
  }

  #hand(frame: WireFrame): void {
    const before = this.ws.bufferedAmount;
    this.ws.send(frame as string | Uint8Array<ArrayBuffer>);
    this.#handed += this.ws.bufferedAmount - before;
  }

  /** Hands over what Deno's queue has room for, and looks again until nothing waits. */
  #drain(): void {
    this.#look = undefined;
    while (this.ws.bufferedAmount < HANDED_OVER_BYTES) {
      const frame = this.#outbox.shift();
      if (frame === undefined) break;
      this.#hand(frame);
    }
    if (this.#outbox.length > 0) this.#look = setTimeout(() => this.#drain(), LOOK_MS);
    else if (this.#state === "closing") this.ws.close(this.#farewell.code, this.#farewell.reason);
  }
}

/** Whether a message has more bytes than allowed; a UTF-16 unit is at most three of them. */
function exceeds(data: string | ArrayBuffer, limit: number): boolean {
  if (typeof data !== "string") return data.byteLength > limit;
  if (data.length * 3 <= limit) return false;
  return data.length > limit || Buffer.byteLength(data) > limit;
}
