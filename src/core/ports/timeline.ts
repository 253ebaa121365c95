import type { Version } from "./build.ts";
import type { JsonText, ScriptEvent, UserView } from "./event.ts";
import type { Outcome } from "./outcome.ts";

/** What an event of a journal came to; `foreign`: another version answered it, and it was run again. */
export type EventStatus = "ok" | "refused" | "no_handler" | "failed" | "foreign";

/** An event that a script has answered. */
export interface JournaledEvent {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly event: ScriptEvent;
  readonly status: EventStatus;
}

/** Which events are to be run again, and in what. */
export interface RetraceRequest {
  /** The version that runs them; the one that the script runs where it is absent. */
  readonly version?: Version;
  /** So many of the newest are looked at one by one. */
  readonly steps: number;
  /** UTF-16 units of the states that may be read meanwhile: fewer are looked at where that is not enough. */
  readonly units: number;
  /** CPU time that it may take, ms, and no more than one event and a snapshot besides. */
  readonly cpu: number;
  /**
   * Whether they are run with another chance, at another time and among other ticks: what comes out the same depends on none of these. Only
   * where the timeline is whole.
   */
  readonly isOtherwise?: boolean;
}

/** What an event came to when it was run again. */
export interface RetracedStep {
  readonly seq: number;
  readonly outcome: Outcome;
  /** JSON of the state behind it; absent where it can't be written. */
  readonly state?: JsonText;
}

/** What events came to. */
export interface Retrace {
  /** JSON of the state before the first step. */
  readonly before: JsonText;
  readonly steps: readonly RetracedStep[];
  /** Why there are not as many steps as were asked for; absent where there are. */
  readonly cut?: string;
}

/** Returns the JSON of the state behind the last step. */
export function lastStateOf({ before, steps }: Retrace): JsonText {
  return steps.findLast(({ state }) => state !== undefined)?.state ?? before;
}

/** What a script has come by to where it is at one moment, as far as that is kept. */
export interface Timeline {
  /** Name of the version that it runs. */
  readonly version: string;
  /** Whether it begins with the script's first event; if not, with a snapshot. */
  readonly isWhole: boolean;
  /** CPU time that it takes to run the events again, ms. */
  readonly cost: number;
  /** Who was known when it begins. */
  readonly users: readonly UserView[];
  /** Oldest first. */
  readonly events: readonly JournaledEvent[];
  /**
   * Runs the events again on a copy, in a sandbox of its own; nothing of it reaches anybody. Rejects with HotroomError `replay_failed`.
   */
  retrace(request: RetraceRequest): Promise<Retrace>;
}
