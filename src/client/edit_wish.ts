/** Asks the server to tell of edits, over one connection after the other, once somebody listens. */
export class EditWish {
  #isWanted = false;
  #isReady = false;

  constructor(private readonly ask: () => void) {}

  /** Somebody listens. */
  want(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    if (this.#isReady) this.ask();
  }

  /** The server knows whose connection this is. */
  ready(): void {
    this.#isReady = true;
    if (this.#isWanted) this.ask();
  }

  /** The connection was lost. */
  lost(): void {
    this.#isReady = false;
  }
}
