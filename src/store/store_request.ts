import type { Write } from "../core/ports/journal_store.ts";
import type { Message } from "./wire/message.ts";

/** Something that the writer of a store was asked for, and has not answered yet. */
export class StoreRequest {
  #found: Write[] = [];

  constructor(
    readonly message: Message,
    private readonly settled: (found: readonly Write[]) => void,
    readonly reject: (error: Error) => void,
    /** Number of the commit, where it is one. */
    readonly commit: number | undefined,
  ) {}

  /** UTF-16 units that it sends. */
  get text(): string {
    return this.message.text;
  }

  /** Adds to what was found. */
  found(writes: readonly Write[]): void {
    for (const write of writes) this.#found.push(write);
  }

  /** Forgets what was found: it is asked for once more. */
  begin(): void {
    this.#found = [];
  }

  resolve(): void {
    this.settled(this.#found);
  }
}
