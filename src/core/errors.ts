import { formatPosition, type SourcePosition } from "./source_position.ts";

/** An error with a code from `protocol/codes.ts` and a message that may be shown to a client. */
export class HotroomError extends Error {
  override readonly name: string = "HotroomError";
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A version that can't be made or loaded, with the place in its author's source where known. */
export class BuildError extends HotroomError {
  override readonly name = "BuildError";
  constructor(
    message: string,
    readonly position?: SourcePosition,
    /** The author's source line at `position`. */
    readonly sourceLine?: string,
  ) {
    super("build_failed", message);
  }

  /** Returns `rooms/match.ts:12:5: message`, the source line, and a caret under the column. */
  override toString(): string {
    if (!this.position) return this.message;
    const { line, column } = this.position;
    const head = `${formatPosition(this.position)}: ${this.message}`;
    if (this.sourceLine === undefined) return head;
    const gutter = `${line} | `;
    const lead = this.sourceLine.slice(0, column - 1).replace(/[^\t]/g, " ");
    return `${head}\n${gutter}${this.sourceLine}\n${" ".repeat(gutter.length)}${lead}^`;
  }
}

/** Returns the message of what was thrown, for logs and for clients; what is no Error is written as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
