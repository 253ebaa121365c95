import { ownExcerpt } from "../excerpt.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log, LogFields, LogLevel } from "../ports/log.ts";
import type { SourcePosition } from "../source_position.ts";

/** A line of the log as it is shown. */
export interface ShownLine {
  /** Grows by one from line to line of the server. */
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly level: LogLevel;
  readonly text: string;
  readonly application?: string;
  readonly room?: string;
  readonly version?: string;
  readonly position?: SourcePosition;
}

/** Which lines somebody looks at. */
export interface LineQuery {
  readonly application: string;
  readonly level: LogLevel;
  readonly room?: string;
}

/** Lines that are kept, characters of each, and lines that are told of at once. */
const MOST_LINES = 5_000;
const MOST_CHARACTERS = 2_000;
const MOST_TOLD = 200;

const severity: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** The newest lines of a server's log. */
export class RecentLines {
  /** The oldest first; up to twice as many as are kept, so that few are moved. */
  #lines: ShownLine[] = [];
  #last = 0;

  constructor(
    private readonly clock: Clock,
    private readonly out: Log,
  ) {}

  /** Keeps a line, and passes it on. */
  readonly log: Log = (level, text, fields) => {
    const id = ++this.#last;
    this.#lines.push({
      id,
      at: this.clock.now(),
      level,
      text: ownExcerpt(text, MOST_CHARACTERS),
      ...told(fields),
    });
    if (this.#lines.length >= 2 * MOST_LINES) this.#lines = this.#lines.slice(MOST_LINES);
    this.out(level, text, fields);
  };

  /**
   * Returns the newest of the lines behind that of the number `known` that fit, oldest first, how many there were beside them, and the number to
   * ask with next.
   */
  after(known: number, query: LineQuery): { lines: readonly ShownLine[]; dropped: number; last: number } {
    const first = this.#lines[0]?.id ?? this.#last + 1;
    // A number that is not given yet is from before the server was started again.
    const from = known > this.#last ? 0 : known;
    const fitting = this.#lines.slice(Math.max(0, from + 1 - first)).filter((line) => fits(line, query));
    const lines = fitting.slice(-MOST_TOLD);
    return { lines, dropped: fitting.length - lines.length, last: this.#last };
  }
}

function fits(line: ShownLine, { application, level, room }: LineQuery): boolean {
  if (line.application !== application || severity[line.level] < severity[level]) return false;
  return room === undefined || line.room === room;
}

function told({ application, room, version, position }: LogFields = {}) {
  return {
    ...(application !== undefined && { application }),
    ...(room !== undefined && { room }),
    ...(version !== undefined && { version }),
    ...(isPosition(position) && { position }),
  };
}

function isPosition(value: unknown): value is SourcePosition {
  return typeof value === "object" && value !== null && "file" in value;
}
