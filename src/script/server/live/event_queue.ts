import type { Call } from "../sandbox/call.ts";
import { Queue } from "../../../core/queue.ts";
import type { HeldBytes } from "../recovery/application_scripts.ts";

/** The events of one script that are not answered, oldest first; the sandbox has the first of them. */
export class EventQueue {
  readonly #calls = new Queue<Call>();
  #handed = 0;
  /** About how many UTF-16 units they are. */
  #weight = 0;
  #waiting: (() => void)[] = [];

  get length(): number {
    return this.#calls.length;
  }

  /** The oldest. */
  get first(): Call | undefined {
    return this.#calls.at(0);
  }

  constructor(private readonly holding: HeldBytes) {}

  push(call: Call): void {
    this.#calls.push(call);
    this.#weigh(call.weight);
  }

  /** The next that the sandbox does not have; from now on it has it. */
  hand(): Call | undefined {
    const call = this.#calls.at(this.#handed);
    if (call) this.#handed++;
    return call;
  }

  /** The sandbox is gone, and has none any more. */
  takeBack(): void {
    this.#handed = 0;
  }

  /** The oldest was answered. */
  answered(): void {
    this.#weigh(-(this.#calls.shift()?.weight ?? 0));
    if (this.#handed > 0) this.#handed--;
  }

  /** Takes all of them out. */
  takeAll(): Call[] {
    const calls = [...this.#calls];
    this.#calls.clear();
    this.#handed = 0;
    this.#weigh(-this.#weight);
    return calls;
  }

  /** Whether one is suspected of using up a sandbox's memory. */
  get isSuspect(): boolean {
    for (const call of this.#calls) if (call.isSuspect && call.suspicion.solo) return true;
    return false;
  }

  /** Resolves when `tellDrained` finds nothing left. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.tellDrained();
    });
  }

  /** Called when the effects of an answer have been applied. */
  tellDrained(): void {
    if (this.#waiting.length === 0 || this.#calls.length > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #weigh(more: number): void {
    this.#weight += more;
    this.holding.set(this.#weight);
  }
}
