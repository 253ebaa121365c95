import { Queue } from "../../../core/queue.ts";
import type { ScriptEvent } from "../../../core/ports/event.ts";
import type { HeldBytes } from "../recovery/application_scripts.ts";
import type { Call } from "../sandbox/call.ts";
import { type EventOrigin, originOf } from "./event_origin.ts";

/** The events of one script that are not answered, oldest first; the sandbox has the first of them. */
export class EventQueue {
  readonly #calls = new Queue<Call>();
  /** How many the sandbox has. */
  #posted = 0;
  /** About how many UTF-16 units they are. */
  #weight = 0;
  #waiting: (() => void)[] = [];
  /** How many of the events there are of each origin. */
  readonly #counts: Record<EventOrigin, number> = { client: 0, connection: 0, script: 0, server: 0 };

  /** How many the sandbox may have at one time. */
  mostPosted = Number.POSITIVE_INFINITY;

  constructor(private readonly account: HeldBytes) {}

  get length(): number {
    return this.#calls.length;
  }

  /** Bytes that they take. */
  get held(): number {
    return this.#weight;
  }

  /** Returns how many events there are of an origin. */
  count(origin: EventOrigin): number {
    return this.#counts[origin];
  }

  /** The oldest event. */
  get first(): Call | undefined {
    return this.#calls.at(0);
  }

  /** Whether an event is suspected of using up the memory of a sandbox. */
  get needsOwnSandbox(): boolean {
    for (const call of this.#calls) if (call.suspicion?.ownSandbox) return true;
    return false;
  }

  push(call: Call): void {
    this.#calls.push(call);
    this.#counts[originOf(call.task as ScriptEvent)]++;
    this.#weigh(call.weight);
  }

  /**
   * Puts the event before all others that tells a script, of which the sandbox has no event, that it has come to another version. One that
   * it has not heard yet stays instead: it has heard nothing in the version between. `now` is ms of the monotonic clock.
   */
  putReload(call: Call, now: number): void {
    if (this.first?.task.kind === "reload") return;
    call.acceptedAt = now;
    this.#calls.putBack([call]);
    this.#counts[originOf(call.task as ScriptEvent)]++;
    this.#weigh(call.weight);
  }

  /** Takes that event out if the sandbox does not have it: the script is back, in `version` if only that one is not to hear of itself. */
  dropReload(version?: string): void {
    const task = this.first?.task;
    if (task?.kind === "reload" && (version === undefined || task.from === version)) this.answered();
  }

  /** Returns the next event for the sandbox, which has it from now on; undefined if it has all, or as many as it may. */
  post(): Call | undefined {
    if (this.#posted >= this.mostPosted) return undefined;
    const call = this.#calls.at(this.#posted);
    if (call) this.#posted++;
    return call;
  }

  /** Notes that the sandbox is gone and has none any more. */
  takeBack(): void {
    this.#posted = 0;
  }

  /** Takes the oldest event out: it was answered. */
  answered(): void {
    const call = this.#calls.shift();
    if (!call) return;
    this.#counts[originOf(call.task as ScriptEvent)]--;
    this.#weigh(-call.weight);
    if (this.#posted > 0) this.#posted--;
  }

  /** Takes events out and returns them, where the sandbox has none. */
  takeOut(isOut: (call: Call) => boolean): Call[] {
    const all = this.takeAll();
    for (const call of all) if (!isOut(call)) this.push(call);
    return all.filter(isOut);
  }

  /** Takes all events out and returns them. */
  takeAll(): Call[] {
    const calls = [...this.#calls];
    this.#calls.clear();
    this.#posted = 0;
    for (const { task } of calls) this.#counts[originOf(task as ScriptEvent)]--;
    this.#weigh(-this.#weight);
    return calls;
  }

  /** Resolves when `tellDrained` is called while no event is left. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.tellDrained();
    });
  }

  /** Is called whenever the effects of an answer have been applied. */
  tellDrained(): void {
    if (this.#waiting.length === 0 || this.#calls.length > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #weigh(change: number): void {
    this.#weight += change;
    this.account.set(this.#weight);
  }
}
