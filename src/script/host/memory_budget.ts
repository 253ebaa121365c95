import type { MemoryLimit } from "../wire/frame_kinds.ts";
import { SANDBOX_BYTES } from "../wire/memory_bytes.ts";

/** Share of what may be taken from which on it matters what heaps hold for nothing. */
const SCARCE_SHARE = 7 / 8;

/** Memory that some sandboxes of this process may take together, bytes; that of one application is part of that of all. */
export class MemoryBudget {
  #taken = 0;

  constructor(
    /** The most that they may take. */
    public most: number,
    private readonly whole?: MemoryBudget,
  ) {}

  /** What is left to take, bytes; below 0 where more is taken than may be. */
  get left(): number {
    return Math.min(this.most - this.#taken, this.whole?.left ?? Number.POSITIVE_INFINITY);
  }

  /** Whether nearly all is taken, of this one or of the whole. */
  get isScarce(): boolean {
    return this.#taken >= this.most * SCARCE_SHARE || this.whole?.isScarce === true;
  }

  /** Whether less is left of the whole than of this one. */
  get isWholeShort(): boolean {
    return this.whole !== undefined && this.whole.left < this.most - this.#taken;
  }

  /** Counts `bytes` more if there are so many. Returns false if not; `isOwed` says that only the whole may say no. */
  take(bytes: number, isOwed = false): boolean {
    if (!isOwed && this.#taken + bytes > this.most) return false;
    if (this.whole?.take(bytes) === false) return false;
    this.#taken += bytes;
    return true;
  }

  /** Counts `bytes` more, or fewer if below 0, however many there are. */
  count(bytes: number): void {
    this.#taken += bytes;
    this.whole?.count(bytes);
  }
}

/** What one sandbox takes of a budget. */
export class MemoryAccount {
  #taken = 0;
  #isShort = false;

  constructor(private readonly budget: MemoryBudget) {
    budget.count(SANDBOX_BYTES);
  }

  /** What is left for the sandbox to take beside what it has, bytes; below 0 where more is taken than may be. */
  get left(): number {
    return this.budget.left;
  }

  /** Whether little is left. */
  get isScarce(): boolean {
    return this.budget.isScarce;
  }

  /** Whether what is left is so little because of all applications, not of its own. */
  get isHostShort(): boolean {
    return this.budget.isWholeShort;
  }

  /** Whether the sandbox has asked in vain since `settle`. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /** Forgets whether the sandbox has asked in vain. */
  settle(): void {
    this.#isShort = false;
  }

  /** Counts that the heap of the sandbox takes `bytes` in all. */
  set(bytes: number): void {
    this.budget.count(bytes - this.#taken);
    this.#taken = bytes;
  }

  /**
   * Returns true if the sandbox may take `bytes` in all, which it then does; after a no it may ask for fewer. `isOwed` says that
   * it had them before, in another sandbox.
   */
  reach(bytes: number, isOwed: boolean): boolean {
    const more = bytes - this.#taken;
    this.#isShort = more > 0 && !this.budget.take(more, isOwed);
    if (!this.#isShort) this.#taken = Math.max(this.#taken, bytes);
    return !this.#isShort;
  }

  /** Gives everything back: the sandbox is gone. */
  close(): void {
    this.set(0);
    this.budget.count(-SANDBOX_BYTES);
  }
}

/** The budgets of a process: of all its sandboxes, and of those of each application. */
export class MemoryBudgets {
  readonly #whole = new MemoryBudget(Number.POSITIVE_INFINITY);
  readonly #ofApplication = new Map<string, MemoryBudget>();

  /** Sets what an application's sandboxes may take from now on, and what all may. */
  limit({ application, most, all = Number.POSITIVE_INFINITY }: MemoryLimit): void {
    this.#whole.most = all;
    this.of(application).most = most;
  }

  /** Returns the budget of an application, without a limit of its own until it is set. */
  of(application: string): MemoryBudget {
    const found = this.#ofApplication.get(application);
    if (found) return found;
    const budget = new MemoryBudget(Number.POSITIVE_INFINITY, this.#whole);
    this.#ofApplication.set(application, budget);
    return budget;
  }
}
