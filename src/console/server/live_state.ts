import { signal } from "@preact/signals";
import { type AskError, ask } from "./ask.ts";

/** A state as it was read, or why it could not be. */
export interface ReadState {
  readonly value?: unknown;
  readonly bytes?: number;
  readonly problem?: string;
  /** The code of the problem. */
  readonly code?: string;
}

/** Between two questions for a state, ms. */
const PAUSE_MS = 1000;

/** The state of a script while somebody looks at it, and what edits it. */
export class LiveState {
  readonly read = signal<ReadState>({});
  #isAsking = false;
  /** Whether something may have happened since it was asked for. */
  #isOld = false;

  /** `path` is the state's in the API. */
  constructor(readonly path: string) {}

  /** Edits it, and shows what has become of it, also where that was refused. Rejects with AskError. */
  async edit(edit: { readonly path: readonly (string | number)[] }): Promise<void> {
    try {
      await ask("PUT", this.path, edit);
    } finally {
      await this.#read();
    }
  }

  /** Asks for it, at most once a second. */
  async look(): Promise<void> {
    this.#isOld = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#isOld) {
      this.#isOld = false;
      await this.#read();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    this.#isAsking = false;
  }

  async #read(): Promise<void> {
    try {
      const { state } = await ask<{ state?: unknown }>("GET", this.path);
      this.read.value = { value: state, bytes: JSON.stringify(state)?.length ?? 0 };
    } catch (error) {
      const { message, code } = error as AskError;
      this.read.value = { problem: message, code };
    }
  }
}
