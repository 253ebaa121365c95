import type { JsonText } from "../ports/event.ts";
import type { User } from "./user.ts";

/** The members of a room as clients are told of them; written anew only where something has changed. */
export class MemberList {
  /** Each with a comma before it. */
  #text: string | undefined;

  constructor(private readonly members: ReadonlyMap<string, User>) {}

  /** Notes that somebody has left, or was shown as away or back. */
  changed(): void {
    this.#text = undefined;
  }

  /** Notes that somebody is a member now. */
  added(user: User): void {
    if (this.#text !== undefined) this.#text += `,${user.textFor()}`;
  }

  /** Returns the list for a client, as JSON. */
  textFor(to: User): JsonText {
    this.#text ??= this.#write();
    // The others are not told yet that it is back.
    const text = to.isShownConnected ? this.#text : this.#write(to);
    return `[${text.slice(1)}]`;
  }

  #write(to?: User): string {
    return Array.from(this.members.values(), (user) => `,${user.textFor(to)}`).join("");
  }
}
