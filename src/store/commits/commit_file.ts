import { Buffer } from "node:buffer";
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { crc32 } from "node:zlib";
import { messageOf } from "../../core/errors.ts";
import { StoreError } from "../../core/ports/journal_store.ts";
import { strange } from "../life/set_aside.ts";

/** Bytes before each commit: how many it has, a CRC-32 of its number and them, and its number as a double, all little-endian. */
const HEAD_BYTES = 16;
const SUM_AT = 4;
const NUMBER_AT = 8;
/**
 * Bytes behind the first commit of a file, which count as its own: one that is in no text, and the life of the folder as a double. An executable that
 * knows no lives reads over them; a file that it has written has none.
 */
const LIFE_BYTES = 9;
const NO_TEXT = 0xff;
/** Bytes of a commit that is copied behind its head, so that both are written at once; a longer one is written by itself. */
const COPIED_BYTES = 256 * 1024;
/** Bytes that are read at one time, unless a commit has more. */
const READ_BYTES = 1024 * 1024;

/** A commit as it was written. */
export interface WrittenCommit {
  readonly number: number;
  /** Bytes of what `writesText` made. */
  readonly changes: Uint8Array;
}

/**
 * Commits in a file, one behind the other. It ends where one can't be read: a writer that was killed, or a loss of power, may have left a part of
 * one, and what was damaged is known by its checksum.
 */
export class CommitFile {
  readonly #file: number;
  /** Where each commit begins. */
  #starts: number[] = [];
  #first = 0;
  #bytes = 0;
  #life: number | undefined;
  #memory = Buffer.allocUnsafe(HEAD_BYTES + COPIED_BYTES);
  #isDirty = false;

