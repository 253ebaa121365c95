import type { Limits } from "../../../core/application/settings.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { ScriptEvent } from "../../../core/ports/event.ts";
import type { ScriptFailure } from "../../../core/ports/outcome.ts";
import { crowded, eventOf, full, notSaved, overgrown, slow, unwritten } from "../../wire/answer/failure.ts";
import { weightOf } from "../../wire/batch/task.ts";
import { Gate } from "../durable/gate.ts";
import type { ApplicationScripts } from "../recovery/application_scripts.ts";
import { type EventOrigin, originOf } from "../share/event_origin.ts";
import type { OutcomeDelivery } from "./outcome_delivery.ts";
import type { ScriptLifecycle } from "./script_lifecycle.ts";

/** What an event weighs that is taken however much its script holds, UTF-16 units: it may be a word to let go. */
const SMALL_UNITS = 512;

/** Returns true for an event that is of no use to who asks where it comes too late. */
function isHurried(event: ScriptEvent): boolean {
  const { kind } = event;
  return (
    kind === "message" || kind === "request" || kind === "edit" || (kind === "emit" && event.reply === true)
  );
}

/** What admission is decided by. */
export interface AdmissionDeps {
  readonly clock: Clock;
  readonly scripts: ApplicationScripts;
}

/** Decides which events a script takes: what has been taken is handled and kept until it is no longer needed. */
export class Admission {
  /** Whether the last event that was not small could not be kept, which was told. */
  #isFull = false;

  constructor(
    private readonly lifecycle: ScriptLifecycle,
    private readonly delivery: OutcomeDelivery,
    private readonly deps: AdmissionDeps,
  ) {}

  /** Returns why an event is not taken; undefined if it is. */
  refusal(event: ScriptEvent, limits: Limits): ScriptFailure | undefined {
    if (this.lifecycle.keeping.isShut && Gate.refuses(event)) return notSaved(event);
    const origin = originOf(event);
    if (origin !== "server" || event.kind === "tick") {
      const waiting = this.lifecycle.events.count(origin);
      if (origin !== "server" && waiting >= limits.queue) return crowded(event, waiting);
      if (this.#isOvergrown(event, origin)) {
        const why = this.lifecycle.snapshots.unwritten;
        return why === undefined ? overgrown(event, limits.state) : unwritten(event, why);
      }
      if (!this.#mayKeep(event, limits)) return full(event, limits.held);
    }
    const waitingSince = this.lifecycle.events.first?.acceptedAt;
    if (waitingSince === undefined || !isHurried(event)) return undefined;
    const waited = this.deps.clock.monotonic() - waitingSince;
    return waited > limits.wait ? slow(event, Math.round(waited), limits.wait) : undefined;
  }

  /**
   * Returns true if the script's state is over its limit, so that it can't be kept, and an event may make it larger still: a small one
   * is taken for as long as the journal is not too long.
   */
  #isOvergrown(event: ScriptEvent, origin: EventOrigin): boolean {
    const { snapshots } = this.lifecycle;
    if (!snapshots.isOvergrown) return false;
    // What clients ask for comes last: it may be a word to let go.
    const isTaken = weightOf(event) <= SMALL_UNITS || snapshots.unwritten !== undefined;
    if (isTaken && snapshots.isShort(origin === "client")) return false;
    snapshots.lookAgain(this.deps.clock.monotonic());
    return true;
  }

  /** Returns true if there is room to keep an event; for a small one for as long as there is any. */
  #mayKeep(event: ScriptEvent, limits: Limits): boolean {
    const { scripts } = this.deps;
    const { events, snapshots } = this.lifecycle;
    const held = events.held + snapshots.held;
    const weight = weightOf(event);
    const isSmall = weight <= SMALL_UNITS && scripts.room(limits) > 0;
    const may = isSmall || scripts.allows(limits, held + weight, weight);
    if (!may && !this.#isFull) {
      const all = `the application's scripts hold too much already, this one ${held} of ${limits.held} bytes`;
      this.delivery.log("warn", `Cannot keep ${eventOf(event)} of ${weight} characters: ${all}`);
    }
    if (!isSmall) this.#isFull = !may;
    return may;
  }
}
