import { CostWindow } from "../limit/cost_window.ts";

/** CPU time of the moves that one script host has in hand at a time, ms: about what any other event waits behind them. */
const WINDOW_MS = 8;
/** What a move is taken to cost before the first one has ended, and the least that it ever is, ms. */
const FIRST_GUESS_MS = 0.5;
const LEAST_MS = 0.05;
/** Weight of the last move in what a move is expected to cost: the cost of a single one is known to the ms only. */
const LAST_MOVE_WEIGHT = 1 / 32;

/**
 * Moves many to another version together, a few at a time: as many as cost the script hosts a moment. What they do for others
 * comes in between, and a large state goes by itself (docs/decisions/0005-a-few-at-a-time.md).
 */
export class PacedMoves {
  readonly #window: CostWindow;
  #expectedMs = FIRST_GUESS_MS;

  /** `hosts` is how many script hosts the moves are spread over. */
  constructor(hosts: number) {
    this.#window = new CostWindow(WINDOW_MS * Math.max(1, hosts));
  }

  /**
   * Calls `move` for each of `all`, in order. It resolves with the CPU time that the move took, ms, or with undefined if that
   * says nothing of the next; it must not reject. Resolves when all have moved, or those under way have once `isOver` returns
   * true.
   */
  run<T>(
    all: Iterable<T>,
    move: (each: T) => Promise<number | undefined>,
    isOver: () => boolean,
  ): Promise<void> {
    const waiting = all[Symbol.iterator]();
    const window = this.#window;
    return new Promise((resolve) => {
      const startMore = () => {
        for (let ms = this.#costMs; window.fits(ms) && !isOver(); ms = this.#costMs) {
          const next = waiting.next();
          if (next.done) break;
          window.start(ms);
          void move(next.value).then((tookMs) => {
            window.end(ms);
            if (tookMs !== undefined) this.#expectedMs += LAST_MOVE_WEIGHT * (tookMs - this.#expectedMs);
            startMore();
          });
        }
        if (window.size === 0) resolve();
      };
      startMore();
    });
  }

  get #costMs(): number {
    return Math.max(LEAST_MS, this.#expectedMs);
  }
}
