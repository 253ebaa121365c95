import { Buffer } from "node:buffer";
import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { PRIVATE_FILE } from "../private_file.ts";

/** Bytes of the numbers, which are written over, so that they need no space on a full disk. */
const NUMBERS_BYTES = 64;
/** Bytes of the life behind them: an executable that knows no lives leaves them as they are. */
const LIFE_BYTES = 32;

/**
 * The numbers of the last commits that were made and synced, in a file of their own: SQLite takes a write-ahead log whose end can't
 * be read for one that ends before, so nothing else would tell that commits are lost.
 */
export class Marks {
  readonly #file: number;
  readonly #bytes = Buffer.alloc(NUMBERS_BYTES);
  #made = 0;
  #synced = 0;
  #life: number | undefined;

  /** Opens the marks of a folder; what is no marks counts as none. Throws the system's error. */
  constructor(folder: string) {
    this.#file = openMarks(join(folder, "marks"));
    const [made, synced, life] = parse(this.#file);
    this.#made = made ?? 0;
    this.#synced = synced ?? 0;
    this.#life = life;
  }

  /** Number of the last commit that was made. */
  get made(): number {
    return this.#made;
  }

  /** Number of the last commit that was synced. */
  get synced(): number {
    return this.#synced;
  }

  /** Returns true if they are of that life of the folder; those that name none are of any. */
  areOf(life: number | undefined): boolean {
    return this.#life === undefined || this.#life === life;
  }

  /** Notes that all up to a commit is synced, and of which life they are from now on. Throws the system's error. */
  begin(commit: number, life: number | undefined): void {
    if (life === undefined || this.#life === life) return this.set(commit, commit);
    this.#life = life;
    this.#made = this.#synced = commit;
    writeSync(this.#file, numbersText(commit, commit) + lineOf(`life ${life}`, LIFE_BYTES), 0);
    fsyncSync(this.#file);
  }

  /** Notes how far commits are made and synced. Throws the system's error. */
  set(made: number, synced: number): void {
    if (made === this.#made && synced === this.#synced) return;
    this.#made = made;
    this.#synced = synced;
    this.#bytes.write(numbersText(made, synced), "latin1");
    writeSync(this.#file, this.#bytes, 0, NUMBERS_BYTES, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function numbersText(made: number, synced: number): string {
  return lineOf(`made ${made} synced ${synced}`, NUMBERS_BYTES);
}

/** Returns a line of so many bytes. */
function lineOf(text: string, bytes: number): string {
  return `${text.padEnd(bytes - 1)}\n`;
}

/** Returns the numbers in a file: made, synced, and their life. */
function parse(file: number): number[] {
  const bytes = Buffer.alloc(NUMBERS_BYTES + LIFE_BYTES);
  const text = bytes.toString("latin1", 0, readSync(file, bytes, 0, bytes.length, 0));
  const found = /^made (\d+) synced (\d+)\s*(?:life (\d+)\s*)?$/.exec(text) ?? [];
  return found.slice(1).flatMap((number) => (number === undefined ? [] : [Number(number)]));
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
