import type { PerApplication } from "../../../core/application/per_application.ts";
import { CostWindow } from "../../../core/limit/cost_window.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { Validation } from "../sandbox/validation.ts";
import type { CpuRate } from "./cpu_rate.ts";
import { CpuShare } from "./cpu_share.ts";

/** Batches that a host may have at one time. */
const MOST_BATCHES = 8;
/** CPU time of what a host has, ms, from which on the next batch waits: enough that the pipe is never idle. */
const IN_HAND_MS = 4;

/**
 * What waits for a host and what it has in hand; says who is next. Applications take turns by the CPU time that they use
 * (deficit round robin): what a batch took beyond the time of a turn is made up for in later ones. An application that was idle
 * and has credit goes first (as in DRR++), so that few events wait no longer than for the batch in hand.
 */
export class FairQueue {
  readonly #shares = new Map<string, CpuShare>();
  /** Applications with something that waits: those that were idle, and those that take turns. */
  readonly #fresh = new Set<CpuShare>();
  readonly #turns = new Set<CpuShare>();
  /** Applications beyond their CPU rate, with what cancels the end of their wait. */
  readonly #paused = new Map<CpuShare, () => void>();
  #loads: Validation[] = [];
  #loading: Validation | undefined;
  /** Sandboxes whose batches the host has, with the CPU time that each is expected to take, ms. */
  readonly #inHand = new Map<Sandbox, number>();
  readonly #window = new CostWindow(IN_HAND_MS);

  constructor(
    private readonly clock: Clock,
    private readonly rates: PerApplication<CpuRate>,
    /** Called when an application may go on without anything having been added or answered. */
    private readonly wake: () => void,
  ) {}

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
    if (this.#isListed(share)) return;
    share.wake(this.clock.monotonic(), this.#fresh.size + this.#turns.size);
    (share.hasCredit ? this.#fresh : this.#turns).add(share);
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
    for (let share = this.#first(); share; share = this.#first()) {
      const sandbox = share.first;
      if (!sandbox) this.#rest(share);
      else if (share.wait(sandbox.limits) > 0) this.#pause(share, sandbox);
      else if (!share.hasCredit) {
        share.turn();
        this.#fresh.delete(share);
        this.#turns.delete(share);
        this.#turns.add(share);
      } else if (sandbox.wantsHostAlone && this.#inHand.size > 0) return undefined;
      else return sandbox;
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
    const share = this.#shareOf(what);
    share.remove(what);
    share.reserve(expected);
    share.inHand++;
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
      share.inHand--;
      if (cpu !== undefined) share.release(expected);
    }
    if (cpu !== undefined) share.spend(cpu, sandbox.limits);
    this.#restIfIdle(share);
  }

  /** Notes that what the host works on has used `cpu` ms of CPU time that no answer will tell of. */
  charge(cpu: number): void {
    const sandbox = this.oldest;
    if (sandbox) this.#shareOf(sandbox).spend(cpu, sandbox.limits);
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
    this.#shareOf(sandbox).remove(sandbox);
    this.answered(sandbox);
  }

  /** Cancels what it waits for. */
  stop(): void {
    for (const cancel of this.#paused.values()) cancel();
    this.#paused.clear();
  }

  #first(): CpuShare | undefined {
    for (const share of this.#fresh) return share;
    for (const share of this.#turns) return share;
    return undefined;
  }

  /** Lets an application wait for its CPU rate. */
  #pause(share: CpuShare, { limits }: Sandbox): void {
    this.#fresh.delete(share);
    this.#turns.delete(share);
    const cancel = this.clock.after(share.wait(limits), () => {
      this.#paused.delete(share);
      this.#turns.add(share);
      this.wake();
    });
    this.#paused.set(share, cancel);
  }

  /** Takes an application out of those that take turns: nothing of it waits. */
  #rest(share: CpuShare): void {
    this.#fresh.delete(share);
    this.#turns.delete(share);
    this.#restIfIdle(share);
  }

  #restIfIdle(share: CpuShare): void {
    if (share.inHand > 0 || share.first) return;
    share.rest(this.clock.monotonic());
    if (share.isNew && !this.#isListed(share)) this.#shares.delete(share.application);
  }

  #isListed(share: CpuShare): boolean {
    return this.#fresh.has(share) || this.#turns.has(share) || this.#paused.has(share);
  }

  #shareOf({ application }: Sandbox): CpuShare {
    const found = this.#shares.get(application);
    if (found) return found;
    const share = new CpuShare(application, this.rates.of(application));
    this.#shares.set(application, share);
    return share;
  }
}
