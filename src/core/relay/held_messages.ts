/** What waits at most: messages, and characters of their data. */
const MOST_MESSAGES = 1000;
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** Messages of a type that an edit has made a relay, for as long as those before them are with the script. */
export class HeldMessages {
  readonly #messages: (() => void)[] = [];
  #characters = 0;

  /** Has a message wait whose data has so many characters; returns false where there is no room. */
  add(characters: number, pass: () => void): boolean {
    if (this.#messages.length >= MOST_MESSAGES || this.#characters + characters > MOST_CHARACTERS)
      return false;
    this.#characters += characters;
    this.#messages.push(pass);
    return true;
  }

  /** Passes them on, in their order. */
  pass(): void {
    for (const pass of this.#messages) pass();
  }
}
