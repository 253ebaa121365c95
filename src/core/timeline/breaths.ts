import type { Clock } from "../ports/clock.ts";

/** How long something may be worked on before others have a turn, ms. */
const WORK_MS = 4;

/** Has the loop turn now and then in a long piece of work. */
export class Breaths {
  #since: number;

  constructor(private readonly clock: Clock) {
    this.#since = clock.monotonic();
  }

  /** Resolves at once where little was done since the last turn, else after one. */
  async take(): Promise<void> {
    if (this.clock.monotonic() - this.#since < WORK_MS) return;
    await new Promise<void>((resolve) => void this.clock.after(0, resolve));
    this.#since = this.clock.monotonic();
  }
}
