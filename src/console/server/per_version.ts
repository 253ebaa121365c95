import { signal } from "@preact/signals";

/** Whom something is asked of: its version says when again. */
export interface Versioned {
  readonly name: string;
  readonly version?: string | undefined;
}

/** What the API says of each application, which is asked for once a version. */
export class PerVersion<Answer> {
  readonly #answers = signal<ReadonlyMap<string, Answer>>(new Map());
  /** The version for which it was asked, by application. */
  readonly #asked = new Map<string, string | undefined>();

  constructor(private readonly ask: (name: string) => Promise<Answer>) {}

  /** Returns what is known; undefined while nothing is. */
  of({ name, version }: Versioned): Answer | undefined {
    if (!this.#asked.has(name) || this.#asked.get(name) !== version) {
      this.#asked.set(name, version);
      void this.#look(name);
    }
    return this.#answers.value.get(name);
  }

  /** Asks again, where somebody wants to know. */
  again(name: string): void {
    if (this.#asked.has(name)) void this.#look(name);
  }

  async #look(name: string): Promise<void> {
    try {
      const answer = await this.ask(name);
      this.#answers.value = new Map(this.#answers.value).set(name, answer);
    } catch {
      // The next who wants to know asks again.
      this.#asked.delete(name);
    }
  }
}
