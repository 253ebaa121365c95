/** Bytes that the server keeps for an application, up to a bound. */
export class Budget {
  #used = 0;

  /** `most` is asked each time, since an edit may change it. */
  constructor(private readonly most: () => number) {}

  get used(): number {
    return this.#used;
  }

  /** Returns true if there is room for so many bytes more. */
  fits(bytes: number): boolean {
    return this.#used + bytes <= this.most();
  }

  /** Takes bytes; returns false, and takes none, if there is no room for them. */
  take(bytes: number): boolean {
    if (!this.fits(bytes)) return false;
    this.#used += bytes;
    return true;
  }

  /** Takes bytes that there were room for once. */
  owe(bytes: number): void {
    this.#used += bytes;
  }

  /** Gives back bytes that were taken. */
  give(bytes: number): void {
    this.#used -= bytes;
  }
}
