/** Characters sent after which an outbox is checked again: to ask the runtime at each frame costs more. */
const CHECK_CHARACTERS = 16 * 1024;

/** When it is time to check how much waits for slow clients. */
export class OutboxCheck {
  #characters = 0;

  /** Counts characters that were sent; returns true if that makes a check due. */
  isDue(sent: number): boolean {
    this.#characters += sent;
    if (this.#characters < CHECK_CHARACTERS) return false;
    this.#characters = 0;
    return true;
  }
}
