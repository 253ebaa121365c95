import { PerApplication } from "../../../core/application/per_application.ts";
import type { Limits } from "../../../core/application/settings.ts";
import { CrashCount } from "./crash_count.ts";

/** Crashes of one application's scripts in a minute from which on each closes the script that it comes from. */
const MOST_APPLICATION_CRASHES = 6;
/** CPU time that all replays may take before more snapshots are worth their price, ms for each host. */
const LONG_REPLAYS_MS = 25;

/**
 * How many times as much one script may hold as is left for the others: it takes three quarters of what its application may hold,
 * two of a kind take three sevenths each, and something is always left (Choudhury and Hahne's dynamic thresholds, 1998).
 */
const MOST_OF_FREE = 3;

/** What the server keeps for all scripts of all applications. */
export class AllScripts {
  readonly #applications = new PerApplication(() => new ApplicationScripts(this));
  #replayMs = 0;

  /** For scripts that are spread over `hosts` script hosts. */
  constructor(private readonly hosts: number) {}

  /** Whether scripts would wait long for one another if their host died. */
  get isSlowToReplay(): boolean {
    return this.#replayMs > LONG_REPLAYS_MS * this.hosts;
  }

  /** Adds to the CPU time that all replays would take, ms. */
  addReplay(ms: number): void {
    this.#replayMs += ms;
  }

  /** Returns what the scripts of one application have in common. */
  of(application: string): ApplicationScripts {
    return this.#applications.of(application);
  }
}

/** What the scripts of one application have in common, whichever hosts they are on: their crashes, and the bytes kept for them. */
export class ApplicationScripts {
  readonly crashes = new CrashCount(undefined, MOST_APPLICATION_CRASHES);
  /** Bytes that the server keeps for them: events that wait, journals, snapshots. */
  #held = 0;

  constructor(private readonly all: AllScripts) {}

  /** Whether scripts of the server would wait long for one another if their host died. */
  get isSlowToReplay(): boolean {
    return this.all.isSlowToReplay;
  }

  /** Returns how many bytes more may be kept. */
  room({ held }: Limits): number {
    return held - this.#held;
  }

  /** Returns true if a script may hold `bytes` in all, `more` of which are not counted yet. */
  allows(limits: Limits, bytes: number, more: number): boolean {
    return more <= 0 || bytes <= (this.room(limits) - more) * MOST_OF_FREE;
  }

  /** Returns the account of one thing that is kept, at first of 0 bytes. */
  hold(): HeldBytes {
    return new HeldBytes((bytes, replayMs) => {
      this.#held += bytes;
      this.all.addReplay(replayMs);
    });
  }
}

/** What the server keeps for one script, as its application counts it. */
export class HeldBytes {
  #bytes = 0;
  #replayMs = 0;

  constructor(private readonly add: (bytes: number, replayMs: number) => void) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Sets how many bytes are kept, and the CPU time that a replay of them takes, ms. */
  set(bytes: number, replayMs = 0): void {
    this.add(bytes - this.#bytes, replayMs - this.#replayMs);
    this.#bytes = bytes;
    this.#replayMs = replayMs;
  }
}
