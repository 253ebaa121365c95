import type { Limits } from "../core/settings.ts";
import { Kills } from "./kills.ts";

/** Sandboxes and hosts that the scripts of one application may take down in a minute before each further one is closed. */
const MOST_KILLS = 6;

/** What is kept of one application's scripts together, whichever hosts they are on. */
export class Ledger {
  readonly kills = new Kills(undefined, MOST_KILLS);
  /** Bytes that the server keeps for them: events that wait, journals, snapshots. */
  #held = 0;

  /** For how many bytes more there is room. */
  room({ held }: Limits): number {
    return held - this.#held;
  }

  /** A share for one script. */
  open(): Holding {
    return new Holding((bytes) => {
      this.#held += bytes;
    });
  }
}

/** What the server keeps for one script, bytes. */
export class Holding {
  #bytes = 0;

  constructor(private readonly add: (bytes: number) => void) {}

  set(bytes: number): void {
    this.add(bytes - this.#bytes);
    this.#bytes = bytes;
  }
}

/** The ledgers of all applications. */
export class Ledgers {
  readonly #ledgers = new Map<string, Ledger>();

  of(application: string): Ledger {
    const found = this.#ledgers.get(application);
    if (found) return found;
    const ledger = new Ledger();
    this.#ledgers.set(application, ledger);
    return ledger;
  }
}
