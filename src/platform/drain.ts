/** Tells when a listener that takes nothing new has nothing left in hand. */
export class Drain {
  #requests = 0;
  #waiting: (() => void)[] = [];

  /** `sockets` counts the connections that still live. */
  constructor(private readonly sockets: () => number) {}

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

  /** Resolves when no request is in hand and no socket lives. */
  empty(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.check();
    return promise;
  }

  /** Called whenever a socket has gone. */
  check(): void {
    if (this.#requests > 0 || this.sockets() > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
