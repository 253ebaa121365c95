import type { BrokenLimit, Outcome } from "../../../core/ports/outcome.ts";
import type { Log, LogFields } from "../../../core/ports/log.ts";
import type { ScriptEvent } from "../../../core/ports/event.ts";
import type { Subject } from "../../../core/ports/script.ts";
import type { Call } from "../sandbox/call.ts";
import { refusedOutcome } from "../../wire/answer/failure.ts";

/** Tells the subject of a script, and whoever dispatched an event, what came of it. What they throw is logged. */
export class OutcomeDelivery {
  #hasFailed = false;

  constructor(
    private readonly subject: Subject,
    private readonly write: Log,
    /** Returns the name of the version that handles the next event. */
    private readonly version: () => string,
  ) {}

  /** What the script is called in messages: `room "lobby"`. */
  get title(): string {
    const { room, application } = this.subject;
    return room ? `room "${room.name}"` : `application "${application}"`;
  }

  /** Tells the subject first, then whoever dispatched the event. */
  deliver(call: Call, outcome: Outcome): void {
    const event = call.task as ScriptEvent;
    try {
      this.subject.outcome(event, outcome);
    } catch (error) {
      this.#logError(`apply the outcome of ${event.kind}`, error);
    }
    try {
      call.takeDone()?.(outcome);
    } catch (error) {
      this.#logError(`answer ${event.kind}`, error);
    }
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
