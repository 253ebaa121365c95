import { Buffer } from "node:buffer";
import { fsyncSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Write } from "../../core/ports/journal_store.ts";
import { type CarryKind, CarryOver, PART_UNITS, PARTS_SPEED } from "./carry_over.ts";
import { CommitLog } from "../commits/commit_log.ts";
import { IN_ROWS } from "../commits/commit_in_rows.ts";
import { KeptNumbers } from "../life/kept_numbers.ts";
import { settleStrangers, syncNames, type Tell, tellOperator } from "../life/set_aside.ts";
import { isFull, Reserve } from "../reserve.ts";
import { DatabaseFiles, type Sync } from "./database_files.ts";
import { openDatabase } from "./open_database.ts";
import { Rows } from "./rows.ts";
import { writesText } from "../wire/writes_text.ts";

/** Bytes of commits that come until what has failed, as on a full disk or where somebody reads, is tried again. */
const RETRY_BYTES = 1024 * 1024;

/** The database of a data folder: `store.db`, with its write-ahead log. */
export class Database {
  /** The life of the folder as it was found; `life` is that of now. */
  readonly foundLife: number | undefined;
  readonly #database: DatabaseSync;
  readonly #files: DatabaseFiles;
  readonly #reserve: Reserve;
  readonly #numbers: KeptNumbers;
  readonly #rows: Rows;
  readonly #commits: CommitLog;
  #commit: number;
  /** Commits that are being put into rows, and what of that is due, UTF-16 units. */
  #carrying: CarryOver | undefined;
  #due = 0;
  /** Bytes of the commits at which putting them into rows is tried again, after it has failed; and whether the rows have some that the file has not. */
  #nextTry = 0;
  #isCarried = false;

