import { Buffer } from "node:buffer";
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { PRIVATE_FILE } from "../private_file.ts";

/** Bytes of the file: it is written over, so that it needs no space on a full disk. */
const FILE_BYTES = 64;

/**
 * The numbers of the last commits that were made and synced, in a file of their own: SQLite takes a write-ahead log whose end can't
 * be read for one that ends before, so nothing else would tell that commits are lost.
 */
export class Marks {
  readonly #file: number;
  readonly #bytes = Buffer.alloc(FILE_BYTES);
  #made = 0;
  #synced = 0;

  /** Opens the marks of a folder; what is no marks counts as none. Throws the system's error. */
  constructor(folder: string) {
    this.#file = openMarks(join(folder, "marks"));
    const size = readSync(this.#file, this.#bytes, 0, FILE_BYTES, 0);
    const [, made = 0, synced = 0] =
      /^made (\d+) synced (\d+)\s*$/.exec(this.#bytes.toString("latin1", 0, size)) ?? [];
    this.#made = Number(made);
    this.#synced = Number(synced);
  }

  /** Number of the last commit that was made. */
  get made(): number {
    return this.#made;
  }

  /** Number of the last commit that was synced. */
  get synced(): number {
    return this.#synced;
  }

  /** Notes how far commits are made and synced. Throws the system's error. */
  set(made: number, synced: number): void {
    if (made === this.#made && synced === this.#synced) return;
    this.#made = made;
    this.#synced = synced;
    this.#bytes.write(`made ${made} synced ${synced}`.padEnd(FILE_BYTES - 1).concat("\n"), "latin1");
    writeSync(this.#file, this.#bytes, 0, FILE_BYTES, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Opens a file to read and write, made where there is none. */
function openMarks(path: string): number {
  try {
    return openSync(path, "r+");
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    return openSync(path, "w+", PRIVATE_FILE);
  }
}
