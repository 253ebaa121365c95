/** Trouble to order, for trying out what a page does in it. */
export interface Simulate {
  /** Loses the connection, as by a network: the server keeps the place of the user, and the client comes back by itself. */
  drop(): void;
  /** Lets nothing through for a while, in either direction; longer than the liveness, the client takes the connection for dead. */
  freeze(ms: number): void;
  /** Lets each frame take longer by so much, in each direction; 0 ends that. */
  delay(ms: number): void;
}

interface Step {
  readonly due: number;
  run(): void;
}

/** A link's trouble: what goes over it goes through here, at once where there is none. */
export class Simulation implements Simulate {
  readonly #cut: () => void;
  #delay = 0;
  #frozenUntil = 0;
  /** In order; each has its time, which is never before that of the one before. */
  #held: Step[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(cut: () => void) {
    this.#cut = cut;
  }

  drop(): void {
    this.#cut();
  }

  freeze(ms: number): void {
    this.#frozenUntil = Math.max(this.#frozenUntil, performance.now() + ms);
  }

  delay(ms: number): void {
    this.#delay = ms;
  }

  /** Runs a step of the link when it is its turn. */
  through(run: () => void): void {
    if (this.#delay === 0 && this.#frozenUntil === 0 && this.#held.length === 0) return run();
    const now = performance.now();
    if (this.#frozenUntil <= now) this.#frozenUntil = 0;
    const last = this.#held.at(-1)?.due ?? 0;
    this.#held.push({ due: Math.max(now + this.#delay, this.#frozenUntil, last), run });
    this.#arm();
  }

  /** Forgets what is held. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = [];
  }

  #arm(): void {
    const next = this.#held[0];
    if (!next || this.#timer !== undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        // A freeze that began since holds also what was on its way.
        while (this.#held[0] && Math.max(this.#held[0].due, this.#frozenUntil) <= performance.now() + 1)
          this.#held.shift()?.run();
        this.#arm();
      },
      Math.max(0, next.due - performance.now(), this.#frozenUntil - performance.now()),
    );
  }
}
