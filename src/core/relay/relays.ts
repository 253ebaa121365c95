import type { RelayEntry } from "../ports/build.ts";
import type { Clock } from "../ports/clock.ts";
import { Relay } from "./relay.ts";

const none: readonly RelayEntry[] = [];

/** What one room passes on without asking its script, by the type of the message. */
export class Relays {
  readonly #byType = new Map<string, Relay>();
  /** Messages that its script was given so far, and those that it has answered. */
  #asked = 0;
  #answered = 0;
  /** Those that an edit has made, with how many answers they wait for: messages of their types may be with the script. */
  readonly #opening = new Map<Relay, number>();

  constructor(
    private readonly clock: Clock,
    entries: readonly RelayEntry[] | undefined,
  ) {
    this.adopt(entries);
  }

  of(type: string): Relay | undefined {
    return this.#byType.size === 0 ? undefined : this.#byType.get(type);
  }

  /** Goes by what another version says. What a user has sent of a type that stays a relay goes on to count. */
  adopt(entries = none): void {
    const types = new Set(entries.map(({ type }) => type));
    for (const [type, relay] of [...this.#byType]) {
      if (types.has(type)) continue;
      this.#byType.delete(type);
      this.#open(relay);
    }
    for (const entry of entries) {
      const found = this.#byType.get(entry.type);
      if (found) found.adopt(entry);
      else this.#add(new Relay(this.clock, entry));
    }
  }

  /** Its script is given a message. */
  asked(): void {
    this.#asked++;
  }

  /** Its script has answered one. */
  answered(): void {
    this.#answered++;
    if (this.#opening.size === 0) return;
    for (const [relay, answers] of [...this.#opening]) if (answers <= this.#answered) this.#open(relay);
  }

  #add(relay: Relay): void {
    this.#byType.set(relay.type, relay);
    if (this.#asked === this.#answered) return;
    this.#opening.set(relay, this.#asked);
    relay.shut();
  }

  #open(relay: Relay): void {
    if (this.#opening.delete(relay)) relay.open();
  }
}
