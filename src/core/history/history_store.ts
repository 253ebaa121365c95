import type { Clock } from "../ports/clock.ts";
import { waterline } from "./waterline.ts";

/** What all histories are shrunk to, of what they may take, once they take more. */
const SHRUNK_SHARE = 7 / 8;
/** Bytes of memory that are counted for each: some texts take as much, and to look which ones costs as much as to keep them. */
const BYTES_PER_UNIT = 2;
/** How often it is looked for frames that nobody needs any more, ms. */
const LOOK_MS = 10_000;
/** Holders of histories that are asked in one turn of the loop. */
const MOST_ASKED = 20_000;

/** A history, as far as its memory is concerned. */
export interface Kept {
  /** Who it counts for. */
  readonly owner: unknown;
  /** Its size, in the unit of `took` and `gave`. */
  readonly bytes: number;
  /** How many may need something of it. */
  readonly holders: number;
  /** Forgets what nobody needs. */
  forgetUnneeded(): void;
  /** Forgets the oldest until the rest takes `bytes` at most. */
  shrink(bytes: number): void;
}

/** All histories of a server, and the memory that they take together. */
export class HistoryStore {
  /** Those that keep something. */
  readonly #filled = new Set<Kept>();
  readonly #most: number;
  #units = 0;
  #stopLooking: (() => void) | undefined;
  #isLooking = false;

  /** `most` is what they may take together, bytes. */
  constructor(
    private readonly clock: Clock,
    most: number,
  ) {
    this.#most = most / BYTES_PER_UNIT;
  }

  /** How much memory they take at most. */
  get bytes(): number {
    return this.#units * BYTES_PER_UNIT;
  }

  filled(history: Kept): void {
    this.#filled.add(history);
    this.#stopLooking ??= this.clock.every(LOOK_MS, () => this.#look());
  }

  emptied(history: Kept): void {
    this.#filled.delete(history);
    if (this.#filled.size > 0) return;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }

  took(bytes: number): void {
    this.#units += bytes;
    if (this.#units > this.#most) this.#shrink();
  }

  gave(bytes: number): void {
    this.#units -= bytes;
  }

  /** Makes room by cutting the largest: each application gets as much as any other needs, and so does each history of one. */
  #shrink(): void {
    const owners = Map.groupBy(this.#filled, ({ owner }) => owner);
    const sums = [...owners.values()].map((histories) => sumOf(histories));
    const share = waterline(sums, this.#most * SHRUNK_SHARE);
    for (const histories of owners.values()) {
      if (sumOf(histories) <= share) continue;
      const most = waterline(
        histories.map(({ bytes }) => bytes),
        share,
      );
      for (const history of histories) history.shrink(most);
    }
  }

  #look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const histories = [...this.#filled];
    const some = () => {
      let asked = 0;
      for (let history = histories.pop(); history; history = histories.pop()) {
        asked += 1 + history.holders;
        history.forgetUnneeded();
        if (asked >= MOST_ASKED) return void this.clock.after(0, some);
      }
      this.#isLooking = false;
    };
    some();
  }
}

function sumOf(histories: readonly Kept[]): number {
  return histories.reduce((sum, { bytes }) => sum + bytes, 0);
}
