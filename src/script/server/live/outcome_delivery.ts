import type { BrokenLimit, Outcome } from "../../../core/ports/outcome.ts";
import type { Log, LogFields } from "../../../core/ports/log.ts";
import type { ScriptEvent } from "../../../core/ports/event.ts";
import type { Subject } from "../../../core/ports/script.ts";
import type { Call } from "../sandbox/call.ts";
import { failedOutcome, handlerFailed } from "../../wire/answer/failure.ts";

/** Tells a subject, and who dispatched an event, what came of it; neither can break what goes on here. */
export class OutcomeDelivery {
  #hasFailed = false;

  constructor(
    private readonly subject: Subject,
    private readonly write: Log,
    /** Name of the version that handles the next event. */
    private readonly version: () => string,
  ) {}

  /** What log lines and messages call the script: `room "lobby"`. */
  get title(): string {
    const { room, application } = this.subject;
    return room ? `room "${room.name}"` : `application "${application}"`;
  }

  /** The subject first, then who dispatched it. */
  deliver(call: Call, outcome: Outcome): void {
    const event = call.task as ScriptEvent;
    try {
      this.subject.outcome(event, outcome);
    } catch (error) {
      this.#broke(`apply the outcome of ${event.kind}`, error);
    }
    try {
      call.takeDone()?.(outcome);
    } catch (error) {
      this.#broke(`answer ${event.kind}`, error);
    }
  }

  /** Answers with `handler_failed`; `reason` is for the log, `limit` what cut it short. */
  refuse(call: Call, reason: string, limit?: BrokenLimit): void {
    const failure = handlerFailed(call.task, reason);
    this.deliver(call, failedOutcome(this.version(), limit ? { ...failure, limit } : failure));
  }

  /** The script can't go on; the subject is told once. `killer` says that it took down what it ran in. */
  failed(message: string, killer = false): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#guard("tell that a script failed", () => this.subject.failed(message, killer));
  }

  /** The script is back in the version before `failed`. */
  rolledBack(failed: string, reason: string): void {
    this.#guard("tell that a script was rolled back", () => this.subject.rolledBack(failed, reason));
  }

  log(level: "warn" | "error", message: string): void {
    const { application, room } = this.subject;
    const fields: LogFields = { application, ...(room ? { room: room.name } : {}), version: this.version() };
    this.write(level, message, fields);
  }

  #guard(what: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#broke(what, error);
    }
  }

  #broke(what: string, error: unknown): void {
    const stack = error instanceof Error ? error.stack : undefined;
    this.log("error", `Cannot ${what}: ${stack ?? String(error)}`);
  }
}
