import type { Clock } from "../../../core/ports/clock.ts";
import type { CpuRates } from "./cpu_rate.ts";
import { Validation } from "../sandbox/validation.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { CpuShare } from "./cpu_share.ts";

/** Batches that a host may have at one time. */
const WINDOW = 8;
/** CPU time of what it has, ms, from which on the next batch waits: enough that the pipe is never idle. */
const AHEAD = 4;

/**
 * What waits for a host and what it has in hand; says who is next. Applications take turns by the CPU time that they use
 * (deficit round robin): each turn is worth `QUANTUM`, what a batch took beyond it is made up for in later ones. One that
 * was idle and has credit goes first (as in DRR++), so that few events wait no longer than for the batch in hand.
 */
export class FairQueue {
  readonly #shares = new Map<string, CpuShare>();
  /** Applications with something that waits: those with credit from before, and those that take turns. */
  readonly #fresh = new Set<CpuShare>();
  readonly #round = new Set<CpuShare>();
  /** Beyond their CPU rate, with what ends their waiting. */
  readonly #dry = new Map<CpuShare, () => void>();
  #loads: Validation[] = [];
  #loading: Validation | undefined;
  /** With the CPU time that each is expected to take, ms. */
  readonly #inHand = new Map<Sandbox, number>();
  #expected = 0;

  constructor(
    private readonly clock: Clock,
    private readonly buckets: CpuRates,
    /** Somebody may be next again, without anything having been added or answered. */
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

  /** What is in hand and the loads that wait. */
  get burden(): number {
    return this.#inHand.size + this.#loads.length + (this.#loading ? 1 : 0);
  }

  add(sandbox: Sandbox): void {
    if (sandbox.batch) return;
    const share = this.#shareOf(sandbox);
    share.add(sandbox);
    if (this.#fresh.has(share) || this.#round.has(share) || this.#dry.has(share)) return;
    share.wake(this.clock.now(), this.#fresh.size + this.#round.size);
    (share.hasCredit ? this.#fresh : this.#round).add(share);
  }

  addLoad(load: Validation): void {
    this.#loads.push(load);
  }

  /** Who may be given to the host now; the caller says so with `handed`. */
  next(): Validation | Sandbox | undefined {
    if (this.#loading || this.#isTakenAlone()) return undefined;
    // Who wants the host for itself waits until its hands are empty, and is not overtaken by who comes later.
    if (this.#loads.length > 0) return this.#inHand.size > 0 ? undefined : this.#loads.shift();
    if (this.#inHand.size >= WINDOW || this.#expected >= AHEAD) return undefined;
    for (let share = this.#first(); share; share = this.#first()) {
      const sandbox = share.first;
      if (!sandbox) this.#rest(share);
      else if (!this.#mayGo(share, sandbox)) this.#dryUp(share, sandbox);
      else if (!share.hasCredit) {
        share.turn();
        this.#fresh.delete(share);
        this.#round.delete(share);
        this.#round.add(share);
      } else if (sandbox.wantsHostAlone && this.#inHand.size > 0) return undefined;
      else return sandbox;
    }
    return undefined;
  }

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
    this.#expected += expected;
  }

  /** The host has answered; it took `cpu` ms. Without that, what had been expected stands. */
  answered(sandbox: Sandbox, cpu?: number): void {
    const expected = this.#inHand.get(sandbox);
    const share = this.#shareOf(sandbox);
    if (expected !== undefined) {
      this.#inHand.delete(sandbox);
      this.#expected = this.#inHand.size === 0 ? 0 : this.#expected - expected;
      share.inHand--;
      if (cpu !== undefined) share.reserve(-expected);
    }
    if (cpu !== undefined) share.spend(cpu, sandbox.limits);
    this.#release(share);
  }

  /** CPU time that the watchdog allows for what the host works on, ms; undefined where nothing is in hand. */
  get allowance(): number | undefined {
    return (this.#loading ?? this.oldest)?.allowance;
  }

  /** What the host works on has used CPU time that no answer will tell of, ms. */
  charge(cpu: number): void {
    const sandbox = this.oldest;
    if (sandbox) this.#shareOf(sandbox).spend(cpu, sandbox.limits);
  }

  /** The sandbox whose batch the host works on: it takes them in the order in which it got them. */
  get oldest(): Sandbox | undefined {
    const [sandbox] = this.#inHand.keys();
    return sandbox;
  }

  /** The host has answered its load, or has ended; the load is the caller's again. */
  takeLoading(): Validation | undefined {
    const load = this.#loading;
    this.#loading = undefined;
    return load;
  }

  /** Puts a load first again. */
  repeat(load: Validation): void {
    this.#loads.unshift(load);
  }

  /** The loads that wait; they are the caller's. */
  takeLoads(): Validation[] {
    return this.#loads.splice(0);
  }

  /** The sandbox is gone. */
  forget(sandbox: Sandbox): void {
    this.#shareOf(sandbox).remove(sandbox);
    this.answered(sandbox);
  }

  /** Forgets what it waits for. */
  stop(): void {
    for (const cancel of this.#dry.values()) cancel();
    this.#dry.clear();
  }

  #first(): CpuShare | undefined {
    for (const share of this.#fresh) return share;
    for (const share of this.#round) return share;
    return undefined;
  }

  #mayGo(share: CpuShare, { limits }: Sandbox): boolean {
    return share.wait(limits) === 0;
  }

  #dryUp(share: CpuShare, { limits }: Sandbox): void {
    this.#fresh.delete(share);
    this.#round.delete(share);
    const cancel = this.clock.after(share.wait(limits), () => {
      this.#dry.delete(share);
      this.#round.add(share);
      this.wake();
    });
    this.#dry.set(share, cancel);
  }

  /** Nothing of it waits; it is idle once nothing is in hand either. */
  #rest(share: CpuShare): void {
    this.#fresh.delete(share);
    this.#round.delete(share);
    this.#release(share);
  }

  #release(share: CpuShare): void {
    if (share.inHand > 0 || share.first) return;
    share.rest(this.clock.now());
    const isListed = this.#fresh.has(share) || this.#round.has(share) || this.#dry.has(share);
    if (share.isNew && !isListed) this.#shares.delete(share.application);
  }

  #shareOf({ application }: Sandbox): CpuShare {
    const found = this.#shares.get(application);
    if (found) return found;
    const share = new CpuShare(application, this.buckets.of(application));
    this.#shares.set(application, share);
    return share;
  }

  #isTakenAlone(): boolean {
    return this.oldest?.batch?.alone === true;
  }
}
