import type { Clock } from "../../ports/clock.ts";
import { Queue } from "../../queue.ts";

/** What arrives in one turn of the loop. */
const STEPS_A_TURN = 256;

interface Step {
  /** By the clock's monotonic time, ms. */
  readonly due: number;
  readonly bytes: number;
  run(): void;
}

/** One direction of a bad network: what is on its way arrives in order, each at its time. */
export class Lane {
  readonly #steps = new Queue<Step>();
  #bytes = 0;
  #frozenUntil = 0;
  #cancel: (() => void) | undefined;

  /** `emptied` is called when the last that was on its way has arrived. */
  constructor(
    private readonly clock: Clock,
    private readonly emptied: () => void,
  ) {}

  get length(): number {
    return this.#steps.length;
  }

  /** Bytes of what is on its way. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Has something of so many bytes arrive after `delay` ms, and not before what is on its way: `run` is called then. */
  put(bytes: number, delay: number, run: () => void): void {
    const last = this.#steps.at(this.length - 1)?.due ?? 0;
    this.#steps.push({ due: Math.max(this.clock.monotonic() + delay, last), bytes, run });
    this.#bytes += bytes;
    if (this.length === 1) this.#wait();
  }

  /** Lets nothing arrive before a time, by the clock's monotonic one, ms. */
  freeze(until: number): void {
    this.#frozenUntil = until;
    this.#wait();
  }

  /** Has all that is on its way arrive as soon as nothing is frozen. */
  hurry(): void {
    const steps = [...this.#steps];
    this.#steps.clear();
    for (const { bytes, run } of steps) this.#steps.push({ due: 0, bytes, run });
    this.#wait();
  }

  /** Has all that is on its way arrive now. */
  flush(): void {
    while (this.length > 0) this.#step();
    this.clear();
  }

  /** Forgets what is on its way. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#steps.clear();
    this.#bytes = 0;
  }

  /** How long it takes until something arrives, ms; undefined where nothing is on its way. */
  get #left(): number | undefined {
    const next = this.#steps.at(0);
    return next && Math.max(next.due, this.#frozenUntil) - this.clock.monotonic();
  }

  #wait(): void {
    this.#cancel?.();
    const left = this.#left;
    this.#cancel = left === undefined ? undefined : this.clock.after(Math.max(0, left), () => this.#arrive());
  }

  #arrive(): void {
    this.#cancel = undefined;
    for (let count = 0; count < STEPS_A_TURN && (this.#left ?? 1) <= 0; count++) this.#step();
    this.#wait();
    if (this.length === 0) this.emptied();
  }

  #step(): void {
    const step = this.#steps.shift();
    if (!step) return;
    this.#bytes -= step.bytes;
    step.run();
  }
}
