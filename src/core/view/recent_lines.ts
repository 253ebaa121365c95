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

/** Lines that are kept, those of one application in a second, characters of each, and lines that are told of at once. */
const MOST_LINES = 1_000;
const MOST_A_SECOND = 100;
const MOST_CHARACTERS = 2_000;
const MOST_TOLD = 200;

const severity: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** The newest lines of a server's log. */
export class RecentLines {
  /** The oldest first; up to twice as many as are kept, so that few are moved. */
  #lines: ShownLine[] = [];
  #last = 0;
  /** When the second began that is counted, ms of the monotonic clock, and how many lines came in it by application. */
  #since = Number.NEGATIVE_INFINITY;
  readonly #counts = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly out: Log,
  ) {}

  /** Keeps a line, and passes it on. */
  readonly log: Log = (level, text, fields) => {
    // To keep all of a flood would cost what nobody can read.
    if (this.#count(`${fields?.application ?? ""}`) <= MOST_A_SECOND) this.#keep(level, text, fields);
    this.out(level, text, fields);
  };

  /** Counts a line of an application; returns how many that makes in this second. The first line of the next says what was not kept. */
  #count(application: string): number {
    const now = this.clock.monotonic();
    if (now - this.#since >= 1_000) {
      this.#since = now;
      const counts = [...this.#counts];
      this.#counts.clear();
      for (const [name, count] of counts) {
        if (count <= MOST_A_SECOND) continue;
        const text = `${count - MOST_A_SECOND} lines are not shown: more than ${MOST_A_SECOND} came in a second.`;
        this.#keep("warn", text, name === "" ? {} : { application: name });
      }
    }
    const count = (this.#counts.get(application) ?? 0) + 1;
    this.#counts.set(application, count);
    return count;
  }

  #keep(level: LogLevel, text: string, fields: LogFields | undefined): void {
    const id = ++this.#last;
    const at = this.clock.now();
    this.#lines.push({ id, at, level, text: ownExcerpt(text, MOST_CHARACTERS), ...told(fields) });
    if (this.#lines.length >= 2 * MOST_LINES) this.#lines = this.#lines.slice(MOST_LINES);
  }

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
