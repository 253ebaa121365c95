import { createHash } from "node:crypto";

/** Hexadecimal digits of a seed. */
const SEED_DIGITS = 32;

/** What chance of scripts follows from in tests: the same in each run. */
export class StageChance {
  #count = 0;

  /** Begins anew, for another test. */
  begin(): void {
    this.#count = 0;
  }

  /** Returns the next seed. */
  readonly next = (): string =>
    createHash("sha256")
      .update(`${++this.#count}`)
      .digest("hex")
      .slice(0, SEED_DIGITS);
}
