import type { ApplicationLimits } from "../../application/application_limits.ts";
import { HotroomError } from "../../errors.ts";
import type { Outcome } from "../../ports/outcome.ts";

/** The room that opens. */
export interface OpeningRoom {
  readonly name: string;
  readonly isGone: boolean;
  close(reason: string, handler: boolean): Promise<void>;
  /** Is open from now on. */
  opened(): void;
}

/** How a room comes to be open, for which whoever has asked for it waits. */
export class RoomOpening {
  readonly #opened = Promise.withResolvers<void>();
  readonly #room: OpeningRoom;

  constructor(room: OpeningRoom) {
    this.#room = room;
    this.ready.catch(() => {}); // Reported by whoever asked for the room, and in the log.
  }

  /** Resolves when `init` was handled, rejects where the room can't be set up. */
  get ready(): Promise<void> {
    return this.#opened.promise;
  }

  /** Goes by what the room was when it was kept. */
  restore(state: string): void {
    if (state === "open") this.#opened.resolve();
    if (state === "closing")
      this.#opened.reject(new HotroomError("room_closed", `Room "${this.#room.name}" is closing.`));
  }

  /** Goes by what its `init` handler came to; `limits` tell what there is too little of. */
  decide(outcome: Outcome, limits: Pick<ApplicationLimits, "shortOf">): void {
    const room = this.#room;
    if (outcome.failure?.hasNoScript) return this.#fail("handler_failed", "its state() failed");
    if (room.isGone) return this.#fail("room_closed", "it was closed");
    if (outcome.failure) {
      const { shortage } = outcome.failure;
      void room.close("Its init handler failed.", false);
      // What a room takes shows when it is made: one that is too much fails by that, not by its script.
      if (shortage) return this.#fail("too_many_rooms", limits.shortOf(shortage));
      return this.#fail("handler_failed", "its init handler failed");
    }
    room.opened();
    this.#opened.resolve();
  }

  #fail(code: string, why: string): void {
    this.#opened.reject(new HotroomError(code, `Cannot open room "${this.#room.name}": ${why}.`));
  }
}
