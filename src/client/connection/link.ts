import { mayReconnect } from "../../protocol/codes.ts";
import { Backoff, type BackoffOptions, isForAll } from "./backoff.ts";
import type { SentFrame } from "./frames.ts";
import { Liveness } from "./liveness.ts";
import { PageLife } from "./page_life.ts";
import { Simulation } from "./simulation.ts";
import { type OpenOptions, openSocket, type WebSocketClass, type WebSocketLike } from "./socket.ts";

/** How a connection ended. */
export interface Closed {
  /** A WebSocket close code; docs/PROTOCOL.md has the table of those from 4000 on. */
  code: number;
  reason: string;
}

/** How a link is kept up. */
export interface LinkOptions {
  WebSocket?: WebSocketClass | undefined;
  /** How long opening may take, ms; 0 waits for ever at the first time. */
  timeout: number;
  /** False where the first connection is the only one. */
  reconnect: boolean | Partial<BackoffOptions>;
  /** Comes back also while nobody sees the page. */
  background: boolean;
  /** Within how many ms a dead connection is noticed; 0 never looks. */
  liveness: number;
}

/** What a link tells, and what it has to know. */
export interface LinkEvents {
  /** A connection is open, the first or another one. */
  open(): void;
  message(data: unknown): void;
  /** The connection was lost; the link comes back by itself. */
  lost(closed: Closed): void;
  /** It has ended for good. */
  end(closed: Closed): void;
  ping(): void;
  isWaiting(): boolean;
  isSlow(): boolean;
  /** Returns true if somebody needs a connection: without a session and requests nobody does. */
  isNeeded(): boolean;
  /** For how long the server keeps what was lost, ms; 0 where it doesn't. */
  grace(): number;
  /** The page goes away; where `isKept` it may come back. Returns true if somebody may take its place up. */
  hide(isKept: boolean): boolean;
  /** Resolves when another connection may be opened. */
  prepare(): Promise<void>;
}

/** How long a server may take to answer the closing handshake, ms; some runtimes never report that it has. */
const CLOSE_PATIENCE_MS = 2_000;

/** How long another connection may take to open, ms: a try over a link that is silent must not last as long as the grace. */
const OPEN_PATIENCE_MS = 10_000;

/** A connection that has held for so long was a good one, ms: after it the waits begin anew. */
const STEADY_MS = 10_000;

/** How often a client tries although its machine says that it has no network, ms: it may be wrong. */
const OFFLINE_PAUSE_MS = 30_000;

/** What the client closes with where it means to come back; servers keep its session. */
const AWAY_CODE = 4400;

/** The connection of a client, which is replaced when it is lost: with waits between the tries, and when it makes sense. */
export class Link {
  readonly simulation = new Simulation(() => this.drop("simulated"));
  readonly #url: string;
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  readonly #backoff: Backoff | undefined;
  readonly #liveness: Liveness;
  #page: PageLife | undefined;
  #socket: WebSocketLike | undefined;
  #opening: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the wait between two tries is over. */
  #notBefore = 0;
  /** Whether all clients of the server were sent away together. */
  #isOneOfMany = false;
  #openedAt = 0;
  #isClosing = false;
  #hasEnded = false;

