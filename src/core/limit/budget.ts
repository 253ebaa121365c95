/** A number of bytes that the server keeps for somebody, up to `most`. */
export class Budget {
  #used = 0;

  constructor(private readonly most: () => number) {}

  get used(): number {
    return this.#used;
  }

  /** Takes `bytes`; false where there is no room for them. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.most()) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}
