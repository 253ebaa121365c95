import type { Answer } from "../../wire/answer/answer_decoder.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Posted } from "./slot.ts";

/** What gives time to what takes long. */
export interface Pace {
  /** Has scripts told, at once or when it is their application's turn. */
  apply(told: Told): void;
  /** Runs `step` at once or when it is its turn, before anything that follows from the same answer. */
  goOn(step: () => void): void;
  /** Runs `step` when the loop has turned, for an application: it goes on with what waited for something else than its turn. */
  later(application: string, step: () => void): void;
}

/** Whoever has outcomes applied. */
export interface OutcomesOwner {
  /** Hears that applying some of them has taken `ms`, with what is written to sockets. */
  spent(sandbox: Sandbox, ms: number): void;
  /** Hears that they all have been applied. */
  applied(sandbox: Sandbox): void;
}

/** What scripts are told bit by bit, when it is their application's turn. */
export interface Told {
  readonly sandbox: Pick<Sandbox, "application">;
  /** Time that telling them all is expected to take, with what is written to sockets, ms. */
  readonly expectedMs: number;
  /** Tells the next script what became of its event, or goes on with that. Returns false if there was nothing left to do. */
  next(): boolean;
  /** Has `rest` done next, for the last event. */
  goOn(rest: () => void): void;
  /** Notes that what was sent because of the last event takes `ms`: it counts for its script. */
  sent(ms: number): void;
  /** Notes that telling some of the scripts has taken `ms`, with what is sent. */
  spend(ms: number): void;
  /** Ends it: all have been told. */
  end(): void;
}

/** What one answer came to, as far as the scripts have not been told. */
export class Outcomes implements Told {
  #next = 0;
  /** What is left to do for the last event. */
  #rest: (() => void) | undefined;
  #ms = 0;

  constructor(
    readonly sandbox: Sandbox,
    private readonly results: Answer<Posted>["results"],
    private readonly owner: OutcomesOwner,
  ) {}

  get expectedMs(): number {
    return this.results.length * this.sandbox.outcomeMs;
  }

  next(): boolean {
    const rest = this.#rest;
    if (rest) {
      this.#rest = undefined;
      rest();
      return true;
    }
    const result = this.results[this.#next];
    if (!result) return false;
    this.#next++;
    result.posted.slot.answer(result);
    return true;
  }

  goOn(rest: () => void): void {
    this.#rest = rest;
  }

  sent(ms: number): void {
    this.results[this.#next - 1]?.posted.slot.credit.spend(ms);
  }

  spend(ms: number): void {
    this.#ms += ms;
    this.owner.spent(this.sandbox, ms);
  }

  end(): void {
    this.sandbox.applied(this.#ms / this.results.length);
    this.owner.applied(this.sandbox);
  }
}
