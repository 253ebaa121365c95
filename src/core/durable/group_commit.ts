import type { Clock } from "../ports/clock.ts";
import type { Durability, JournalStore, Write } from "../ports/journal_store.ts";
import type { Log } from "../ports/log.ts";
import { messageOf } from "../errors.ts";

/** After a commit that has failed it is looked whether the store can be written to again, ms. */
const PROBE_MS = 1000;

/** Changes that are committed together. */
class Transaction {
  /** In their order; entries are of no use where they can't be made now: they are of events, which then have not happened. */
  readonly changes: { readonly write: Write; readonly isEntry: boolean }[] = [];
  /** Changes that are made out when it is committed, by their owners. */
  readonly last = new Map<object, () => Write | undefined>();
  readonly settled: ((isSaved: boolean) => void)[] = [];
  durability: Durability = "relaxed";
  units = 0;

  get isEmpty(): boolean {
    return this.changes.length + this.last.size + this.settled.length === 0;
  }

  /** Makes out what is to be written last. Returns the UTF-16 units of it. */
  complete(): number {
    let units = 0;
    for (const make of this.last.values()) {
      const write = make();
      if (!write) continue;
      this.changes.push({ write, isEntry: false });
      units += unitsOf(write);
    }
    this.last.clear();
    this.units += units;
    return units;
  }
}

/**
 * Commits what durable applications write, one transaction after the other: what comes while one is on its way is the next one. What
 * is written in one turn of the loop is in one transaction.
 */
export class GroupCommit {
  #next = new Transaction();
  #isCommitting = false;
  #isDue = false;
  #problem: string | undefined;
  #units = 0;
  #idle: (() => void)[] = [];

  constructor(
    private readonly store: JournalStore,
    private readonly clock: Clock,
    private readonly log: Log,
    /** Is called where nobody knows what is on the disk: everything has to come up again from there. */
    private readonly failed: (error: Error) => void,
  ) {}

  /** Why nothing can be saved at the moment; undefined where it can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** UTF-16 units that are not committed yet. */
  get units(): number {
    return this.#units;
  }

  /** Adds a change that follows from what is carried out already: where it can't be saved now it is with a later transaction. */
  write(write: Write, durability: Durability = "relaxed"): void {
    this.#next.changes.push({ write, isEntry: false });
    this.#grow(write, durability);
  }

  /**
   * Adds a change as `write` does that is made out when it is committed: one of an owner, however often it is asked for. It is none
   * where there is nothing to write any more.
   */
  writeLast(owner: object, make: () => Write | undefined, durability: Durability = "relaxed"): void {
    this.#next.last.set(owner, make);
    if (durability === "strict") this.#next.durability = durability;
    this.#start();
  }

  /** Adds a change that does not happen where it can't be saved now. */
  enter(write: Write, durability: Durability): void {
    this.#next.changes.push({ write, isEntry: true });
    this.#grow(write, durability);
  }

  /** Calls back, in the order of the calls, when all that was added before is committed, or with false where it can't be. */
  after(durability: Durability, settled: (isSaved: boolean) => void): void {
    this.#next.settled.push(settled);
    if (durability === "strict") this.#next.durability = durability;
    this.#start();
  }

  /** Resolves when all that was added before is committed, or with false where it can't be. */
  saved(durability: Durability): Promise<boolean> {
    return new Promise((resolve) => this.after(durability, resolve));
  }

  /** Resolves when nothing is on its way any more. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#tellIdle();
    });
  }

  #grow(write: Write, durability: Durability): void {
    const units = unitsOf(write);
    this.#next.units += units;
    this.#units += units;
    if (durability === "strict") this.#next.durability = durability;
    this.#start();
  }

  /** Commits when this turn of the loop is over, unless a commit is on its way. */
  #start(): void {
    if (this.#isCommitting || this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      if (!this.#isCommitting) void this.#commit();
    });
  }

  async #commit(): Promise<void> {
    const transaction = this.#next;
    if (transaction.isEmpty) return this.#tellIdle();
    this.#next = new Transaction();
    this.#units += transaction.complete();
    this.#isCommitting = true;
    const isSaved = await this.#try(transaction);
    this.#isCommitting = false;
    for (const settled of transaction.settled) settled(isSaved);
    if (isSaved || !this.#next.isEmpty) this.#start();
    this.#tellIdle();
  }

  async #try(transaction: Transaction): Promise<boolean> {
    const { changes, durability } = transaction;
    try {
      const writes = changes.map(({ write }) => write);
      await this.store.commit(writes, durability);
      this.#units -= transaction.units;
      if (this.#problem !== undefined) this.log("info", "Durable rooms are saved again.");
      this.#problem = undefined;
      return true;
    } catch (error) {
      if ((error as { isFatal?: boolean }).isFatal) this.failed(error as Error);
      this.#failed(messageOf(error), transaction);
      return false;
    }
  }

  /** Keeps what has happened already for the next transaction, and has that tried after a while. */
  #failed(why: string, { changes }: Transaction): void {
    if (this.#problem === undefined) this.log("error", `Cannot save durable rooms: ${why}`);
    this.#problem = why;
    const kept = changes.filter(({ isEntry }) => !isEntry);
    for (const { write, isEntry } of changes) {
      if (isEntry) this.#units -= unitsOf(write);
      else this.#next.units += unitsOf(write);
    }
    this.#next.changes.unshift(...kept);
    this.clock.after(PROBE_MS, () => this.#start());
  }

  #tellIdle(): void {
    if (this.#isCommitting || this.#isDue || (!this.#next.isEmpty && this.#problem === undefined)) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** Returns about how many UTF-16 units a change takes. */
function unitsOf(write: Write): number {
  if (write.kind === "put") return write.key.length + write.value.length;
  if (write.kind === "append") return write.record.length;
  return 0;
}
