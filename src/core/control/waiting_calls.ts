import { HotroomError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import { settlesWithin } from "../settles_within.ts";

/** What callers may wait for at one time: of one application, and of all. */
const MOST_OF_APPLICATION = 64;
const MOST = 512;
/** How long one of them waits, ms. */
const WAIT_MS = 10_000;

/** What callers of the API wait for until a script has answered: how much of it there may be, and for how long. */
export class WaitingCalls {
  readonly #of = new Map<string, number>();
  #all = 0;

  constructor(
    private readonly clock: Clock,
    private readonly ms: number = WAIT_MS,
  ) {}

  /**
   * Begins something of an application, unless too much is waited for already, and resolves or rejects as that does. Rejects with HotroomError:
   * `busy`, `timeout`.
   */
  async wait<T>(application: string, doing: string, begin: () => Promise<T>): Promise<T> {
    const own = this.#of.get(application) ?? 0;
    if (own >= MOST_OF_APPLICATION || this.#all >= MOST)
      throw new HotroomError("busy", `Cannot ${doing}: too many callers wait for an answer already.`);
    this.#of.set(application, own + 1);
    this.#all++;
    try {
      const task = begin();
      if (await settlesWithin(this.clock, this.ms, task)) return await task;
      const message = `Cannot ${doing}: it takes longer than ${this.ms} ms, and may still happen.`;
      throw new HotroomError("timeout", message);
    } finally {
      this.#all--;
      const left = (this.#of.get(application) ?? 1) - 1;
      if (left > 0) this.#of.set(application, left);
      else this.#of.delete(application);
    }
  }
}
