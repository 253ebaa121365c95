import { randomFillSync } from "node:crypto";
import { closeSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../core/errors.ts";
import { PRIVATE_FILE } from "./private_file.ts";

/**
 * Bytes of the file. So much of a write-ahead log may have no place in the database's file: it is looked each 4 MB whether there is some
 * (`LOOK_BYTES` in database.ts).
 */
const RESERVE_BYTES = 5 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/**
 * Space of the disk that a store keeps for the day on which there is no other: with it the write-ahead log can be carried over into the
 * database's file, which gives back all that the log has.
 */
export class Reserve {
  readonly #path: string;
  /** Whether it was given back, and not taken since. */
  #isDue = false;

  constructor(folder: string) {
    this.#path = join(folder, "reserve");
  }

  /** Takes the space where it is not taken; on a disk that never had so much there is none. */
  take(): void {
    const had = this.#isDue || this.#size > 0;
    if (this.#size >= RESERVE_BYTES || this.#fill() || had) return;
    this.giveBack();
    // What there never was is not taken again.
    this.#isDue = false;
  }

  /** Takes it again where it was given back, or as much of it as there is: the disk may still be full. */
  retake(): void {
    if (this.#isDue) this.#fill();
  }

  /** Returns true if there was space for all of it. */
  #fill(): boolean {
    let file: number | undefined;
    try {
      file = openSync(this.#path, "w", PRIVATE_FILE);
      // There are file systems on which a file of zeros takes no space.
      const chunk = new Uint8Array(CHUNK_BYTES);
      for (let bytes = 0; bytes < RESERVE_BYTES; bytes += writeSync(file, chunk)) randomFillSync(chunk);
      this.#isDue = false;
      return true;
    } catch {
      return false;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /** Gives the space back; returns true if there was some. */
  giveBack(): boolean {
    const had = this.#size > 0;
    if (had) this.#isDue = true;
    try {
      rmSync(this.#path, { force: true });
    } catch {
      return false; // The folder is read-only, and so nothing is written there anyway.
    }
    return had;
  }

  get #size(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }
}

/** Returns true if SQLite has found no space on the disk. */
export function isFull(error: unknown): boolean {
  return /disk is full/.test(messageOf(error));
}
