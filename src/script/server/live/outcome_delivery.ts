import type { Effect } from "../../../core/ports/effect.ts";
import type { BrokenLimit, Outcome } from "../../../core/ports/outcome.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { Log, LogFields } from "../../../core/ports/log.ts";
import type { ScriptEvent } from "../../../core/ports/event.ts";
import type { Reservation, Subject } from "../../../core/ports/script.ts";
import type { ScriptJournal } from "../../../core/ports/script_journal.ts";
import type { EventTimes } from "../../../core/trace/event_times.ts";
import type { Call } from "../sandbox/call.ts";
import type { Pace } from "../sandbox/outcomes.ts";
import { failedOutcome, handlerFailed, notSaved, refusedOutcome } from "../../wire/answer/failure.ts";

/** Effects that are applied at a time; of more some may have to wait for the loop to turn. */
const PART_EFFECTS = 8;
/** Frames that a few effects may cause at a time, though a single effect causes as many as there are users to hear it. */
const PART_FRAMES = 5000;

/** What outcomes are delivered with. */
export interface OutcomeDeliveryDeps {
  readonly log: Log;
  readonly pace: Pace;
  readonly clock: Clock;
  /** Counts how long the events of the application take. */
  readonly times: EventTimes;
}

/** Tells the subject of a script, and whoever dispatched an event, what came of it. What they throw is logged. */
export class OutcomeDelivery {
  #hasFailed = false;
  /** Is told how far the effects of each event have been carried out, where the script is durable. */
  journal: ScriptJournal | undefined;
  /** Number of the last event of which all is carried out. */
  carriedOut = 0;

  constructor(
    private readonly subject: Subject,
    private readonly deps: OutcomeDeliveryDeps,
    /** Returns the name of the version that handles the next event. */
    private readonly version: () => string,
  ) {}

  /** What the script is called in messages: `room "lobby"`. */
  get title(): string {
    const { room, application } = this.subject;
    return room ? `room "${room.name}"` : `application "${application}"`;
  }

