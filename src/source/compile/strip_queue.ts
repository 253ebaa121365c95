import type { BuildError } from "../../core/errors.ts";
import type { ModuleReport } from "./module_report.ts";
import type { SourceUse } from "./strip_wire.ts";

/** One build's share of the strip process: its sources have one deadline together. */
export class StripTurn {
  /** Time that its sources have taken so far, ms. */
  spent = 0;
  /** Why no more of its sources are taken: one of them took too long. */
  error?: BuildError;

  constructor(readonly application: string) {}
}

/** A source that waits for the strip process, or is in its hand. */
export interface StripJob {
  readonly turn: StripTurn;
  readonly file: string;
  readonly source: string;
  readonly use: SourceUse;
  readonly resolve: (report: ModuleReport) => void;
  readonly reject: (error: Error) => void;
  /** Set once the process was lost with this source in hand. */
  isRetried?: boolean;
}

/** How long an application that was too slow comes after the others, ms. */
const SLOW_MS = 60_000;

/**
 * The order in which sources get to the strip process: as they come, but those of an application that was too slow a short
 * while ago come after all others.
 */
export class StripQueue {
  #jobs: StripJob[] = [];
  /** When an application was too slow, ms since the epoch. */
  readonly #slow = new Map<string, number>();

  push(job: StripJob): void {
    this.#jobs.push(job);
  }

  /** Puts a job before all others. */
  putBack(job: StripJob): void {
    this.#jobs.unshift(job);
  }

  /** Takes the next job; undefined where there is none. */
  next(): StripJob | undefined {
    const first = this.#jobs.findIndex(({ turn }) => !this.#isSlow(turn.application));
    return this.#jobs.splice(Math.max(0, first), 1)[0];
  }

  /** Takes all jobs that `which` returns true for. */
  take(which: (job: StripJob) => boolean): StripJob[] {
    const taken: StripJob[] = [];
    const left: StripJob[] = [];
    for (const job of this.#jobs) (which(job) ? taken : left).push(job);
    this.#jobs = left;
    return taken;
  }

  /** From now on the application's sources come last, for a while. */
  slowDown(application: string): void {
    for (const name of this.#slow.keys()) if (!this.#isSlow(name)) this.#slow.delete(name);
    this.#slow.set(application, performance.now());
  }

  #isSlow(application: string): boolean {
    const since = this.#slow.get(application);
    return since !== undefined && performance.now() - since < SLOW_MS;
  }
}
