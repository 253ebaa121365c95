import type { WireFrame } from "../../protocol/bytes.ts";
import type { Clock } from "../ports/clock.ts";

/** What waits for a client that is late, beside what waits in its socket: so many frames, and characters of them; the oldest goes. */
const MOST_FRAMES = 256;
const MOST_CHARACTERS = 64 * 1024;
/** Bytes that wait in a socket whose client is late, and at which it has caught up. */
const LATE_BYTES = 64 * 1024;
const CAUGHT_UP_BYTES = 8 * 1024;
/** How often it is looked at whether a client has caught up, ms: not every runtime says when a socket has drained. */
const LOOK_MS = 50;

/** The connection of a client, as far as it is about what waits for it. */
interface Link {
  /** Bytes that wait in its socket, and that may, before it is closed. */
  readonly buffered: number;
  readonly outbox: number;
  send(frame: WireFrame): void;
}

/** Returns true if more waits in a socket than a client leaves there that keeps up. */
export function isLate({ buffered, outbox }: Link): boolean {
  return buffered > Math.min(LATE_BYTES, outbox / 2);
}

/** The newest volatile frames for one client that does not keep up: each waits until the client has caught up, or a newer one takes its place. */
export class LateFrames {
  /** The oldest first. */
  readonly #frames = new Map<string, WireFrame>();
  #characters = 0;
  readonly #waiting = new Set<() => void>();
  #cancelLook: (() => void) | undefined;

  constructor(
    private readonly link: Link,
    private readonly clock: Clock,
  ) {}

  /** Calls `caughtUp` once the client has caught up and was sent what waits. */
  wait(caughtUp: () => void): void {
    this.#waiting.add(caughtUp);
    this.#cancelLook ??= this.clock.after(LOOK_MS, () => this.#look());
  }

  /** Who asked with that function is not interested any more; what waits when nobody is goes. */
  giveUp(caughtUp: () => void): void {
    this.#waiting.delete(caughtUp);
    if (this.#waiting.size > 0) return;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    this.#frames.clear();
    this.#characters = 0;
  }

  /** Has a frame wait, in the place of the one that waits under that key. */
  put(key: string, frame: WireFrame): void {
    this.#take(key);
    this.#frames.set(key, frame);
    this.#characters += frame.length;
    for (const oldest of this.#frames.keys()) {
      if (this.#frames.size <= MOST_FRAMES && this.#characters <= MOST_CHARACTERS) return;
      this.#take(oldest);
    }
  }

  #take(key: string): void {
    const frame = this.#frames.get(key);
    if (frame === undefined) return;
    this.#frames.delete(key);
    this.#characters -= frame.length;
  }

  #look(): void {
    this.#cancelLook = undefined;
    if (this.link.buffered > CAUGHT_UP_BYTES) {
      this.#cancelLook = this.clock.after(LOOK_MS, () => this.#look());
      return;
    }
    for (const frame of this.#frames.values()) this.link.send(frame);
    this.#frames.clear();
    this.#characters = 0;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const caughtUp of waiting) caughtUp();
  }
}