  constructor(url: string, options: LinkOptions, events: LinkEvents) {
    this.#url = url;
    this.#options = options;
    this.#events = events;
    const { reconnect } = options;
    if (reconnect !== false) this.#backoff = new Backoff(reconnect === true ? {} : reconnect);
    this.#liveness = new Liveness(options.liveness, {
      ping: () => events.ping(),
      dead: () => this.drop(`nothing was heard for ${options.liveness} ms`),
      isWaiting: () => events.isWaiting(),
      isSlow: () => events.isSlow(),
    });
  }

  /** Whether frames can be sent. */
  get isOpen(): boolean {
    return this.#socket !== undefined && !this.#isClosing;
  }

  /** Bytes that wait in this process to be sent. */
  get buffered(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Opens the first connection. Rejects as `openSocket` does. */
  async connect(signal: AbortSignal | undefined): Promise<void> {
    await this.#open({ ...this.#options, signal });
    if (this.#hasEnded) return;
    this.#page = new PageLife({
      wake: () => this.#wake(),
      hide: (isKept) => {
        const mayReturn = this.#events.hide(isKept);
        if (isKept && this.#backoff) this.drop("the page is kept aside");
        // Otherwise the server would keep a place, and a name, for nobody.
        else if (!mayReturn) this.#socket?.close(1000);
      },
    });
  }

  /** Sends a frame; drops it where there is no connection. */
  send(frame: SentFrame): void {
    const socket = this.#socket;
    if (!socket) return;
    this.simulation.through(() => {
      if (this.#socket === socket && !this.#isClosing) socket.send(frame);
    });
  }

  /** Notes that something was sent that is to be answered. */
  expect(): void {
    this.#liveness.expect();
  }

  /** Opens another connection where none was needed until now. */
  demand(): void {
    if (this.#timer === undefined) this.#plan();
  }

  /** Gives the connection up without a close, and comes back. */
  drop(reason: string): void {
    const socket = this.#socket;
    if (!socket || this.#isClosing) return;
    abandon(socket);
    this.#lost({ code: 1006, reason });
  }

  /** Ends it for good, with the closing handshake; a second call does nothing. */
  close(code: number, reason: string): void {
    if (this.#isClosing || this.#hasEnded) return;
    this.#isClosing = true;
    this.#rest();
    const socket = this.#socket;
    if (!socket) return this.#end({ code, reason });
    socket.close(code, reason);
    this.#timer = setTimeout(
      () => this.#end({ code: 1006, reason: "no answer to the close" }),
      CLOSE_PATIENCE_MS,
    );
  }

  async #open(options: OpenOptions): Promise<void> {
    await openSocket(this.#url, options, {
      open: (socket) => {
        this.#socket = socket;
        this.#openedAt = performance.now();
        this.#liveness.start();
        this.#events.open();
      },
      message: (socket, data) =>
        this.simulation.through(() => {
          if (this.#socket !== socket || this.#isClosing) return;
          this.#liveness.heard();
          this.#events.message(data);
        }),
      close: (socket, code, reason) => {
        if (this.#socket === socket) this.#lost({ code, reason });
      },
    });
  }

  #lost(closed: Closed): void {
    if (this.#isClosing || !this.#backoff || !mayReconnect(closed.code)) return this.#end(closed);
    this.#socket = undefined;
    this.#liveness.stop();
    this.simulation.stop();
    if (performance.now() - this.#openedAt >= STEADY_MS) this.#backoff.reset();
    this.#isOneOfMany = isForAll(closed.code);
    this.#notBefore = performance.now() + this.#backoff.after(closed.code, this.#events.grace());
    this.#events.lost(closed);
    this.#plan();
  }

  /** Tries again when the wait is over; where that makes no sense now, `#wake` or `demand` plan it. */
  #plan(): void {
    if (this.#socket || this.#opening || this.#isClosing || this.#hasEnded) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#events.isNeeded() || this.#page?.isAside) return;
    if (this.#page?.isHidden && !this.#options.background) return;
    const pause = this.#page?.isOffline ? OFFLINE_PAUSE_MS : 0;
    this.#timer = setTimeout(() => this.#retry(), Math.max(pause, this.#notBefore - performance.now(), 0));
  }

  #wake(): void {
    if (this.isOpen) return this.#liveness.probe();
    // What made the tries fail may be over; but who was sent away with all others still waits for its moment.
    const soon = performance.now() + (this.#backoff?.soon() ?? 0);
    if (!this.#isOneOfMany) this.#notBefore = Math.min(this.#notBefore, soon);
    this.#plan();
  }

  async #retry(): Promise<void> {
    this.#timer = undefined;
    this.#isOneOfMany = false;
    const opening = new AbortController();
    this.#opening = opening;
    const timeout = Math.min(this.#options.timeout || OPEN_PATIENCE_MS, OPEN_PATIENCE_MS);
    try {
      await this.#events.prepare();
      await this.#open({ ...this.#options, timeout, signal: opening.signal });
    } catch {
      // It was not the last try: what keeps the server from answering now may be over at the next.
      this.#notBefore = performance.now() + (this.#backoff?.next() ?? 0);
    }
    this.#opening = undefined;
    this.#plan();
  }

  /** Stops everything that goes on by itself. */
  #rest(): void {
    clearTimeout(this.#timer);
    this.#opening?.abort();
    this.#liveness.stop();
    this.simulation.stop();
    this.#page?.close();
  }

  #end(closed: Closed): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#rest();
    this.#socket = undefined;
    this.#events.end(closed);
  }
}

/** Lets go of a socket that may be dead: it is closed where it still can be, and not waited for. */
function abandon(socket: WebSocketLike & { terminate?(): void }): void {
  socket.onmessage = socket.onclose = null;
  socket.onerror = () => {};
  socket.close(AWAY_CODE);
  socket.terminate?.();
}
