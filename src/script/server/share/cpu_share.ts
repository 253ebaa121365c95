import type { Limits } from "../../../core/application/settings.ts";
import { Credit, type TakesTurns, Turns } from "../../../core/turns.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { CpuRate } from "./cpu_rate.ts";
import type { LoopShare } from "./loop_share.ts";

/** CPU time that an application gets at each of its turns, ms. */
const TURN_MS = 10;

/** One application's share of one host: its sandboxes that wait, and the CPU time that it may use before others have their turn. */
export class CpuShare implements TakesTurns {
  readonly credit = new Credit(TURN_MS);
  readonly #sandboxes = new Turns<Sandbox>();
  /** Batches that the host has of it. */
  #inHand = 0;
  /** Whether nothing of it may be handed over, whatever waits. */
  isPaused = false;

  constructor(
    private readonly rate: CpuRate,
    private readonly loop: LoopShare,
  ) {}

  /** Adds a sandbox that waits. */
  add(sandbox: Sandbox): void {
    this.#sandboxes.add(sandbox);
  }

  /** The sandbox whose turn it is: they take turns by what they have used, too. */
  get first(): Sandbox | undefined {
    return this.#sandboxes.first();
  }

  /** Whether something of it may be handed over: never while outcomes of it wait, or the server would fill with those. */
  get waits(): boolean {
    return !this.isPaused && !this.loop.waits && !this.#sandboxes.isEmpty;
  }

  /** Notes that a batch of a sandbox is handed over, and sets `cpu` ms of CPU time aside for it. */
  handed({ credit }: Sandbox, cpu: number): void {
    this.#inHand++;
    credit.spend(cpu);
    this.credit.spend(cpu);
  }

  /** Notes that a batch is not in hand any more, for which `cpu` ms were set aside. Gives them back if `isMeasured`. */
  returned({ credit }: Sandbox, cpu: number, isMeasured: boolean): void {
    this.#inHand--;
    if (!isMeasured) return;
    credit.spend(-cpu);
    this.credit.spend(-cpu);
  }

  /** Notes that `cpu` ms of CPU time were used by a sandbox. */
  spend({ credit, limits, waits }: Sandbox, cpu: number): void {
    credit.spend(cpu);
    this.credit.spend(cpu);
    this.rate.spend(cpu, limits);
    if (this.#inHand === 0 && !waits && this.#sandboxes.isEmpty) this.#sandboxes.forgive();
  }

  /** Returns the ms until the application's CPU rate lets it go on; 0 if it does. */
  wait(limits: Limits): number {
    return this.rate.wait(limits);
  }
}
