import type { Clock } from "../ports/clock.ts";
import type { Durability, JournalStore, Write } from "../ports/journal_store.ts";
import type { Log } from "../ports/log.ts";
import { messageOf } from "../errors.ts";

/** After a commit that has failed it is looked whether the store can be written to again, ms. */
const PROBE_MS = 1000;

/** Changes that are committed together. */
class Transaction {
  readonly writes: Write[] = [];
  /** Changes that are of no use where they can't be made now: of events, which then have not happened. */
  readonly entries: Write[] = [];
  readonly settled: ((isSaved: boolean) => void)[] = [];
  durability: Durability = "relaxed";
  units = 0;

  get isEmpty(): boolean {
    return this.writes.length + this.entries.length + this.settled.length === 0;
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
    this.#next.writes.push(write);
    this.#grow(write, durability);
  }

  /** Adds a change that does not happen where it can't be saved now. */
  enter(write: Write, durability: Durability): void {
    this.#next.entries.push(write);
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
    this.#isCommitting = true;
    const isSaved = await this.#try(transaction);
    this.#isCommitting = false;
    for (const settled of transaction.settled) settled(isSaved);
    if (isSaved || !this.#next.isEmpty) this.#start();
    this.#tellIdle();
  }

  async #try({ writes, entries, durability, units }: Transaction): Promise<boolean> {
    try {
      await this.store.commit([...writes, ...entries], durability);
      this.#units -= units;
      if (this.#problem !== undefined) this.log("info", "Durable rooms are saved again.");
      this.#problem = undefined;
      return true;
    } catch (error) {
      if ((error as { isFatal?: boolean }).isFatal) this.failed(error as Error);
      this.#failed(messageOf(error), writes, entries);
      return false;
    }
  }

  /** Keeps what has happened already for the next transaction, and has that tried after a while. */
  #failed(why: string, writes: readonly Write[], entries: readonly Write[]): void {
    if (this.#problem === undefined) this.log("error", `Cannot save durable rooms: ${why}`);
    this.#problem = why;
    for (const entry of entries) this.#units -= unitsOf(entry);
    this.#next.writes.unshift(...writes);
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
