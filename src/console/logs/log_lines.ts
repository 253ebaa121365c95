import { signal } from "@preact/signals";
import type { SourcePosition } from "../../core/source_position.ts";
import { type AskError, api } from "../server/ask.ts";
import { follow } from "../server/stream.ts";

/** A line that a script or the server has logged about an application. */
export interface LogLine {
  readonly id: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly level: string;
  readonly text: string;
  readonly room?: string;
  readonly version?: string;
  readonly position?: SourcePosition;
}

/** Lines that the page keeps. */
const MOST_LINES = 1000;

/** The log of an application while somebody looks at it. */
export class LogLines {
  readonly lines = signal<readonly LogLine[]>([]);
  /** Lines that came faster than they could be told. */
  readonly dropped = signal(0);
  readonly problem = signal("");
  readonly #end: () => void;
  /** Number of the last line that was told. */
  #last = 0;

  constructor(application: string, level: string) {
    this.#end = follow(
      () => `${api(application, "live")}?rooms=0&logs=${this.#last}&level=${encodeURIComponent(level)}`,
      { logs: (event: { lines: LogLine[]; dropped?: number }) => this.#take(event) },
      ({ message }: AskError) => {
        this.problem.value = message;
      },
    );
  }

  close(): void {
    this.#end();
  }

  #take({ lines, dropped = 0 }: { lines: LogLine[]; dropped?: number }): void {
    this.problem.value = "";
    this.dropped.value += dropped;
    // None comes twice, and a server that was started again begins anew with its numbers.
    this.#last = lines.at(-1)?.id ?? this.#last;
    this.lines.value = [...this.lines.value, ...lines].slice(-MOST_LINES);
  }
}
