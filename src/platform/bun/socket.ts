import type { WireFrame } from "../../protocol/bytes.ts";
import type { Socket, SocketHandler } from "../../core/ports/socket.ts";
import { ABNORMAL, closeReason, sendableCode, TOO_BIG } from "../closing.ts";
import { LINGER_MS } from "../platform.ts";
import type { Beating } from "./heartbeat.ts";
import type { SocketEvents } from "../socket_events.ts";
import type { BunGroup } from "./group.ts";
import { Outbox } from "../outbox.ts";

/** A shorter frame is not compressed, UTF-16 units or bytes: little is gained (docs/PERFORMANCE.md). */
export const MIN_COMPRESSED = 512;

/** One WebSocket of Bun. */
export class BunSocket implements Socket, Beating {
  readonly #outbox = new Outbox();
  #ws: Bun.ServerWebSocket<BunSocket> | undefined;
  #closing = false;
  /** What the peer is told once it has taken what was sent before. */
  #farewell: { readonly code: number; readonly reason: string } | undefined;
  #giveUp: ReturnType<typeof setTimeout> | undefined;
  readonly #groups = new Set<BunGroup>();

  /** `remote` is the peer's address, `server` the one that has accepted it. */
  constructor(
    readonly events: SocketEvents,
    readonly remote: string,
    readonly server: unknown,
    private readonly compress: boolean,
  ) {}

  get buffered(): number {
    if (!this.#ws || this.#closing) return 0;
    return this.#outbox.bytes + this.#ws.getBufferedAmount();
  }

  opened(ws: Bun.ServerWebSocket<BunSocket>): void {
    ws.binaryType = "uint8array";
    this.#ws = ws;
    this.events.open(this);
  }

  heard(): boolean {
    return this.events.heard();
  }

  ping(): void {
    this.#ws?.ping();
  }

  send(frame: WireFrame): void {
    const ws = this.#ws;
    if (!ws || this.#closing) return;
    if (this.#outbox.length === 0) {
      // Bun holds what a socket is sent while it reads from it, and writes it at once: it needs no place here (docs/decisions/0022-relays.md).
      if (receiving === this) {
        if (this.#isLost(ws, frame)) this.terminate();
        return;
      }
      flushSoon(this);
    }
    this.#outbox.push(frame);
  }

  /** A frame has come from the peer. */
  received(frame: WireFrame): void {
    receiving = this;
    this.events.message(this, frame);
    receiving = undefined;
  }

  /** True while frames wait for the end of the loop turn. */
  get isDirty(): boolean {
    return this.#outbox.length > 0;
  }

  /** Subscribes to a group's topic; returns false if the socket is not open. */
  enter(group: BunGroup, topic: string): boolean {
    if (!this.#ws || this.#closing) return false;
    // What waits was sent before the socket came into the group.
    this.flush();
    this.#groups.add(group);
    this.#ws.subscribe(topic);
    return true;
  }

  exit(group: BunGroup, topic: string): void {
    this.#groups.delete(group);
    if (!this.#closing) this.#ws?.unsubscribe(topic);
  }

  get isOpen(): boolean {
    return this.#ws !== undefined && !this.#closing;
  }

  /** Sends a frame to all others of its server that have subscribed to a topic; to nobody where it is not open. */
  publish(topic: string, frame: WireFrame, isCompressed: boolean): void {
    this.#ws?.publish(topic, frame, isCompressed);
  }

  close(code: number, reason: string): void {
    sendableCode(code);
    if (!this.#ws || this.#closing) return;
    this.flush();
    if (this.#closing) return; // A frame was lost, which ended it.
    this.#leaveGroups();
    this.#closing = true;
    this.#farewell = { code, reason: closeReason(reason) };
    // Before Bun's own report, which comes from inside `ws.close`.
    this.events.close(this, code, this.#farewell.reason);
    this.drained();
  }

  /** Bun has handed on what it held. */
  drained(): void {
    const ws = this.#ws;
    if (!ws || !this.#farewell) return;
    if (ws.getBufferedAmount() > 0) {
      // A socket of Bun that has been closed can't be cut any more, and its peer may read nothing (seen on Bun 1.4.5, November 2026).
      this.#giveUp ??= setTimeout(() => this.terminate(), LINGER_MS);
      return;
    }
    const { code, reason } = this.#farewell;
    clearTimeout(this.#giveUp);
    ws.close(code, reason);
  }

  terminate(): void {
    if (!this.#ws) return;
    clearTimeout(this.#giveUp);
    this.#leaveGroups();
    this.#closing = true;
    this.#outbox.clear();
    this.events.close(this, ABNORMAL, "");
    this.#ws.terminate();
  }

  divert(handler: SocketHandler): SocketHandler {
    return this.events.divert(handler);
  }

  /** Bun's close event. */
  ended(code: number, reason: string): void {
    clearTimeout(this.#giveUp);
    this.#closing = true;
    this.#leaveGroups();
    this.#outbox.clear();
    // The peer is sent 1009; the handler would be told 1006 (https://github.com/uNetworking/uWebSockets/issues/1321).
    const tooBig = code === ABNORMAL && reason === "Received too big message";
    this.events.close(this, tooBig ? TOO_BIG : code, reason);
  }

  #leaveGroups(): void {
    for (const group of this.#groups) group.delete(this);
  }

  /** Hands the outbox to Bun, many frames as one write. */
  flush(): void {
    const ws = this.#ws;
    if (!ws || this.#outbox.length === 0) return;
    const dropped = this.#outbox.length === 1 ? this.#write(ws) : ws.cork(() => this.#write(ws));
    if (dropped) this.terminate();
  }

  /** Returns true if a frame was lost. */
  #write(ws: Bun.ServerWebSocket<BunSocket>): boolean {
    let dropped = false;
    for (let frame = this.#outbox.shift(); frame !== undefined; frame = this.#outbox.shift())
      if (this.#isLost(ws, frame)) dropped = true;
    return dropped;
  }

  /** Hands one frame to Bun; returns true if it was lost. */
  #isLost(ws: Bun.ServerWebSocket<BunSocket>, frame: WireFrame): boolean {
    // −1 is queued by Bun, and counts in `getBufferedAmount`; 0 is lost.
    return ws.send(frame, this.compress && frame.length >= MIN_COMPRESSED) === 0 && frame !== "";
  }
}

/** The socket of which a frame is being handled. */
let receiving: BunSocket | undefined;
let dirty: BunSocket[] = [];

/** The sockets that have been sent something in this turn of the loop; what they had to send may have been flushed since. */
export function dirtySockets(): readonly BunSocket[] {
  return dirty;
}

/** Flushes a socket at the end of this loop turn, after those that were dirty before it. */
function flushSoon(socket: BunSocket): void {
  if (dirty.push(socket) === 1) setImmediate(flushAll);
}

function flushAll(): void {
  const sockets = dirty;
  dirty = [];
  for (const socket of sockets) socket.flush();
}
