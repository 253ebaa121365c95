import { statfsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { LaterWrites } from "../../core/durable/commit/later_writes.ts";
import { unitsOf } from "../../core/durable/commit/transaction.ts";
import { StoreError, type Write } from "../../core/ports/journal_store.ts";
import { COMMIT_FILES, setAside, type Tell, tellOperator } from "../life/set_aside.ts";
import { makePrivateFile } from "../private_file.ts";
import { wantedWrites } from "../wire/writes_text.ts";
import { CommitFile, type WrittenCommit } from "./commit_file.ts";
import { CommitTable } from "./commit_table.ts";

/**
 * Bytes of commits from which on they are put into rows: the more there are, the more of them is trimmed by then, and the longer a start takes
 * that has to do it.
 */
const MOST_BYTES = 64 * 1024 * 1024;
/** Part of the space that is left on the disk that they may have, where that is less; and how much they may have in any case. */
const SPACE_SHARE = 0.2;
const LEAST_BYTES = 256 * 1024;
/** Bytes of commits after which it is looked again how much space there is. */
const LOOK_BYTES = 1024 * 1024;

/** What a log of commits is opened with. */
export interface CommitLogOptions {
  /** Number of the last commit that the rows have all of. */
  readonly carried: number;
  /** The life of the folder, if it has one. */
  readonly life?: number | undefined;
  /** Hears what was set aside. */
  readonly tell?: Tell;
  /** Bytes that a file may have before it is the other one's turn. */
  readonly mostBytes?: number;
}

/**
 * Commits that are not in the rows yet, each as it came, one behind the other in a file: one write for each, and not one for every page and room
 * in it. Most of what they change is changed again, or trimmed, before it gets to the rows (docs/decisions/0016-durable-rooms.md). While those of one
 * file are put into rows others are added to the second one.
 */
export class CommitLog {
  /** Those of a backup, or of a format without files, come before all others. */
  readonly #table: CommitTable;
  /** The file that is added to, and the one before. */
  #newer: CommitFile;
  #older: CommitFile;
  /** Bytes of the newer file at which it is the older one's turn, as far as the disk goes, and at which it is looked again how many that are. */
  #mostBytes: number;
  readonly #usualBytes: number;
  #nextLook = 0;
  /** Number of the last commit that the rows have all of. */
  #carried: number;

  /** Opens the commits of a folder. Throws StoreError where a file of them is not of this folder's life, and the system's error. */
  constructor(folder: string, database: DatabaseSync, options: CommitLogOptions) {
    const { carried, life, tell = tellOperator, mostBytes = MOST_BYTES } = options;
    this.#table = new CommitTable(database);
    this.#carried = carried;
    this.#mostBytes = this.#usualBytes = mostBytes;
    const open = (path: string) => {
      makePrivateFile(path);
      return new CommitFile(path, false, life);
    };
    const [one, other] = COMMIT_FILES.map((name) => open(join(folder, name))) as [CommitFile, CommitFile];
    const files: [CommitFile, CommitFile] = one.last > other.last ? [other, one] : [one, other];
    let last = Math.max(carried, this.#table.last);
    for (const [index, file] of files.entries()) {
      const { first, path } = file;
      if (first <= last + 1) {
        last = Math.max(last, file.last);
        continue;
      }
      // The end of what was before is lost.
      file.close();
      const place = setAside(folder, [basename(path)]);
      tell(
        `${path} goes on with commit ${first}, and those from ${last + 1} on before it are not there: it is of no use. It is in ${place}.`,
      );
      files[index] = open(path);
    }
    [this.#older, this.#newer] = files;
    if (this.#newer.isEmpty) [this.#older, this.#newer] = [this.#newer, this.#older];
  }

  /** Whether the rows do not have all of them. */
  get isLeft(): boolean {
    return this.last > this.#carried;
  }

  /** Bytes of the files. */
  get bytes(): number {
    return this.#older.bytes + this.#newer.bytes;
  }

  /** Whether the newer file has twice as much as it is to have: whatever keeps it from its turn is to be waited for. */
  get isOverfull(): boolean {
    return this.#newer.bytes >= 2 * this.#mostBytes;
  }

  /** Number of the last commit; that of the last in the rows where there is no later one. */
  get last(): number {
    return Math.max(this.#carried, this.#table.last, this.#older.last, this.#newer.last);
  }

  /** Paths of the files. */
  get paths(): readonly string[] {
    return [this.#older.path, this.#newer.path];
  }

  /** Adds a commit, whose number follows the last; `changes` are the bytes of what `writesText` made. Throws the system's error. */
  add(number: number, changes: Uint8Array): void {
    this.#newer.add(number, changes);
  }

  /**
   * Returns the number up to which commits are to be put into rows now: others go into the other file from now on. Undefined while there are few, or
   * that file has some.
   */
  due(): number | undefined {
    if (this.#older.last > this.#carried) return this.#older.last;
    const { bytes } = this.#newer;
    if (bytes >= this.#nextLook) {
      this.#nextLook = bytes + LOOK_BYTES;
      this.#mostBytes = Math.min(
        this.#usualBytes,
        Math.max(LEAST_BYTES, SPACE_SHARE * spaceIn(dirname(this.#newer.path))),
      );
    }
    if (bytes < this.#mostBytes || !this.#older.isEmpty) return undefined;
    this.#nextLook = 0;
    [this.#older, this.#newer] = [this.#newer, this.#older];
    return this.#older.last;
  }

  /**
   * Reads the commits up to a number that are not in the rows, the last one first, and yields the bytes of each; returns those of their changes that
   * still make a difference, in their order. Throws StoreError where a commit is damaged.
   */
  *changes(upTo: number): Generator<number, Write[]> {
    const later = new LaterWrites();
    const kept: Write[] = [];
    for (const { changes } of this.#backwards(upTo)) {
      for (const write of wantedWrites(changes, (each) => later.add(each))) kept.push(write);
      yield changes.byteLength;
    }
    return kept.reverse();
  }

  /**
   * Throws StoreError where changes that are put into rows have no space, once in SQLite's log and once in its file: rows that had a place in the first
   * only would keep the commits from being given back.
   */
  checkSpace(changes: readonly Write[]): void {
    let units = 0;
    for (const write of changes) units += unitsOf(write);
    if (spaceIn(dirname(this.#newer.path)) < 2 * units + LEAST_BYTES)
      throw new StoreError("no_space", "the disk is full");
  }

  /** Deletes those in the database, in the transaction in which the last of their changes are made. Throws the system's error. */
  delete(): void {
    this.#table.delete();
  }

  /** Notes that the rows have all commits up to a number. */
  carriedOver(upTo: number): void {
    this.#carried = upTo;
    this.#table.deleted();
  }

  /** Gives back the space of those that the rows have, once these are on the disk and nobody reads them as they were before. Throws the system's error. */
  clear(): void {
    for (const file of [this.#older, this.#newer])
      if (!file.isEmpty && file.last <= this.#carried) file.clear();
  }

  /** The life of the folder, which commits that come have. */
  get life(): number | undefined {
    return this.#newer.life;
  }

  /** Begins the life that `draw` returns, when it is on the disk that there are no commits of the one before. Throws what that throws, and the system's error. */
  beginLife(draw: () => number): void {
    const files = [this.#older, this.#newer];
    for (const file of files) file.syncEmpty();
    const life = draw();
    for (const file of files) file.life = life;
  }

  /** Has all of them outlive a power cut, by `sync`. Throws what that throws. */
  sync(sync: (file: number) => void): void {
    this.#older.sync(sync);
    this.#newer.sync(sync);
  }

  close(): void {
    this.#older.close();
    this.#newer.close();
  }

  *#backwards(upTo: number): Generator<WrittenCommit> {
    yield* this.#newer.backwards(this.#carried, upTo);
    yield* this.#older.backwards(this.#carried, upTo);
    yield* this.#table.backwards();
  }
}

/** Returns how many bytes the disk of a folder has left. */
function spaceIn(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // The folder is gone, which is told when it is to be synced.
    return Number.POSITIVE_INFINITY;
  }
}
