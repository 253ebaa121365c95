import type { RehearsalError } from "../ports/rehearsal.ts";
import { formatPosition } from "../source_position.ts";
import type { Difference } from "./difference.ts";

/** Rooms whose errors a summary quotes. */
const SUMMARY_ROOMS = 3;

/** What a rehearsal has shown of one room, or of the application's extension (`room` is null). */
export interface RehearsedRoom {
  readonly room: string | null;
  /** Name of the version that the room runs. */
  readonly version: string;
  /** Events that were run again. */
  readonly events: number;
  readonly errors: readonly RehearsalError[];
  /** Between the state as it is and what the version makes of it: the first differences, and how many there are. */
  readonly differences: readonly Difference[];
  readonly differenceCount: number;
}

/** A room (null: the application's extension) whose state can't be written: it would not move. */
export interface StuckRoom {
  readonly room: string | null;
  readonly reason: string;
}

/** What would happen if a version went live now. */
export interface RehearsalReport {
  readonly application: string;
  /** Name of the version that was tried. */
  readonly version: string;
  /** When, ms since the epoch. */
  readonly at: number;
  /** Rooms (and extension) that were tried, and events that were run again in them. */
  readonly tried: number;
  readonly events: number;
  /** How many of them had errors, or a difference in state. */
  readonly failed: number;
  readonly changed: number;
  /** Those with errors first, then those with differences; the first ones. */
  readonly rooms: readonly RehearsedRoom[];
  /** Those that could not be tried; the first ones. */
  readonly stuck: readonly StuckRoom[];
}

/** Returns the errors of a report in words, for the log: the first error of a few rooms. */
export function summaryOf({ failed, rooms }: RehearsalReport): string {
  const shown = rooms.slice(0, SUMMARY_ROOMS).map(({ room, errors: [error] }) => {
    const place = error?.position ? ` (${formatPosition(error.position)})` : "";
    return `${room ?? "the extension"}: ${error?.event}: ${error?.message}${place}`;
  });
  return `${shown.join("; ")}${failed > shown.length ? `; and ${failed - shown.length} more` : ""}`;
}
