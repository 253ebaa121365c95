import type { SourcePosition } from "../source_position.ts";

/** What a version came to in a rehearsal with one script. */
export interface RehearsalResult {
  /** Events that were run again. */
  readonly events: number;
  /** What fails in the new version and did not in the old one. */
  readonly errors: readonly RehearsalError[];
  /** The state as it is, and the state that the new version comes to; absent where it comes to none. */
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
