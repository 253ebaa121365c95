import { setTimeout } from "node:timers";

/** How long a body is held that nobody reads, ms, and how many are. */
const HELD_MS = 60_000;
const MOST_HELD = 1_000;

/**
 * Bodies of requests that were answered without them. One that is let go Deno reads to its end, at whatever speed it comes and however long
 * it is, in the thread of the sockets (seen on Deno 2.9.6); from the connection of one that is held nothing more is read.
 */
export class UnreadBodies {
  readonly #held = new Set<unknown>();

  /** Holds the body of a request, whose connection takes no other one, for a while. */
  hold({ body }: Request): void {
    if (!body) return;
    // A stream that has no reader is not held.
    const held = body.locked ? body : body.getReader();
    if (this.#held.size >= MOST_HELD)
      for (const first of this.#held.values().take(1)) this.#held.delete(first);
    this.#held.add(held);
    setTimeout(() => this.#held.delete(held), HELD_MS).unref();
  }
}
