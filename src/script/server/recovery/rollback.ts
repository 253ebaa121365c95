import type { Outcome } from "../../../core/ports/outcome.ts";
import type { Task } from "../../wire/batch/task.ts";
import type { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Opening } from "./opening.ts";
import type { Journal } from "./journal.ts";
import { RollbackPoint } from "./rollback_point.ts";

/** Where a script can go on: in a version, in which the journal brings it up. */
export interface Place {
  readonly version: LoadedVersion;
  readonly journal: Journal;
}

/** An event that a version fails at. */
export interface FailedEvent {
  readonly call: Call;
  /** What is to be told of it if no other version handles it. */
  readonly outcome: Outcome;
  /** Why the version is left, for the log. */
  readonly reason: string;
}

/** That a version was left, and why. */
export interface LeftVersion {
  readonly version: string;
  readonly reason: string;
}

/** Where a script goes on from a version that does no better. */
export interface PassedBy {
  readonly place: Place;
  /** Whether that is the version that the script was to leave. */
  readonly stays: boolean;
  /** The event that has failed there for good. */
  readonly failed?: FailedEvent;
}

/** A rollback that counts only if the version before does better. */
interface Trial {
  readonly from: Place;
  readonly point: RollbackPoint;
  /** What the version that is to be left failed at; undefined if the script goes back because somebody wants it to. */
  readonly failed?: FailedEvent | undefined;
}

/**
 * Decides when one script goes back, and where to; its methods return where the script is to go on. If the version that it
 * leaves has handled events, it goes back on trial: the version before must do again what they did, and handle the event that
 * failed. If it doesn't, the script stays in the version that it was to leave (docs/decisions/0003-going-back.md).
 */
export class Rollback {
  /** Leads back to the version before the last move, as long as that makes sense. */
  #point: RollbackPoint | undefined;
  #trial: Trial | undefined;
  /** The version that the script was to go back to, if it could not. */
  #passed: LeftVersion | undefined;

  /** `type` is the type of the room; undefined for the application's extension. */
  constructor(
    private readonly type: string | undefined,
    private readonly journalOf: (point: RollbackPoint) => Journal,
  ) {}

  /** The version that the script is to leave, while it is on trial in another; undefined if there is no trial. */
  get leaving(): LoadedVersion | undefined {
    return this.#trial?.from.version;
  }

  /** Notes that the script has moved from `version` to `next`; `opening` opens it in `version` as it was. */
  moved(version: LoadedVersion, next: LoadedVersion, opening: Opening): void {
    this.#point = new RollbackPoint({ version, next, type: this.type, opening, earlier: this.#point });
  }

  /** Notes an event that the version answered. */
  answered(call: Call, status: number): void {
    if (this.#point?.add(call, status) === false) this.#point = undefined;
  }

  /** Forgets the point, unless no event has been handled in the version. */
  settle(): void {
    this.#point = this.#point?.settle();
  }

  /** Returns true if the version before is to handle an event that has failed; `journal` is what the script has here. */
  takesOver(task: Task, journal: Journal): boolean {
    return this.#point?.takesOver(task, journal.incomplete === undefined) === true;
  }

  /** Goes back from `from`, which failed at an event; on trial if other events have been handled there. */
  leave(from: Place, failed: FailedEvent): Place | undefined {
    const point = this.#point;
    if (!point) return undefined;
    if (!point.isUntried) this.#trial = { from, point, failed };
    return this.#goTo(point);
  }

  /** Goes back from `from` to an earlier version because somebody wants it to; undefined if there is no point in that. */
  find(from: Place, version: LoadedVersion): Place | undefined {
    const trial = this.#trial ?? (this.#point && { from, point: this.#point });
    const point = trial?.point.find(version);
    if (!trial || !point) return undefined;
    const isOnTrial = !trial.point.isUntried && trial.from.journal.incomplete === undefined;
    this.#trial = isOnTrial ? { ...trial, failed: undefined } : undefined;
    return this.#goTo(point);
  }

  /**
   * Goes on from `version`, which can't set the script up, or does no better on trial: further back, else to the version that
   * was to be left. Returns undefined if there is neither.
   */
  passBy(version: LoadedVersion, reason: string): PassedBy | undefined {
    const trial = this.#trial;
    if (this.#point) {
      if (trial && !trial.failed) this.#passed ??= { version: version.build.version, reason };
      return { place: this.#goTo(this.#point), stays: false };
    }
    if (!trial) return undefined;
    this.#trial = this.#passed = undefined;
    this.#point = trial.point;
    return { place: trial.from, stays: true, ...(trial.failed ? { failed: trial.failed } : {}) };
  }

  /** Notes that the script is up. Returns what to tell if it has gone back further than somebody wanted it to. */
  up(): LeftVersion | undefined {
    if (!this.#trial || this.#trial.failed) return undefined;
    const passed = this.#passed;
    this.#trial = this.#passed = undefined;
    return passed;
  }

  /** Notes that the event that failed is handled, which ends the trial. Returns what to tell of the version that is left. */
  succeed(): LeftVersion | undefined {
    const trial = this.#trial;
    this.#trial = undefined;
    return trial?.failed && { version: trial.from.version.build.version, reason: trial.failed.reason };
  }

  #goTo(point: RollbackPoint): Place {
    this.#point = point.earlier;
    return { version: point.version, journal: this.journalOf(point) };
  }
}
