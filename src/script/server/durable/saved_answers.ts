import { Queue } from "../../../core/queue.ts";
import type { Pace, Told } from "../sandbox/outcomes.ts";
import type { SlotSandbox } from "../sandbox/slot.ts";

/** A gate as it lets through what is ready. */
export interface ReadyGate {
  /** The sandbox that the last answer came from. */
  readonly told: Pick<SlotSandbox, "spend"> | undefined;
  /** Time that carrying out what is ready is expected to take, ms. */
  readonly expectedMs: number;
  /** It is looked at: all answers of a commit are told. Returns true if something is ready that was not before. */
  looked(): boolean;
  /** Has the next answer that is ready carried out, or goes on with that. Returns false if there was nothing left to do. */
  next(): boolean;
  /** Has `rest` done next, for the last answer. */
  goOn(rest: () => void): void;
  /** Notes that what was sent because of the last answer takes `ms`: it counts for the script. */
  sent(ms: number): void;
  /** Hears that all that was ready has come through. */
  end(): void;
}

/**
 * Lets the answers of an application's durable scripts through that were saved: a commit saves one of each of many scripts, which come
 * through together, as those of a batch do that are not durable (docs/decisions/0016-durable-rooms.md).
 */
export class SavedAnswers implements Told {
  /** Those that have something ready, in the order in which they had. */
  readonly #ready = new Queue<ReadyGate>();
  /** Those to look at once all answers of a commit are told. */
  #settled: ReadyGate[] = [];
  /** Time that carrying out what was ready was expected to take since there was nothing, ms. */
  #expectedMs = 0;
  /** Whether it waits for the application's turn, or has it. */
  #isQueued = false;
  /** How many answers were carried out since their time was counted, by the sandbox that they came from. */
  readonly #told = new Map<Pick<SlotSandbox, "spend">, number>();

  constructor(
    private readonly pace: Pace,
    readonly sandbox: { readonly application: string },
  ) {}

  /** Looks in this turn of the loop whether a gate has something ready: what follows from the answers of a commit is committed together. */
  look(gate: ReadyGate): void {
    if (this.#settled.push(gate) === 1) queueMicrotask(this.#look);
  }

  /** Has a gate's answers come through when it is the application's turn. */
  add(gate: ReadyGate): void {
    this.#push(gate);
    this.#wake();
  }

  get expectedMs(): number {
    return this.#expectedMs;
  }

  next(): boolean {
    for (let gate = this.#ready.at(0); gate; gate = this.#ready.at(0)) {
      if (gate.next()) {
        const { told } = gate;
        if (told) this.#told.set(told, (this.#told.get(told) ?? 0) + 1);
        return true;
      }
      this.#ready.shift();
      gate.end();
    }
    this.#expectedMs = 0;
    return false;
  }

  goOn(rest: () => void): void {
    this.#ready.at(0)?.goOn(rest);
  }

  sent(ms: number): void {
    this.#ready.at(0)?.sent(ms);
  }

  spend(ms: number): void {
    let events = 0;
    for (const each of this.#told.values()) events += each;
    for (const [sandbox, each] of this.#told) sandbox.spend((ms * each) / events);
    this.#told.clear();
  }

  end(): void {
    this.#isQueued = false;
    this.#wake();
  }

  readonly #look = (): void => {
    const settled = this.#settled;
    this.#settled = [];
    for (const gate of settled) if (gate.looked()) this.#push(gate);
    this.#wake();
  };

  #push(gate: ReadyGate): void {
    this.#ready.push(gate);
    this.#expectedMs += gate.expectedMs;
  }

  #wake(): void {
    if (this.#isQueued || this.#ready.length === 0) return;
    this.#isQueued = true;
    this.pace.apply(this);
  }
}
