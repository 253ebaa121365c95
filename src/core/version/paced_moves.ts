/** CPU time of the moves that one script host has in hand at a time, ms: about what any other event waits behind them. */
const SLICE = 8;
/** What a move is taken to cost before one has told, and the least that it ever is, ms. */
const GUESS = 0.5;
const LEAST = 0.05;
/** How much of what a move costs follows from the last one: one alone is known to the ms only. */
const NEWS = 1 / 32;

/**
 * Those that go to another version together, a few at a time: as many as cost the script hosts a slice. What they do
 * meanwhile for others comes in between, and a large state goes by itself.
 */
export class PacedMoves {
  readonly #slice: number;
  #cost = GUESS;
  #underWay = 0;

  /** `hosts` is how many script hosts the moves are spread over. */
  constructor(hosts: number) {
    this.#slice = SLICE * Math.max(1, hosts);
  }

  /**
   * Resolves when each of `all` has arrived, or those under way have once `isOver` said so. `move` resolves with the
   * CPU time that it took, ms, or with nothing where that says nothing of the next; it must not reject.
   */
  run<T>(
    all: Iterable<T>,
    move: (each: T) => Promise<number | undefined>,
    isOver: () => boolean,
  ): Promise<void> {
    const waiting = all[Symbol.iterator]();
    return new Promise((resolve) => {
      const goOn = () => {
        while (this.#hasRoom && !isOver()) {
          const next = waiting.next();
          if (next.done) break;
          this.#underWay++;
          void move(next.value).then((cost) => {
            this.#underWay--;
            if (cost !== undefined) this.#cost += NEWS * (cost - this.#cost);
            goOn();
          });
        }
        if (this.#underWay === 0) resolve();
      };
      goOn();
    });
  }

  get #hasRoom(): boolean {
    return this.#underWay === 0 || (this.#underWay + 1) * Math.max(LEAST, this.#cost) <= this.#slice;
  }
}
