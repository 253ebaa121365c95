import type { Clock } from "../../ports/clock.ts";
import type { Durability, JournalStore, Write } from "../../ports/journal_store.ts";
import type { Log } from "../../ports/log.ts";
import type { Unsaved } from "../../ports/script_journal.ts";
import { messageOf } from "../../errors.ts";
import { Transaction } from "./transaction.ts";

/** After a commit that has failed it is looked whether the store can be written to again, ms. */
const PROBE_MS = 1000;
/**
 * What may wait to be committed, UTF-16 units: some seconds of what a disk takes. With more, nothing new is let in until it is
 * less.
 */
const MOST_UNITS = 32 * 1024 * 1024;

/**
 * Commits what durable applications write, one transaction after the other: what comes while one is on its way is the next one. What
 * is written in one turn of the loop is in one transaction.
 */
export class GroupCommit {
  #next = new Transaction();
  #isCommitting = false;
  #isDue = false;
  #problem: string | undefined;
  /** Whether it waits until it looks again, after a commit that has failed. */
  #isPaused = false;
  /** Whether nobody knows what is on the disk: nothing is committed any more. */
  #isOver = false;
  #units = 0;
  #idle: (() => void)[] = [];

  constructor(
    private readonly store: JournalStore,
    private readonly clock: Clock,
    private readonly log: Log,
    /** Is called where nobody knows what is on the disk: everything has to come up again from there. */
    private readonly failed: (error: Error) => void,
  ) {}

  /** Why nothing more can be saved at the moment; undefined where it can. */
  get problem(): string | undefined {
    if (this.#problem === undefined && this.#units > MOST_UNITS) return "the disk does not keep up";
    return this.#problem;
  }

  /** UTF-16 units that are not committed yet. */
  get units(): number {
    return this.#units;
  }

  /** Adds a change that follows from what is carried out already: where it can't be saved now it is with a later transaction. */
  write(write: Write, durability: Durability = "relaxed"): void {
    this.#units += this.#next.add(write, false);
    this.#wish(durability);
  }

  /**
   * Adds a change as `write` does that is made out when it is committed: one of an owner, however often it is asked for. It is none
   * where there is nothing to write any more.
   */
  writeLast(owner: object, make: () => Write | undefined, durability: Durability = "relaxed"): void {
    this.#next.last.set(owner, make);
    this.#wish(durability);
  }

  /** The same of an owner that does not ask again before it is made out: with each event there is one. */
  writeDue(make: () => Write | undefined, durability: Durability = "relaxed"): void {
    this.#next.due.push(make);
    this.#wish(durability);
  }

  /** Adds a change that does not happen where it can't be saved now, and calls back as `after` does. */
  enter(write: Write, durability: Durability, unsaved: Unsaved): void {
    this.#units += this.#next.add(write, true);
    this.#next.unsaved.push(unsaved);
    this.#wish(durability);
  }

  /** Calls back, in the order of the calls, when all that was added before is committed, or with false where it can't be. */
  after(durability: Durability, unsaved: Unsaved): void {
    this.#next.unsaved.push(unsaved);
    this.#wish(durability);
  }

  /** Resolves when all that was added before is committed, or with false where it can't be. */
  saved(durability: Durability): Promise<boolean> {
    return new Promise((resolve) => this.after(durability, { settled: resolve }));
  }

  /** Resolves when nothing is on its way any more. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#tellIdle();
    });
  }

  /** The next transaction is to outlive that. */
  #wish(durability: Durability): void {
    if (durability === "strict") this.#next.durability = durability;
    this.#start();
  }

  /** Commits when this turn of the loop is over, unless a commit is on its way. */
  #start(): void {
    if (this.#isCommitting || this.#isDue || this.#isPaused) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      if (!this.#isCommitting) void this.#commit();
    });
  }

  async #commit(): Promise<void> {
    const transaction = this.#next;
    // Where there is a problem an empty commit shows whether it is still there.
    if (transaction.isEmpty && this.#problem === undefined) return this.#tellIdle();
    this.#next = new Transaction();
    this.#units += transaction.complete();
    this.#isCommitting = true;
    const isSaved = await this.#try(transaction);
    this.#isCommitting = false;
    for (const each of transaction.unsaved) each.settled(isSaved);
    if (!this.#next.isEmpty) this.#start();
    this.#tellIdle();
  }

  async #try(transaction: Transaction): Promise<boolean> {
    const { writes, durability } = transaction;
    try {
      if (this.#isOver) throw new Error(this.#problem);
      if (writes.length > 0 || durability === "strict" || this.#problem !== undefined)
        await this.store.commit(writes, durability);
      this.#units -= transaction.units;
      if (this.#problem !== undefined) this.log("info", "Durable rooms are saved again.");
      this.#problem = undefined;
      return true;
    } catch (error) {
      this.#failed(error, transaction);
      return false;
    }
  }

  /** Keeps what has happened already for the next transaction, and has that tried after a while. */
  #failed(error: unknown, transaction: Transaction): void {
    const why = messageOf(error);
    if (this.#problem === undefined) this.log("error", `Cannot save durable rooms: ${why}`);
    this.#problem = why;
    this.#units -= transaction.units;
    if (this.#isOver) return;
    if ((error as { isFatal?: boolean }).isFatal) {
      // Whoever waits is told at once: what it waited for comes back from the disk, or has not happened.
      this.#isOver = true;
      return this.failed(error as Error);
    }
    this.#units += this.#next.takeOver(transaction);
    this.#isPaused = true;
    this.clock.after(PROBE_MS, () => {
      this.#isPaused = false;
      this.#start();
    });
  }

  #tellIdle(): void {
    if (this.#isCommitting || this.#isDue || (!this.#next.isEmpty && this.#problem === undefined)) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
