import { HotroomError } from "../errors.ts";
import type { User } from "./user.ts";

/** The names of an application's users, and those that are kept for users to come. */
export class UserNames {
  readonly #users = new Map<string, User>();
  /** Names that logins wait for, one of each connection at most. */
  readonly #kept = new Set<string>();

  /** Returns the user of that name. */
  of(name: string): User | undefined {
    return this.#users.get(name);
  }

  add(user: User): void {
    this.#users.set(user.name, user);
  }

  delete({ name }: User): void {
    this.#users.delete(name);
  }

  /** Keeps a name for a login that is certain, while others have to go first; returns what ends that. */
  keep(name: string): () => void {
    this.#kept.add(name);
    return () => this.#kept.delete(name);
  }

  /** Throws HotroomError `name_taken` where a name is kept, or belongs to a user who is not among those that are `going`. */
  check(name: string, going: ReadonlySet<User>): void {
    const holder = this.#users.get(name);
    if ((!holder || going.has(holder)) && !this.#kept.has(name)) return;
    throw new HotroomError("name_taken", `Cannot log in as "${name}": another user has that name.`);
  }
}
