/** A socket as its heartbeat sees it. */
export interface Beating {
  /** Returns true if a frame, a ping or a pong has come from the peer since the last call. */
  heard(): boolean;
  ping(): void;
  terminate(): void;
}

/** Looks at a socket within the time that its peer may be silent: one that has heard of it, one that pings, one that ends it. */
const LOOKS = 3;
/** Sockets are looked at in so many parts, so that thousands are not pinged in one turn of the loop. */
const PARTS = 14;

/**
 * Ends sockets whose peers have gone without a word. Only what comes from the peer counts: Bun's own idle timer is re-armed
 * by each send (https://github.com/oven-sh/bun/pull/39255), so that a dead member of a room that talks would stay for ever.
 */
export class Heartbeat {
  /** The sockets of each part, with the looks in a row that found them silent. */
  readonly #parts = Array.from({ length: PARTS }, () => new Map<Beating, number>());
  readonly #pause: number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #size = 0;
  #watched = 0;
  #turn = 0;

  /** A peer of which nothing is heard is given up after at most `silence` ms. */
  constructor(silence: number) {
    this.#pause = silence / LOOKS / PARTS;
  }

  watch(socket: Beating): void {
    this.#timer ??= setInterval(() => this.#look(), this.#pause);
    this.#parts[this.#watched++ % PARTS]?.set(socket, 0);
    this.#size += 1;
  }

  unwatch(socket: Beating): void {
    if (!this.#parts.some((part) => part.delete(socket))) return;
    this.#size -= 1;
    if (this.#size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const part = this.#parts[this.#turn++ % PARTS];
    for (const [socket, before] of part ?? []) {
      const silent = socket.heard() ? 0 : before + 1;
      part?.set(socket, silent);
      if (silent === LOOKS - 1) socket.terminate();
      else if (silent > 0) socket.ping();
    }
  }
}
