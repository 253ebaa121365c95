import type { WireFrame } from "../../../protocol/bytes.ts";
import type { Budget } from "../../limit/budget.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Socket, SocketHandler } from "../../ports/socket.ts";
import { Lane } from "./lane.ts";

/** Frames of a client that may be on their way: more than its rate lets through at once are refused when they arrive. */
const MOST_FRAMES = 2_000;

/** What a frame that waits takes of memory beside its own bytes (180 to 250 bytes in all for one of 60): also those that are short are bounded. */
const STEP_BYTES = 128;

/** What is to be done to a connection; what is absent stays as it is, and 0 ends it. */
export interface Trouble {
  /** How much longer each frame takes, in each direction, ms. */
  readonly delay?: number | undefined;
  /** For how long frames are delayed, ms. */
  readonly delayFor: number;
  /** For how long nothing gets through, ms. */
  readonly freeze?: number | undefined;
}

/** Trouble as it is at the moment; times are ms since the epoch. */
export interface TroubleView {
  /** Absent where frames are not delayed. */
  readonly delay?: number;
  readonly delayedUntil?: number;
  /** Absent where it is not frozen. */
  readonly frozenUntil?: number;
  /** Bytes that wait for the server. */
  readonly inbox: number;
}

/** What a bad network is made with. */
export interface BadNetworkDeps {
  readonly clock: Clock;
  /** Bytes of a client's frames that may be on their way. */
  readonly inbox: number;
  /** Bytes of that which all connections have. */
  readonly inboxes: Budget;
  /** A connection that is frozen for longer is lost, ms. */
  readonly idleTimeout: number;
  /** Hears what handling a frame threw. */
  onError(error: unknown): void;
  /** Hears why the connection is lost. */
  onLost(reason: string): void;
  /** Called once when it stands between a socket and its owner no longer: nothing is on its way. */
  onOver(): void;
}

/**
 * Stands between a socket and its owner and makes a bad network of it: frames of both directions take longer, or wait; none is lost and
 * their order stays. It is over by itself at its time, and with the connection.
 */
export class BadNetwork implements Socket {
  readonly #out: Lane;
  readonly #in: Lane;
  /** Who hears the socket when it is over. */
  readonly #handler: SocketHandler;
  /** What the socket was closed with, which its owner has not heard of. */
  #closed: { readonly code: number; readonly reason: string } | undefined;
  #delay = 0;
  // By the clock's monotonic time, ms.
  #delayedUntil = 0;
  #frozenSince = 0;
  #frozenUntil = 0;
  #isOver = false;
  #cancelEnd: (() => void) | undefined;
  #cancelLoss: (() => void) | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly deps: BadNetworkDeps,
  ) {
    this.#out = new Lane(deps.clock, () => this.#look());
    this.#in = new Lane(deps.clock, () => this.#look());
    this.#handler = socket.divert({
      open() {},
      message: (_, frame) => this.#received(frame),
      close: (_, code, reason) => this.#socketClosed(code, reason),
    });
  }

  /** Makes it as bad as is asked for. */
  set({ delay, delayFor, freeze }: Trouble): void {
    const now = this.#now;
    if (delay !== undefined) {
      this.#delay = delay;
      this.#delayedUntil = delay === 0 ? 0 : now + delayFor;
    }
    if (freeze !== undefined) {
      if (this.#frozenUntil <= now) this.#frozenSince = now;
      this.#frozenUntil = freeze === 0 ? 0 : now + freeze;
      this.#loseLater();
    }
    for (const lane of [this.#in, this.#out]) {
      lane.freeze(this.#frozenUntil);
      if (delay === 0) lane.hurry();
    }
    this.#look();
  }

  get view(): TroubleView {
    const { clock } = this.deps;
    const now = clock.monotonic();
    const shown = (time: number) => Math.round(clock.now() + time - now);
    return {
      ...(this.#delayedUntil > now && { delay: this.#delay, delayedUntil: shown(this.#delayedUntil) }),
      ...(this.#frozenUntil > now && { frozenUntil: shown(this.#frozenUntil) }),
      inbox: this.#in.bytes,
    };
  }

  get buffered(): number {
    return this.#out.bytes + this.socket.buffered;
  }

  send(frame: WireFrame): void {
    if (this.#isOver) this.socket.send(frame);
    else this.#out.put(costOf(frame), this.#delayNow, () => this.socket.send(frame));
  }

  /** The trouble ends with it: what waits goes before. */
  close(code: number, reason: string): void {
    this.#out.flush();
    this.#end();
    this.socket.close(code, reason);
  }

  terminate(): void {
    this.#end();
    this.socket.terminate();
  }

  divert(): SocketHandler {
    throw new Error("Cannot divert a bad network: it has diverted its socket.");
  }

  get #now(): number {
    return this.deps.clock.monotonic();
  }

  get #delayNow(): number {
    return this.#delayedUntil > this.#now ? this.#delay : 0;
  }

  #received(frame: WireFrame): void {
    const bytes = costOf(frame);
    const { inbox, inboxes } = this.deps;
    if (this.#in.length >= MOST_FRAMES || this.#in.bytes + bytes > inbox)
      return this.#lose(`more than ${MOST_FRAMES} frames, or ${inbox} bytes, of its client wait`);
    if (!inboxes.take(bytes)) return this.#lose("too many bytes of all clients in trouble wait");
    this.#in.put(bytes, this.#delayNow, () => {
      inboxes.give(bytes);
      try {
        this.#handler.message(this.socket, frame);
      } catch (error) {
        this.deps.onError(error);
      }
    });
  }

  /** The client has closed it: its owner hears of that behind what came before. */
  #socketClosed(code: number, reason: string): void {
    this.#closed = { code, reason };
    this.#in.put(0, this.#delayNow, () => this.#end());
  }

  /** A peer that is silent for so long is given up where the network is a real one. */
  #loseLater(): void {
    const { clock, idleTimeout } = this.deps;
    this.#cancelLoss?.();
    this.#cancelLoss = undefined;
    const silentUntil = this.#frozenSince + idleTimeout;
    if (this.#frozenUntil <= silentUntil) return;
    this.#cancelLoss = clock.after(silentUntil - clock.monotonic(), () =>
      this.#lose(`nothing got through for ${idleTimeout} ms`),
    );
  }

  #lose(reason: string): void {
    this.deps.onLost(reason);
    this.terminate();
  }

  /** Ends it at its time, once nothing is on its way any more. */
  #look(): void {
    this.#cancelEnd?.();
    this.#cancelEnd = undefined;
    if (this.#isOver) return;
    const left = Math.max(this.#delayedUntil, this.#frozenUntil) - this.#now;
    if (left > 0) this.#cancelEnd = this.deps.clock.after(left, () => this.#look());
    else if (this.#in.length === 0 && this.#out.length === 0) this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelEnd?.();
    this.#cancelLoss?.();
    this.deps.inboxes.give(this.#in.bytes);
    this.#in.clear();
    this.#out.clear();
    this.socket.divert(this.#handler);
    this.deps.onOver();
    const closed = this.#closed;
    // Not from inside a call of its owner's.
    if (closed) queueMicrotask(() => this.#handler.close(this.socket, closed.code, closed.reason));
  }
}

const encoder = new TextEncoder();

function costOf(frame: WireFrame): number {
  return STEP_BYTES + (typeof frame === "string" ? encoder.encode(frame).length : frame.length);
}
