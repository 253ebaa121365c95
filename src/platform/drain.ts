/** Knows when a listener that takes nothing new has nothing left in hand. */
export class Drain {
  readonly #sockets: () => number;
  #requests = 0;
  #isAbandoned = false;
  #waiting: (() => void)[] = [];

  /** `sockets` returns how many connections still live. */
  constructor(sockets: () => number) {
    this.#sockets = sockets;
  }

  /** Counts a request as in hand until its answer is there. */
  async hold<T>(answer: () => T | Promise<T>): Promise<T> {
    this.#requests += 1;
    try {
      return await answer();
    } finally {
      this.#requests -= 1;
      this.check();
    }
  }

  /** Resolves when no request is in hand and no socket lives, or both have been abandoned. */
  empty(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.check();
    return promise;
  }

  /** Gives up what is in hand: its connections have been cut. */
  abandon(): void {
    this.#isAbandoned = true;
    this.check();
  }

  /** Called whenever a socket has gone. */
  check(): void {
    if (!this.#isAbandoned && (this.#requests > 0 || this.#sockets() > 0)) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
