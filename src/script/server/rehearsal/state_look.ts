import { HotroomError, notWritten } from "../../../core/errors.ts";
import type { JsonText } from "../../../core/ports/event.ts";
import { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Slot } from "../sandbox/slot.ts";
import type { ScriptHistory, SnapshotWish } from "./snapshot_wishes.ts";

/** What stands before the state in a snapshot, and behind it. */
const BEFORE = '{"state":';
const BEHIND = "}";

/** Cuts the state out of a snapshot, which has nothing else: it is long, and nobody here needs to know what is in it. */
export function stateIn(snapshot: JsonText): JsonText {
  return snapshot.slice(BEFORE.length, -BEHIND.length);
}

/** A look at the state of a live script, for everybody who wants one before it has come. */
export class StateLook implements SnapshotWish {
  readonly snapshot = new Call({ kind: "snapshot" });
  readonly done: Promise<JsonText>;
  #slot: Slot | undefined;
  readonly #settled = Promise.withResolvers<JsonText>();

  constructor(
    /** What the script is called in messages: `room "lobby"`. */
    private readonly title: string,
  ) {
    this.done = this.#settled.promise;
  }

  ask(slot: Slot): void {
    if (slot === this.#slot) return;
    this.#slot = slot;
    slot.post(this.snapshot);
  }

  /** Rejects with `room_closed`. */
  fail(reason: string): void {
    this.#settled.reject(
      new HotroomError("room_closed", `Cannot read the state of ${this.title}: ${reason}`),
    );
  }

  /** Rejects with `state_not_written`. */
  failToStart(reason: string): void {
    this.#settled.reject(notWritten(`Cannot read the state of ${this.title}: ${reason}`));
  }

  start(_: LoadedVersion, __: ScriptHistory, snapshot: JsonText): void {
    this.#settled.resolve(stateIn(snapshot));
  }
}