  /**
   * Opens the database, makes it where there is none, and looks whether it is sound, and all of one time; `tell` hears what was set aside. Throws
   * StoreError, or the system's error.
   */
  constructor(
    folder: string,
    private readonly syncFile: Sync = fsyncSync,
    tell: Tell = tellOperator,
  ) {
    settleStrangers(folder, tell);
    const path = join(folder, "store.db");
    this.#reserve = new Reserve(folder);
    this.#database = openDatabase(path, this.#reserve);
    this.#rows = new Rows(this.#database);
    this.#numbers = new KeptNumbers(this.#database);
    const { commit, life } = this.#numbers;
    this.#commits = new CommitLog(folder, this.#database, { carried: commit, life, tell });
    this.#files = new DatabaseFiles(this.#database, path, this.#commits.paths);
    this.#commit = this.#commits.last;
    this.#numbers.check(this.#commit);
    this.foundLife = life;
    if (this.#settle()) this.#beginLife();
    else this.#syncAll();
    syncNames(folder);
  }

  get life(): number | undefined {
    return this.#commits.life;
  }

  /** Number of the last commit. */
  get commit(): number {
    return this.#commit;
  }

  /** Bytes on the disk. */
  get bytes(): number {
    return this.#files.bytes + this.#files.logBytes + this.#commits.bytes;
  }

  /** Returns what a task returns that reads what is kept, with all that is committed. Throws StoreError at what is damaged, or the system's error. */
  read<T>(task: (rows: Rows) => T): T {
    try {
      this.#carryOverCommits();
    } catch (error) {
      if (!isFull(error)) throw error;
      return this.#readOnFullDisk(task);
    }
    return task(this.#rows);
  }

  /** Makes a commit; `changes` are the bytes of what `writesText` made. Throws the system's error; nothing has been changed then. */
  write(changes: Uint8Array, number: number): void {
    this.#commits.add(number, changes);
    this.#commit = number;
    if (this.#carrying) this.#due += PARTS_SPEED * changes.length;
  }

  /**
   * Makes all changes as one commit, or none, and takes no more memory for many of them. Throws the system's error, and what the changes
   * throw; nothing has been changed then.
   */
  change(writes: Iterable<Write>): void {
    this.#database.exec("PRAGMA cache_spill = ON");
    this.#carryOverCommits();
    const number = this.#commit + 1;
    // Its number is in the file as well, since the next commit comes there behind it: what is there stays while somebody reads.
    this.write(IN_ROWS, number);
    this.#transact(() => {
      this.#rows.apply(writes);
      this.#numbers.commit = number;
    });
    this.#carriedOver(number);
  }

  /** Makes changes as `change` does, though the disk is full: with what space the store itself has there. Throws as `change` does. */
  changeOnFullDisk(writes: readonly Write[]): void {
    this.#reserve.giveBack();
    this.#settleLog();
    // One row for all of it, after which much of the others makes no difference any more.
    this.write(Buffer.from(writesText(writes), "utf8"), this.#commit + 1);
    this.#settle();
  }

  /** Path of the database. */
  get path(): string {
    return this.#files.path;
  }

  /** Paths of the files that must be synced for what is committed to outlive a power cut. */
  get commitFiles(): readonly string[] {
    return this.#commits.paths;
  }

  /** Whether the write-ahead log must not become longer, or the commits that wait for it must not be more. */
  get isLogFull(): boolean {
    return this.#files.isLogFull || this.#commits.isOverfull;
  }

  /** Syncs what is committed. Throws the system's error, and StoreError where its files are not in the folder any more. */
  sync(): void {
    this.#files.check();
    this.#commits.sync(this.syncFile);
  }

  /** Throws StoreError where its files are not in the folder any more. */
  checkFiles(): void {
    this.#files.check();
  }

  /**
   * Puts the commits into rows that are due; `synced` is the last one that is known to be synced. Returns true if the write-ahead log is to be carried
   * over. Throws StoreError, or the system's error.
   */
  tidy(synced: number): boolean {
    if (!this.#carrying && this.#commits.bytes >= this.#nextTry) this.#beginCarrying(synced);
    for (; this.#carrying && this.#due >= PART_UNITS; this.#due -= PART_UNITS) this.#carry(PART_UNITS);
    const isDue = (this.#isCarried && this.#commits.bytes >= this.#nextTry) || this.#files.isLogDue();
    if (isDue) this.#files.stampLog();
    return isDue;
  }

  /**
   * Carries the write-ahead log over, which syncs it and then the file; returns true if all of it was, and then the commits that the rows have are
   * there no more. Where somebody reads it is left for later. Throws the system's error.
   */
  carryOverLog(): boolean {
    if (!this.#files.carryOverLog()) {
      this.#nextTry = this.#commits.bytes + RETRY_BYTES;
      return false;
    }
    this.#isCarried = false;
    this.#commits.clear();
    this.#nextTry = 0;
    return true;
  }

  /**
   * Gives back what the write-ahead log takes on a full disk, if its pages have their place in the file, or in the reserve, and so what the commits
   * take: most of them are trimmed, and leave little in the rows. Throws the system's error.
   */
  makeSpace(): void {
    if (this.#files.logBytes > 0 && this.#settleLog()) this.#reserve.retake();
    if (this.#commits.bytes === 0 || this.#commits.bytes < this.#nextTry) return;
    const isSettled = this.#settle() || (this.#reserve.giveBack() && this.#settle());
    // That reads all of them: it is not done for each commit that is refused.
    if (!isSettled) this.#nextTry = this.#commits.bytes + RETRY_BYTES;
    this.#reserve.retake();
  }

  /** Keeps some of the disk for when it is full, where there is as much. */
  keepReserve(): void {
    this.#reserve.take();
  }

  /** Makes the file as small as it can be, which takes as much space meanwhile. Throws the system's error. */
  compact(): void {
    this.#reserve.giveBack();
    this.#settle();
    // What it makes first is as large as the file will be: too large for memory.
    this.#database.exec("PRAGMA cache_spill = ON; PRAGMA temp_store = DEFAULT");
    this.#database.exec("VACUUM");
    this.carryOverLog();
  }

  /** Syncs, carries over what there is space for, and closes. Throws the system's error. */
  close(): void {
    this.sync();
    if (!this.#settle()) this.#syncAll();
    this.#commits.close();
    this.#database.close();
    this.#reserve.retake();
  }

  /**
   * Carries over what the last server has left, so that it is synced before anything is built on it: to sync the log would not do,
   * since one that failed to be may be taken for synced by the system. Takes the reserve where there is no other space; returns false where
   * that is too little.
   */
  #settleLog(): boolean {
    try {
      return this.carryOverLog();
    } catch (error) {
      if (!isFull(error)) throw error;
      return this.#reserve.giveBack() && this.#settleLog();
    }
  }

  /** Syncs the write-ahead log, too: what `change` has made is nowhere else where somebody reads. */
  #syncAll(): void {
    this.sync();
    this.#files.syncLog(this.syncFile);
  }

  /** Puts all commits into rows, where there is space for that, and the log into the file; returns true if all of it is there. Throws the system's error. */
  #settle(): boolean {
    try {
      this.#settleLog();
      this.#carryOverCommits();
      return this.#settleLog();
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#settleLog();
      return false;
    }
  }

  /** What comes from now on is told from all that was before, which is in the file. On a full disk the life before goes on. Throws the system's error. */
  #beginLife(): void {
    try {
      this.#commits.beginLife(() => {
        const life = this.#transact(() => this.#numbers.drawLife());
        // It is on the disk before anything is built on it.
        if (!this.#settleLog()) this.#files.syncLog(fsyncSync);
        return life;
      });
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  /** Puts all commits into rows. */
  #carryOverCommits(): void {
    while (this.#carrying) this.#carry(Number.POSITIVE_INFINITY);
    if (!this.#commits.isLeft) return;
    this.#carrying = this.#carryOver(this.#commit, "at once");
    while (this.#carrying) this.#carry(Number.POSITIVE_INFINITY);
  }

  /**
   * From now on the commits are put into rows that are due. They have to be synced before: else a loss of power could take some of them of which the
   * rows have a part.
   */
  #beginCarrying(synced: number): void {
    const upTo = this.#commits.due();
    if (upTo === undefined) return;
    if (upTo > synced) {
      if (!this.#commits.isOverfull) return;
      this.sync();
    }
    this.#due = 0;
    this.#carrying = this.#carryOver(upTo);
  }

  #carryOver(upTo: number, kind?: CarryKind): CarryOver {
    return new CarryOver(this.#commits, this.#rows, upTo, this.#numbers, kind);
  }

  /** Puts about so many units of them into rows, in one transaction. Where that fails, as on a full disk, it is begun again when there are many more. */
  #carry(units: number): void {
    const carrying = this.#carrying;
    if (!carrying) return;
    this.#carrying = undefined;
    this.#nextTry = this.#commits.bytes + RETRY_BYTES;
    const advance = () => carrying.advance(units);
    if (!(carrying.isReading ? advance() : this.#transact(advance))) this.#carrying = carrying;
    else this.#carriedOver(carrying.upTo);
  }

  #carriedOver(upTo: number): void {
    this.#commits.carriedOver(upTo);
    this.#isCarried = true;
    this.#nextTry = 0;
  }

  /** The commits are put into rows in memory only, and that is taken back. */
  #readOnFullDisk<T>(task: (rows: Rows) => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const all = this.#carryOver(this.#commit, "in memory");
      while (!all.advance(Number.POSITIVE_INFINITY));
      return task(this.#rows);
    } finally {
      this.#rollback();
    }
  }

  /** Returns what a task returns, whose changes are made together, or not at all. */
  #transact<T>(task: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      this.#files.begin();
      const result = task();
      this.#database.exec("COMMIT");
      this.#files.begun();
      return result;
    } catch (error) {
      this.#rollback();
      if (isFull(error)) this.#giveLogBack();
      throw error;
    } finally {
      this.#files.measure();
    }
  }

  /** Gives back what a transaction that the disk had no space for has left in the write-ahead log: commits are to have it. */
  #giveLogBack(): void {
    try {
      this.carryOverLog();
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  #rollback(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // SQLite has taken it back by itself, as it does when the disk is full.
    }
    this.#rows.takenBack();
  }
}
