import type { HotroomClientError } from "../error.ts";
import type { Membership } from "./membership.ts";
import { type EnteredRoom, type Relation, verbs } from "./relation.ts";
import type { Sender } from "./sender.ts";

/** Pauses before a room is asked for again that could not be entered at the moment, ms. */
const PAUSES_MS = [200, 400, 800, 1600, 3200];

/** Enters rooms again for another session of their client. */
export class Reentry {
  readonly #sender: Sender;
  /** Ends the pause before a room is asked for again. */
  #wake: () => void = () => {};

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** Enters a room with what it was entered with, for the user `self`. Rejects with HotroomClientError where that can't be. */
  async enter(relation: Relation, membership: Membership, self: string): Promise<void> {
    const { name, enteredWith } = membership;
    const frame = { event: verbs[relation].enter, room: name, data: enteredWith };
    for (const pause of [...PAUSES_MS, undefined]) {
      try {
        return await this.#sender.direct(frame, `${verbs[relation].doing} room "${name}" again`, (reply) => {
          membership.isStale = false;
          membership.refresh((reply as EnteredRoom).users, self);
        });
      } catch (error) {
        const { code } = error as HotroomClientError;
        if (pause === undefined || (code !== "rate_limited" && code !== "busy")) throw error;
        await this.#pause(pause);
      }
    }
  }

  /** Goes on at once where it pauses: the connection is over, and the next request says so. */
  stop(): void {
    this.#wake();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
