import { isBytes } from "../../protocol/bytes.ts";
import { isLongerThan } from "../../protocol/frame.ts";
import { HotroomError } from "../errors.ts";
import { type RateLimit, TokenBucket } from "../limit/token_bucket.ts";
import type { RelayEntry } from "../ports/build.ts";
import type { Clock } from "../ports/clock.ts";
import type { DataText } from "../ports/event.ts";
import { HeldMessages } from "./held_messages.ts";

/** Users whose rates are kept before it is looked for those who have sent nothing of late. */
const FIRST_LOOK = 64;

/** A type of message that one room passes on by itself, and how much of it each user may send. */
export class Relay {
  readonly type: string;
  readonly #buckets = new Map<string, TokenBucket>();
  #limit: RateLimit;
  /** How many users there are at the next look. */
  #look = FIRST_LOOK;
  /** Absent while messages are passed on as they come. */
  #held: HeldMessages | undefined;

  constructor(
    private readonly clock: Clock,
    private entry: RelayEntry,
  ) {
    this.type = entry.type;
    this.#limit = limitOf(entry);
  }

  /** Whether the sender gets it as well. */
  get isToAll(): boolean {
    return this.entry.to === "all";
  }

  get isVolatile(): boolean {
    return this.entry.isVolatile;
  }

  /** Goes by what another version says. */
  adopt(entry: RelayEntry): void {
    this.entry = entry;
    this.#limit = limitOf(entry);
    for (const bucket of this.#buckets.values()) bucket.limit = this.#limit;
  }

  /** Takes one message of a user, by id; returns false where there were too many. */
  take(user: string): boolean {
    return (this.#buckets.get(user) ?? this.#begin(user)).take();
  }

  /** Users whose rates are kept. */
  get users(): number {
    return this.#buckets.size;
  }

  /** What a message is refused with that is over the rate. */
  get refusal(): HotroomError {
    const { rate, burst } = this.#limit;
    return this.#error("rate_limited", `more than ${rate} a second (${burst} at once) came`);
  }

  /** Returns the error `too_large` for data with more bytes than are passed on. */
  problemOf(data: DataText | undefined): HotroomError | undefined {
    if (data === undefined) return undefined;
    const { maxBytes } = this.entry;
    // Bytes as text have one character more, which marks them.
    if (isBytes(data) ? data.length - 1 <= maxBytes : !isLongerThan(data, maxBytes)) return undefined;
    return this.#error("too_large", `its data has more than ${maxBytes} bytes`);
  }

  /** Whether messages wait. */
  get isShut(): boolean {
    return this.#held !== undefined;
  }

  /** Has messages wait from now on. */
  shut(): void {
    this.#held ??= new HeldMessages();
  }

  /** Passes on what waits, and what comes from now on at once. */
  open(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.pass();
  }

  /** Has a message wait whose data has so many characters, while it is shut. Throws HotroomError `busy` where too much waits. */
  hold(characters: number, pass: () => void): void {
    if (this.#held?.add(characters, pass) === false)
      throw this.#error("busy", "too much waits for the room's script, which handled it before an edit");
  }

  /** Begins a user's rate. It is not forgotten when the user leaves, who could come back at once for another one. */
  #begin(user: string): TokenBucket {
    if (this.#buckets.size >= this.#look) {
      for (const [id, { isFull }] of this.#buckets) if (isFull) this.#buckets.delete(id);
      this.#look = Math.max(FIRST_LOOK, 2 * this.#buckets.size);
    }
    const bucket = new TokenBucket(this.clock, this.#limit);
    this.#buckets.set(user, bucket);
    return bucket;
  }

  #error(code: string, why: string): HotroomError {
    return new HotroomError(code, `Cannot pass "${this.type}" on: ${why}.`);
  }
}

function limitOf({ rate }: RelayEntry): RateLimit {
  return { rate, burst: 2 * rate };
}
