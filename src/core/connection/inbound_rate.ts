import { HotroomError } from "../errors.ts";
import { type RateLimit, TokenBucket } from "../limit/token_bucket.ts";
import type { Clock } from "../ports/clock.ts";

/** Bounds on what one client sends. */
export interface InboundLimits {
  /** Largest frame taken, bytes. */
  readonly frame: number;
  /** Frames a second; 0 is no limit. */
  readonly rate: number;
  /** Frames at once. */
  readonly burst: number;
  /** Bytes of large frames a second, twice as many at once; 0 is no limit. */
  readonly bytes: number;
}

/** A longer frame is a large one: its bytes are counted, before there is a user with those of others. */
export const LARGE_FRAME_UNITS = 4096;
/** How long the large frames may take to read that come in a second, ms; what takes longer counts as more bytes. */
const READING_MS = 100;
/** What is counted of one of them, ms: the worst that there is takes about so long. */
const MOST_READING_MS = 200;
/** What a millisecond of that counts for where it is of all connections without a user, bytes. */
const STRANGERS_UNITS_PER_MS = 10 * 1024;
/** Largest frame taken before there is a user, bytes. */
const STRANGERS_FRAME_BYTES = 64 * 1024;
/** Frames over the rate that are longer are not read, bytes: they are refused in any case. */
export const MOST_REFUSED_BYTES = 1024;

/** Limits of every connection. */
export interface ConnectionLimits extends InboundLimits {
  /** Bytes that may wait for a slow client before its connection is closed. */
  readonly outbox: number;
  /** Bytes that may wait for all clients together before connections are closed, those for which most waits first. */
  readonly outboxTotal: number;
  /** How long a connection may be without a user, ms; 0 is no limit. */
  readonly loginDeadline: number;
}

/** What all connections without a user have together: each could come again to have what is its own anew. */
export interface Strangers {
  /** Frames over the rate, before such a connection is closed. */
  readonly refusals: TokenBucket;
  /** UTF-16 units, or bytes, that are read of large frames. */
  readonly units: TokenBucket;
  /** Secrets of no session, and tokens that are not valid, but for the first of each connection. */
  readonly guesses: TokenBucket;
}

/**
 * How many frames a connection has sent of late, and how much in large ones. A text counts its UTF-16 units: how many bytes it has
 * nobody knows yet.
 */
export class InboundRate {
  readonly #frames: TokenBucket;
  readonly #units: TokenBucket;
  readonly #ofLarge: RateLimit;

  /** `strangers` has what is read of the large frames of all connections without a user. */
  constructor(
    private readonly clock: Clock,
    private readonly limits: InboundLimits,
    private readonly strangers: TokenBucket,
  ) {
    // A frame of any size may come at some time.
    const { bytes, frame } = limits;
    this.#ofLarge = { rate: bytes, burst: Math.max(2 * bytes, frame) };
    this.#frames = new TokenBucket(clock, limits);
    this.#units = new TokenBucket(clock, this.#ofLarge);
  }

  /** Takes a frame of so many units. Returns what it is refused with, where it is. */
  take(units: number, isStranger: boolean): HotroomError | undefined {
    if (!this.#frames.take()) return this.#tooMany();
    if (units <= LARGE_FRAME_UNITS) return undefined;
    return (isStranger ? this.strangers : this.#units).take(units) ? undefined : this.#tooMuch(isStranger);
  }

  /** Calls what reads a large frame, and takes what that has cost: a megabyte of keys takes a hundred times as long as one of text. */
  reading<T>(isStranger: boolean, read: () => T): T {
    const began = this.clock.monotonic();
    try {
      return read();
    } finally {
      // A machine that stood still meanwhile costs nobody more than the worst frame would.
      const ms = Math.min(this.clock.monotonic() - began, MOST_READING_MS);
      if (isStranger) this.strangers.spend(ms * STRANGERS_UNITS_PER_MS);
      else this.#units.spend((ms * this.limits.bytes) / READING_MS);
    }
  }

  /** How long ago the last frame came, ms; undefined where none has, or their number has no limit. */
  get silence(): number | undefined {
    return this.#frames.age;
  }

  /** Takes frames for what one has cost beyond itself. */
  spend(frames: number): void {
    this.#frames.spend(frames);
  }

  /** Returns how many bytes a frame may have that is read. */
  mostBytes(isStranger: boolean, isRefused: boolean): number {
    const { frame } = this.limits;
    if (isRefused) return Math.min(frame, MOST_REFUSED_BYTES);
    return isStranger ? Math.min(frame, STRANGERS_FRAME_BYTES) : frame;
  }

  #tooMany(): HotroomError {
    const { rate, burst } = this.limits;
    return refused(`more than ${rate} a second (${burst} at once) came`);
  }

  #tooMuch(isStranger: boolean): HotroomError {
    if (isStranger)
      return refused("it is a large one, and too many of these came from clients without a user");
    const { rate, burst } = this.#ofLarge;
    return refused(`more than ${rate} bytes a second (${burst} at once) came in large ones`);
  }
}

function refused(why: string): HotroomError {
  return new HotroomError("rate_limited", `Cannot handle the frame: ${why}.`);
}