  /**
   * Reads the file at `path`, which is there; `isReader` leaves it as it is. `life` is that of the folder. Throws StoreError where the commits are of another one,
   * and the system's error.
   */
  constructor(
    readonly path: string,
    isReader = false,
    /** The life of the folder; commits that come have it. */
    public life?: number,
  ) {
    this.#file = openSync(path, isReader ? "r" : "r+");
    this.#scan();
    if (this.#life !== undefined && this.#life !== life) throw strange(basename(path));
    if (isReader) return;
    const { size } = fstatSync(this.#file);
    if (size > this.#bytes) ftruncateSync(this.#file, this.#bytes);
    // What the last server has left may not be on the disk yet.
    this.#isDirty = size > 0;
  }

  /** Bytes of all commits. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#starts.length === 0;
  }

  /** Number of the first commit, and of the last; 0 where there is none. */
  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.isEmpty ? 0 : this.#first + this.#starts.length - 1;
  }

  /**
   * Adds a commit, whose number follows the last. Throws the system's error; then nothing of it is there, or StoreError where nobody knows, and
   * where it does not follow: it could not be read again.
   */
  add(number: number, changes: Uint8Array): void {
    if (!this.isEmpty && number !== this.last + 1)
      throw new StoreError(
        "io_failed",
        `commit ${number} can't follow commit ${this.last} in ${this.path}`,
        true,
      );
    const all = this.isEmpty && this.life !== undefined ? withLife(changes, this.life) : changes;
    const memory = this.#memory;
    memory.writeUInt32LE(all.length, 0);
    memory.writeDoubleLE(number, NUMBER_AT);
    memory.writeUInt32LE(sumOf(memory, all), SUM_AT);
    this.#isDirty = true;
    try {
      if (all.length <= COPIED_BYTES) {
        memory.set(all, HEAD_BYTES);
        this.#write(memory.subarray(0, HEAD_BYTES + all.length), this.#bytes);
      } else {
        this.#write(memory.subarray(0, HEAD_BYTES), this.#bytes);
        this.#write(all, this.#bytes + HEAD_BYTES);
      }
    } catch (error) {
      this.#cut(error);
      throw error;
    }
    this.#took(number, all.length);
  }

  /** Yields the commits from `upTo` to the first above `after`. Throws StoreError where one can't be read any more, and the system's error. */
  *backwards(after: number, upTo = this.last): Generator<WrittenCommit> {
    const first = Math.max(after + 1, this.#first);
    for (let number = Math.min(this.last, upTo); !this.isEmpty && number >= first; number--)
      yield { number, changes: this.#changes(number) };
  }

  /** Yields the commits above `after`, the first one first. Throws as `backwards` does. */
  *forwards(after: number): Generator<WrittenCommit> {
    for (let number = Math.max(after + 1, this.#first); number <= this.last; number++)
      yield { number, changes: this.#changes(number) };
  }

  /** Has what was added outlive a power cut, by `sync`. Throws what that throws. */
  sync(sync: (file: number) => void = fsyncSync): void {
    if (!this.#isDirty) return;
    sync(this.#file);
    this.#isDirty = false;
  }

  /** Forgets all commits, and gives their space back. Throws the system's error. */
  clear(): void {
    ftruncateSync(this.#file, 0);
    this.#starts = [];
    this.#first = this.#bytes = 0;
  }

  /** Has it outlive a power cut that there are no commits. Throws the system's error, and StoreError where there are some. */
  syncEmpty(): void {
    if (!this.isEmpty)
      throw new StoreError("io_failed", `${this.path} has commits that are in no rows`, true);
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Reads on where others have added commits. Throws the system's error. */
  readOn(): void {
    this.#scan();
  }

  /** Finds the commits behind those that are known, up to what is none. */
  #scan(): void {
    let window = Buffer.alloc(0);
    let at = this.#bytes;
    /** Has so many bytes from `this.#bytes` on in the window; returns false where there are not as many. */
    const has = (bytes: number): boolean => {
      const from = this.#bytes - at;
      if (window.length - from >= bytes) return true;
      const left = fstatSync(this.#file).size - this.#bytes;
      if (left < bytes) return false;
      window = Buffer.allocUnsafe(Math.min(left, Math.max(bytes, READ_BYTES)));
      at = this.#bytes;
      return this.#read(window, at) === window.length;
    };
    while (has(HEAD_BYTES)) {
      const head = this.#bytes - at;
      const size = window.readUInt32LE(head);
      const number = window.readDoubleLE(head + NUMBER_AT);
      const isNext = this.isEmpty ? number >= 1 && Number.isSafeInteger(number) : number === this.last + 1;
      if (!isNext || !has(HEAD_BYTES + size)) return;
      const commit = window.subarray(this.#bytes - at);
      const changes = commit.subarray(HEAD_BYTES, HEAD_BYTES + size);
      if (commit.readUInt32LE(SUM_AT) !== sumOf(commit, changes)) return;
      if (this.isEmpty) this.#life = lifeOf(changes);
      this.#took(number, size);
    }
  }

  #changes(number: number): Uint8Array {
    const index = number - this.#first;
    const start = this.#starts[index] as number;
    const bytes = Buffer.allocUnsafe((this.#starts[index + 1] ?? this.#bytes) - start);
    const isWhole = this.#read(bytes, start) === bytes.length;
    const changes = bytes.subarray(HEAD_BYTES);
    if (isWhole && bytes.readUInt32LE(SUM_AT) === sumOf(bytes, changes))
      return lifeOf(changes) === undefined ? changes : changes.subarray(0, -LIFE_BYTES);
    throw new StoreError("damaged", `${this.path} is damaged: commit ${number} is not what was written`);
  }

  #took(number: number, size: number): void {
    if (this.isEmpty) this.#first = number;
    this.#starts.push(this.#bytes);
    this.#bytes += HEAD_BYTES + size;
  }

  /** Takes back what was written of a commit. */
  #cut(why: unknown): void {
    try {
      ftruncateSync(this.#file, this.#bytes);
    } catch (error) {
      const text = `${messageOf(why)}, and what was written could not be taken back: ${messageOf(error)}`;
      throw new StoreError("io_failed", text, true);
    }
  }

  #write(bytes: Uint8Array, at: number): void {
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.#file, bytes, done, bytes.length - done, at + done);
  }

  /** Returns how many bytes were read. */
  #read(into: Uint8Array, at: number): number {
    let done = 0;
    while (done < into.length) {
      const read = readSync(this.#file, into, done, into.length - done, at + done);
      if (read === 0) break;
      done += read;
    }
    return done;
  }
}

/** Returns the changes of a first commit with the life of its folder. */
function withLife(changes: Uint8Array, life: number): Buffer {
  const mark = Buffer.alloc(LIFE_BYTES, NO_TEXT);
  mark.writeDoubleLE(life, 1);
  return Buffer.concat([changes, mark]);
}

/** Returns the life behind the changes of a commit; undefined where there is none. */
function lifeOf(changes: Buffer): number | undefined {
  const at = changes.length - LIFE_BYTES;
  return changes[at] === NO_TEXT ? changes.readDoubleLE(at + 1) : undefined;
}

/** Returns the checksum of a commit: of the number in its head, and of its changes. */
function sumOf(head: Buffer, changes: Uint8Array): number {
  return crc32(changes, crc32(head.subarray(NUMBER_AT, HEAD_BYTES)));
}
