import type { BrokenLimit, Outcome } from "../../../core/ports/outcome.ts";
import type { Log, LogFields } from "../../../core/ports/log.ts";
import type { ScriptEvent } from "../../../core/ports/event.ts";
import type { Subject } from "../../../core/ports/script.ts";
import type { Call } from "../sandbox/call.ts";
import type { Pace } from "../sandbox/outcomes.ts";
import { refusedOutcome } from "../../wire/answer/failure.ts";

/** Effects that are applied at a time; of more some may have to wait for the loop to turn. */
const PART_EFFECTS = 8;
/** Frames that a few effects may cause at a time, though a single effect causes as many as there are users to hear it. */
const PART_FRAMES = 5000;

/** Tells the subject of a script, and whoever dispatched an event, what came of it. What they throw is logged. */
export class OutcomeDelivery {
  #hasFailed = false;

  constructor(
    private readonly subject: Subject,
    private readonly write: Log,
    private readonly pace: Pace,
    /** Returns the name of the version that handles the next event. */
    private readonly version: () => string,
  ) {}

  /** What the script is called in messages: `room "lobby"`. */
  get title(): string {
    const { room, application } = this.subject;
    return room ? `room "${room.name}"` : `application "${application}"`;
  }

  /** Tells the subject first, then whoever dispatched the event; then calls `done`. Many effects take more than one turn of the loop. */
  deliver(call: Call, outcome: Outcome, done = nothing): void {
    const event = call.task as ScriptEvent;
    const { effects } = outcome;
    const most = this.#most(effects.length);
    const isWhole = effects.length <= most;
    try {
      this.subject.outcome(event, isWhole ? outcome : { ...outcome, effects: effects.slice(0, most) });
    } catch (error) {
      this.#logError(`apply the outcome of ${event.kind}`, error);
    }
    if (isWhole) this.#delivered(call, outcome, done);
    else this.pace.goOn(() => this.#more(call, outcome, most, done));
  }

  /** Goes on with the effects from the one at `from` on. */
  #more(call: Call, outcome: Outcome, from: number, done: () => void): void {
    const event = call.task as ScriptEvent;
    const { version, effects } = outcome;
    const next = from + this.#most(effects.length);
    try {
      this.subject.more(event, { version, effects: effects.slice(from, next) });
    } catch (error) {
      this.#logError(`apply the outcome of ${event.kind}`, error);
    }
    if (next >= effects.length) this.#delivered(call, outcome, done);
    else this.pace.goOn(() => this.#more(call, outcome, next, done));
  }

  /** Returns how many of so many effects are applied at a time. */
  #most(effects: number): number {
    if (effects <= 1) return PART_EFFECTS;
    const { reach = 0 } = this.subject;
    return Math.max(1, Math.min(PART_EFFECTS, Math.floor(PART_FRAMES / Math.max(1, reach))));
  }

  #delivered(call: Call, outcome: Outcome, done: () => void): void {
    try {
      call.takeDone()?.(outcome);
    } catch (error) {
      this.#logError(`answer ${call.task.kind}`, error);
    }
    done();
  }

  /** Answers an event with `handler_failed`. `reason` is for the log only, `limit` is what cut the event short. */
  refuse(call: Call, reason: string, limit?: BrokenLimit): void {
    this.deliver(call, refusedOutcome(this.version(), call.task, reason, limit));
  }

  /** Tells the subject that the script can't go on, the first time only. `isCrash` says that it took down what it ran in. */
  failed(message: string, isCrash = false): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#guard("tell that a script failed", () => this.subject.failed(message, isCrash));
  }

  /** Tells the subject that the script is back in the version before the one named `failed`. */
  rolledBack(failed: string, reason: string): void {
    this.#guard("tell that a script was rolled back", () => this.subject.rolledBack(failed, reason));
  }

  /** Logs a message about the script. */
  log(level: "warn" | "error", message: string): void {
    const { application, room } = this.subject;
    const fields: LogFields = { application, ...(room ? { room: room.name } : {}), version: this.version() };
    this.write(level, message, fields);
  }

  #guard(what: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#logError(what, error);
    }
  }

  #logError(what: string, error: unknown): void {
    const stack = error instanceof Error ? error.stack : undefined;
    this.log("error", `Cannot ${what}: ${stack ?? String(error)}`);
  }
}

function nothing(): void {}
