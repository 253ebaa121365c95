import type { Faults } from "./faults.ts";

/** What one client hears of one room, which numbers what it says: to all, and to this client alone. */
export class Hearing {
  /** Who is in the room, by name: whether it is here, or away. */
  readonly users = new Map<string, boolean>();
  /** The number of the client's last frame to the room. */
  sent = 0;
  /** Whether the client has asked to leave. */
  isLeaving = false;
  /** The id of the last request that the room has answered. */
  #answered = 0;
  #said: number | undefined;
  #told = 0;
  readonly #skipped = new Set<string>();

  constructor(
    private readonly who: string,
    private readonly room: string,
    private readonly faults: Faults,
  ) {}

  /** The room tells a newcomer what it has said so far. */
  begins(said: number): void {
    if (this.#said !== undefined) this.#note("repeated", "its beginning");
    this.#said = said;
  }

  /** The room has said something to all. */
  said(number: number): void {
    if (this.#said === undefined) return this.#note("reordered", `${number} before its beginning`);
    this.#said = this.#next(this.#said, number, "said");
  }

  /** The room has said something to the client alone. */
  told(number: number): void {
    this.#told = this.#next(this.#told, number, "told");
  }

  /** The room has answered a request. */
  answered(id: number): void {
    if (id < this.#answered) this.#note("reordered", `the answer to ${id} after that to ${this.#answered}`);
    else this.#answered = id;
  }

  /** Takes a list of users of the server's. */
  list(users: readonly { name: string; connected?: false }[]): void {
    this.users.clear();
    for (const { name, connected } of users) this.users.set(name, connected !== false);
  }

  /** At the end: all that was skipped, and what the room has said since, was lost. */
  close(said: number, told: number): void {
    const missing = this.#skipped.size + said - (this.#said ?? 0) + told - this.#told;
    this.faults.note("lost", `${this.who} did not hear ${missing} of ${this.room}`, missing);
  }

  #next(last: number, number: number, what: string): number {
    const key = `${what} ${number}`;
    if (number > last) {
      for (let n = last + 1; n < number; n++) this.#skipped.add(`${what} ${n}`);
      return number;
    }
    this.#note(this.#skipped.delete(key) ? "reordered" : "repeated", `${key} after ${last}`);
    return last;
  }

  #note(kind: "repeated" | "reordered", text: string): void {
    this.faults.note(kind, `${this.who} heard of ${this.room}: ${text}`);
  }
}