  /**
   * Tells the subject first, then whoever dispatched the event; then calls `done`. Many effects take more than one turn of the loop.
   * What is reserved until it shows that the event has really happened keeps nobody else waiting.
   */
  deliver(call: Call, outcome: Outcome, done = nothing): void {
    if (call.trace) call.trace.during(() => this.#deliver(call, outcome, done));
    else this.#deliver(call, outcome, done);
  }

  #deliver(call: Call, outcome: Outcome, done: () => void): void {
    const event = call.task as ScriptEvent;
    const decision = this.#decide(event, outcome);
    if (typeof decision !== "boolean") return this.#reserve(call, outcome, decision, done);
    const kept = decision ? outcome : { ...outcome, effects: linesOf(outcome.effects) };
    const told = this.#begin(call, kept, decision ? carriedOut(call) : 0);
    if (told >= kept.effects.length) return this.#delivered(call, outcome, done);
    if (decision) this.#progress(call, told);
    this.#more(call, kept, told, decision ? 0 : undefined, this.#inTurn, () =>
      this.#delivered(call, outcome, done),
    );
  }

  #decide(event: ScriptEvent, outcome: Outcome): boolean | Reservation {
    try {
      return this.subject.decide(event, outcome);
    } catch (error) {
      this.#logError(`decide on ${event.kind}`, error);
      return false;
    }
  }

  /** Applies the first effects, and the others once it shows that the event has happened; then tells whoever dispatched it. */
  #reserve(call: Call, outcome: Outcome, reservation: Reservation, done: () => void): void {
    const { version, effects } = outcome;
    const first = { ...outcome, effects: effects.slice(0, reservation.first) };
    const rest = effects.slice(reservation.first);
    const before = first.effects.length;
    const settled = (hasHappened: boolean) => {
      const kept = { version, effects: hasHappened ? rest : linesOf(rest) };
      const from = hasHappened ? Math.max(0, carriedOut(call) - before) : 0;
      const told = this.#part(call, kept, from);
      const offset = hasHappened ? before : undefined;
      if (offset !== undefined && told < kept.effects.length) this.#progress(call, offset + told);
      this.#more(call, kept, told, offset, this.#later, () => this.#delivered(call, outcome, nothing));
    };
    const told = this.#begin(call, first, Math.min(before, carriedOut(call)));
    this.#progress(call, Math.max(carriedOut(call), Math.min(told, before)));
    this.#more(call, first, told, 0, this.#inTurn, () => {
      done();
      void reservation.settle().then(settled);
    });
  }

  /** Tells the subject, with the effects behind the first `from`, which were carried out before; returns the place of the next. */
  #begin(call: Call, outcome: Outcome, from: number): number {
    if (from > 0) return this.#part(call, outcome, from);
    const event = call.task as ScriptEvent;
    const { effects } = outcome;
    const most = this.#most(effects.length);
    const isWhole = effects.length <= most;
    try {
      this.subject.outcome(event, isWhole ? outcome : { ...outcome, effects: effects.slice(0, most) });
    } catch (error) {
      this.#logError(`apply the outcome of ${event.kind}`, error);
    }
    return most;
  }

  /**
   * Goes on with the effects from the one at `from` on, each part when `pace` says so; then calls `applied`. `offset` is how many effects
   * of the event come before these; undefined where these are not all of them.
   */
  #more(
    call: Call,
    outcome: Outcome,
    from: number,
    offset: number | undefined,
    pace: (step: () => void) => void,
    applied: () => void,
  ): void {
    if (from >= outcome.effects.length) return applied();
    pace(() => {
      const next = this.#part(call, outcome, from);
      if (offset !== undefined && next < outcome.effects.length) this.#progress(call, offset + next);
      this.#more(call, outcome, next, offset, pace, applied);
    });
  }

  /** Tells the subject of some effects, the first of which is at `from`; returns the place of the next. */
  #part(call: Call, { version, effects }: Outcome, from: number): number {
    const next = from + this.#most(effects.length);
    if (from >= effects.length) return next;
    const event = call.task as ScriptEvent;
    const part = { version, effects: effects.slice(from, next) };
    try {
      // The loop may have turned since the first effects.
      if (call.trace) call.trace.during(() => this.subject.more(event, part));
      else this.subject.more(event, part);
    } catch (error) {
      this.#logError(`apply the outcome of ${event.kind}`, error);
    }
    return next;
  }

  /** Notes that so many effects of an event have been carried out; all where `effects` is absent. */
  #progress(call: Call, effects?: number): void {
    if (this.journal && call.seq > 0) this.journal.delivered(call.seq, effects);
  }

  /** Returns how many of so many effects are applied at a time. */
  #most(effects: number): number {
    if (effects <= 1) return PART_EFFECTS;
    const { reach = 0 } = this.subject;
    return Math.max(1, Math.min(PART_EFFECTS, Math.floor(PART_FRAMES / Math.max(1, reach))));
  }

  readonly #inTurn = (step: () => void): void => this.deps.pace.goOn(step);

  readonly #later = (step: () => void): void => this.deps.pace.later(this.subject.application, step);

  /** Tells the subject what was logged in a task that it has not dispatched itself, as a snapshot. */
  logged(call: Call, { version, effects }: Outcome): void {
    const lines = { version, effects: linesOf(effects) };
    if (lines.effects.length === 0) return;
    this.#guard("log", () => this.subject.more(call.task as ScriptEvent, lines));
  }

  #delivered(call: Call, outcome: Outcome, done: () => void): void {
    try {
      call.takeDone()?.(outcome);
    } catch (error) {
      this.#logError(`answer ${call.task.kind}`, error);
    }
    this.carriedOut = Math.max(this.carriedOut, call.seq);
    this.#measure(call, outcome);
    if (!isUnheard(outcome)) this.#progress(call);
    done();
  }

  #measure(call: Call, outcome: Outcome): void {
    if (call.answeredAt > 0) this.deps.times.add(call, this.deps.clock.monotonic());
    call.trace?.carriedOut(call, outcome);
  }

  /** Answers an event with `handler_failed`. `reason` is for the log only, `limit` is what cut the event short. */
  refuse(call: Call, reason: string, limit?: BrokenLimit): void {
    this.deliver(call, refusedOutcome(this.version(), call.task, reason, limit));
  }

  /** Answers an event that could not be saved, and so has not happened. */
  notSaved(call: Call): void {
    this.deliver(call, failedOutcome(this.version(), notSaved(call.task)));
  }

  /** Answers an event for which there is no script, as `failed` tells. */
  unheard(call: Call, reason: string): void {
    const failure = { ...handlerFailed(call.task, reason), hasNoScript: true as const };
    this.deliver(call, failedOutcome(this.version(), failure));
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
    this.deps.log(level, message, fields);
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

/** Returns true if no handler has heard an event, so that nothing of it is kept. */
function isUnheard({ failure }: Outcome): boolean {
  return failure?.code === "busy" || failure?.code === "not_saved";
}

/** Returns how many effects of an event were carried out before the server ended. */
function carriedOut(call: Call): number {
  return call.kept?.again?.effects ?? 0;
}

/** Returns the log lines among effects, which stay whatever became of their event. */
function linesOf(effects: readonly Effect[]): readonly Effect[] {
  return effects.filter(({ kind }) => kind === "log");
}
