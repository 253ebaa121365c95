import { signal } from "@preact/signals";
import { cut } from "../parts/words.ts";

/** Frames that a log keeps. */
const MOST_FRAMES = 300;
/** Longest text of a frame that is kept, characters. */
const MAX_TEXT = 64 * 1024;

/** One frame as it went over the wire, or a word of the console's own between them. */
export interface LoggedFrame {
  readonly id: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly direction: "in" | "out" | "note";
  readonly text: string;
  /** What is in it: `event`, `type`, `room`, `seq`; undefined where it is none. */
  readonly frame: Readonly<Record<string, unknown>> | undefined;
}

/** What a player has sent and received, newest last. */
export class FrameLog {
  readonly lines = signal<readonly LoggedFrame[]>([]);
  /** How many there were in all. */
  count = 0;
  #waiting: LoggedFrame[] = [];

  /** Adds a frame; those of one turn are drawn at once. */
  add(direction: LoggedFrame["direction"], text: string): void {
    this.#waiting.push({
      id: ++this.count,
      at: Date.now(),
      direction,
      text: cut(text, MAX_TEXT),
      frame: direction === "note" ? undefined : frameOf(text),
    });
    if (this.#waiting.length > MOST_FRAMES) this.#waiting.splice(0, this.#waiting.length - MOST_FRAMES);
    if (this.#waiting.length === 1) requestAnimationFrame(() => this.#flush());
  }

  clear(): void {
    this.#waiting = [];
    this.lines.value = [];
  }

  #flush(): void {
    this.lines.value = [...this.lines.value, ...this.#waiting].slice(-MOST_FRAMES);
    this.#waiting = [];
  }
}

/** Reads a frame, without the secrets that are in it. */
function frameOf(text: string): Record<string, unknown> | undefined {
  try {
    const frame = JSON.parse(text.slice(0, MAX_TEXT)) as Record<string, unknown>;
    return typeof frame === "object" && frame !== null ? frame : undefined;
  } catch {
    return undefined;
  }
}

/** Hides the session's secret, and passwords, in a frame's text. */
export function withoutSecrets(text: string): string {
  return text.replace(/"(session|password)":"(?:[^"\\]|\\.)*"/g, '"$1":"…"');
}
