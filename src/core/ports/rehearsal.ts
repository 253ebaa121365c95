import type { SourcePosition } from "../source_position.ts";

/** What a rehearsal of a version with a copy of one script has shown. */
export interface RehearsalResult {
  /** Events that were run again. */
  readonly events: number;
  /** What fails in the new version and did not fail in the old one. */
  readonly errors: readonly RehearsalError[];
  /** The state as it is, and the state that the new version makes of it; absent where it makes none. */
  readonly before: unknown;
  readonly after?: unknown;
}

/** One thing that failed in a rehearsal. */
export interface RehearsalError {
  /** `migrate`, or the event: `message "move"`. */
  readonly event: string;
  readonly message: string;
  readonly position?: SourcePosition;
}
