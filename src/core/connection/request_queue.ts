import type { Request } from "../../protocol/codec.ts";
import { Queue } from "../queue.ts";

/** Requests that may wait while one before them is being handled. */
export const MAX_WAITING_REQUESTS = 256;

/** Whose requests they are. */
interface Asker {
  /** Answers a request that failed. */
  fail(request: Request, error: unknown): void;
}

/** Requests that are handled one after another, as far as they ask for it. They stay in order when their user goes on over another connection. */
export class RequestQueue<Connection extends Asker> {
  readonly #waiting = new Queue<{ readonly connection: Connection; readonly request: Request }>();
  #busy = false;

  /** `handle` returns a promise where later requests wait until it settles. */
  constructor(
    private readonly handle: (connection: Connection, request: Request) => Promise<void> | undefined,
  ) {}

  /** Handles a request, after those that came before it; returns false, and does not, where too many wait. */
  add(connection: Connection, request: Request): boolean {
    if (!this.#busy) this.#handle(connection, request);
    else if (this.#waiting.length >= MAX_WAITING_REQUESTS) return false;
    else this.#waiting.push({ connection, request });
    return true;
  }

  /** Handles what waits in another queue after what waits in this one. */
  takeFrom(other: RequestQueue<Connection>): void {
    for (let next = other.#waiting.shift(); next; next = other.#waiting.shift()) {
      if (this.#busy) this.#waiting.push(next);
      else this.#handle(next.connection, next.request);
    }
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting.clear();
  }

  #handle(connection: Connection, request: Request): void {
    let pending: Promise<void> | undefined;
    try {
      pending = this.handle(connection, request);
    } catch (error) {
      connection.fail(request, error);
    }
    if (!pending) return;
    this.#busy = true;
    pending
      .catch((error) => connection.fail(request, error))
      .finally(() => {
        this.#busy = false;
        for (let next = this.#next(); next; next = this.#next()) this.#handle(next.connection, next.request);
      });
  }

  #next() {
    return this.#busy ? undefined : this.#waiting.shift();
  }
}
