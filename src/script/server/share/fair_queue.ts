import { PerApplication } from "../../../core/application/per_application.ts";
import { CostWindow } from "../../../core/limit/cost_window.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { Turns } from "../../../core/turns.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { Validation } from "../sandbox/validation.ts";
import type { CpuRate } from "./cpu_rate.ts";
import { CpuShare } from "./cpu_share.ts";
import type { OutcomeQueue } from "./outcome_queue.ts";

/** Batches that a host may have at one time. */
const MOST_BATCHES = 8;
/** CPU time of what a host has, ms, from which on the next batch waits: enough that the pipe is never idle. */
const IN_HAND_MS = 4;

/**
 * What waits for a host and what it has in hand; says who is next. Applications take turns by the CPU time that they use, and
 * so do the sandboxes of each; few events wait no longer than for the batch in hand (docs/decisions/0011-fairness.md).
 */
export class FairQueue {
  readonly #shares: PerApplication<CpuShare>;
  /** Applications with something that waits. */
  readonly #turns = new Turns<CpuShare>();
  /** Applications beyond their CPU rate, with what cancels the end of their wait. */
  readonly #paused = new Map<CpuShare, () => void>();
  /** What ends listening to the applications' shares of the server's loop. */
  readonly #endListening: (() => void)[] = [];
  /** The sandbox that waits for empty hands. */
  #lone: Sandbox | undefined;
  #loads: Validation[] = [];
  #loading: Validation | undefined;
  /** Sandboxes whose batches the host has, with the CPU time that each is expected to take, ms. */
  readonly #inHand = new Map<Sandbox, number>();
  readonly #window = new CostWindow(IN_HAND_MS);

  constructor(
    private readonly clock: Clock,
    rates: PerApplication<CpuRate>,
    outcomes: OutcomeQueue,
    /** Called when an application may go on without anything having been added or answered. */
    private readonly wake: () => void,
  ) {
    this.#shares = new PerApplication((application) => {
      const loop = outcomes.of(application);
      const share = new CpuShare(rates.of(application), loop);
      this.#endListening.push(loop.onCaughtUp(() => this.#resume(share)));
      return share;
    });
  }

  /** Sandboxes whose batches the host has. */
  get inHand(): Pick<ReadonlySet<Sandbox>, "size" | "keys"> {
    return this.#inHand;
  }

  /** The load that the host has. */
  get loading(): Validation | undefined {
    return this.#loading;
  }

  /** Batches in hand, and loads in hand or waiting. */
  get burden(): number {
    return this.#inHand.size + this.#loads.length + (this.#loading ? 1 : 0);
  }

  /** The sandbox whose batch the host works on: it takes them in the order in which it got them. */
  get oldest(): Sandbox | undefined {
    const [sandbox] = this.#inHand.keys();
    return sandbox;
  }

  /** CPU time that the watchdog allows for what the host works on, ms; undefined if nothing is in hand. */
  get allowance(): number | undefined {
    return (this.#loading ?? this.oldest)?.allowance;
  }

  /** Adds a sandbox with something to send, unless the host has a batch of it. */
  add(sandbox: Sandbox): void {
    if (sandbox.batch) return;
    const share = this.#shareOf(sandbox);
    share.add(sandbox);
    this.#turns.add(share);
  }

  /** Adds a load, which waits until nothing else is in hand. */
  addLoad(load: Validation): void {
    this.#loads.push(load);
  }

  /** Returns what may be given to the host now; the caller says with `handed` that it was. Returns undefined if nothing may. */
  next(): Validation | Sandbox | undefined {
    if (this.#loading || this.oldest?.batch?.alone === true) return undefined;
    // What needs the host for itself waits until nothing is in hand, and is not overtaken by what comes later.
    if (this.#loads.length > 0) return this.#inHand.size > 0 ? undefined : this.#loads.shift();
    if (this.#inHand.size >= MOST_BATCHES || this.#window.isFull) return undefined;
    const lone = this.#lone;
    if (lone) {
      if (this.#inHand.size > 0) return undefined;
      this.#lone = undefined;
      if (lone.waits) return lone;
    }
    for (let share = this.#turns.first(); share; share = this.#turns.first()) {
      const sandbox = share.first;
      if (!sandbox) return undefined;
      const wait = share.wait(sandbox.limits);
      if (wait > 0) this.#pause(share, wait);
      else if (sandbox.wantsHostAlone && this.#inHand.size > 0) {
        this.#lone = sandbox;
        return undefined;
      } else return sandbox;
    }
    return undefined;
  }

  /** Notes that the host has what `next` returned. */
  handed(what: Validation | Sandbox): void {
    if (what instanceof Validation) {
      this.#loading = what;
      return;
    }
    const expected = what.batch?.expected ?? 0;
    this.#shareOf(what).handed(what, expected);
    this.#inHand.set(what, expected);
    this.#window.start(expected);
  }

  /** Notes that the host has answered, after `cpu` ms of CPU time; if that is not known, what was expected stands. */
  answered(sandbox: Sandbox, cpu?: number): void {
    const expected = this.#inHand.get(sandbox);
    const share = this.#shareOf(sandbox);
    if (expected !== undefined) {
      this.#inHand.delete(sandbox);
      this.#window.end(expected);
      share.returned(sandbox, expected, cpu !== undefined);
    }
    if (cpu !== undefined) share.spend(sandbox, cpu);
    if (this.#inHand.size === 0 && !sandbox.waits && this.#turns.isEmpty) this.#turns.forgive();
  }

  /** Notes that the server has spent `ms` on what a sandbox has answered. */
  spent(sandbox: Sandbox, ms: number): void {
    this.#shareOf(sandbox).spend(sandbox, ms);
  }

  /** Notes that what the host works on has used `cpu` ms of CPU time that no answer will tell of. */
  charge(cpu: number): void {
    const sandbox = this.oldest;
    if (sandbox) this.#shareOf(sandbox).spend(sandbox, cpu);
  }

  /** Returns the load that the host has answered, or had when it ended; it is the caller's again. */
  takeLoading(): Validation | undefined {
    const load = this.#loading;
    this.#loading = undefined;
    return load;
  }

  /** Puts a load first again. */
  repeat(load: Validation): void {
    this.#loads.unshift(load);
  }

  /** Returns the loads that wait; they are the caller's. */
  takeLoads(): Validation[] {
    return this.#loads.splice(0);
  }

  /** Forgets a sandbox that is gone. */
  forget(sandbox: Sandbox): void {
    if (this.#lone === sandbox) this.#lone = undefined;
    this.answered(sandbox);
  }

  /** Cancels what it waits for. */
  stop(): void {
    for (const cancel of [...this.#paused.values(), ...this.#endListening]) cancel();
    this.#paused.clear();
  }

  /** Lets an application wait for its CPU rate, for `ms`. */
  #pause(share: CpuShare, ms: number): void {
    share.isPaused = true;
    const cancel = this.clock.after(ms, () => {
      this.#paused.delete(share);
      share.isPaused = false;
      this.#resume(share);
    });
    this.#paused.set(share, cancel);
  }

  /** Lets an application go on that had to wait. */
  #resume(share: CpuShare): void {
    if (!share.waits) return;
    this.#turns.add(share);
    this.wake();
  }

  #shareOf({ application }: Sandbox): CpuShare {
    return this.#shares.of(application);
  }
}
