/** The frames of a session of which a client does not know that they have arrived, oldest first. */
export class Unconfirmed {
  /** Frames that have arrived, all of the session. */
  #confirmed = 0;
  #frames: { text: string; id: number | undefined }[] = [];

  /** Frames of the session so far. */
  get total(): number {
    return this.#confirmed + this.#frames.length;
  }

  add(text: string, id: number | undefined): void {
    this.#frames.push({ text, id });
  }

  /** A request is answered: it has arrived, and all before it have. */
  answered(id: number): void {
    const at = this.#frames.findIndex((frame) => frame.id === id);
    if (at >= 0) this.#drop(at + 1);
  }

  /** Returns the frames that come after so many; undefined where there never were so many, or fewer than are known to have arrived. */
  after(received: number): string[] | undefined {
    const count = received - this.#confirmed;
    if (count < 0 || count > this.#frames.length) return undefined;
    this.#drop(count);
    return this.#frames.map(({ text }) => text);
  }

  #drop(count: number): void {
    this.#frames.splice(0, count);
    this.#confirmed += count;
  }
}
