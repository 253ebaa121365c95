import { excerptAround } from "./excerpt.ts";
import type { JsonText } from "./ports/event.ts";
import type { ScriptFailure } from "./ports/outcome.ts";
import { formatPosition, lineAt, positionAt, type SourcePosition } from "./source_position.ts";

/** An error with a code from `protocol/codes.ts` and a message that may be shown to a client. */
export class HotroomError extends Error {
  override readonly name: string = "HotroomError";
  /** What a script has added to its refusal, for the client. */
  readonly data: JsonText | undefined;

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions & { data?: JsonText },
  ) {
    super(message, options);
    this.data = options?.data;
  }
}

/** Returns what a client is told of a failure; `refused` is the code where the script said no to what was asked for. */
export function errorOf({ code, message, data }: ScriptFailure, refused = "refused"): HotroomError {
  return new HotroomError(code === "refused" ? refused : code, message, { data });
}

/** Returns the error that says that what was to be done has not happened, since it can't be kept. */
export function notSaved(doing: string): HotroomError {
  return new HotroomError("not_saved", `Cannot ${doing}: it can't be saved.`);
}

/** Code of what can't be done with a script since its state can't be written, which is no fault of the version that it was to go to. */
const NOT_WRITTEN = "state_not_written";

/** Returns the error that says that the state of a script can't be written. */
export function notWritten(message: string): HotroomError {
  return new HotroomError(NOT_WRITTEN, message);
}

/** Returns true if an error says that the state of a script can't be written. */
export function isNotWritten(error: unknown): boolean {
  return error instanceof HotroomError && error.code === NOT_WRITTEN;
}

/** What is shown of an error of a build. */
export interface FailureView {
  readonly message: string;
  readonly position?: SourcePosition;
  /** The author's source line at `position`; of a long one, what is around the column. */
  readonly sourceLine?: string;
  /** The column of `position` in `sourceLine`, 1-based, where the line was cut. */
  readonly sourceColumn?: number;
}

/** A version that can't be made or loaded, with the place in its author's source where known. */
export class BuildError extends HotroomError {
  override readonly name = "BuildError";
  /** The author's source line at `position`; of a long one, what is around the column. */
  readonly sourceLine?: string;
  /** The column of `position` in `sourceLine`, 1-based, where the line was cut. */
  readonly sourceColumn?: number;

  constructor(
    message: string,
    readonly position?: SourcePosition,
    /** The whole line. */
    line?: string,
  ) {
    super("build_failed", message);
    if (!position || line === undefined) return;
    const { text, column } = excerptAround(line, position.column);
    this.sourceLine = text;
    if (text !== line) this.sourceColumn = column;
  }

  /** Returns an error as one of a build, whatever it is. */
  static of(error: unknown): BuildError {
    return error instanceof BuildError ? error : new BuildError(messageOf(error));
  }

  /** Returns an error at an offset of a source, UTF-16 units. */
  static at(file: string, source: string, offset: number, message: string): BuildError {
    const position = positionAt(file, source, offset);
    return new BuildError(message, position, lineAt(source, position.line));
  }

  /** What is shown of it. */
  get view(): FailureView {
    const { message, position, sourceLine, sourceColumn } = this;
    return {
      message,
      ...(position && { position }),
      ...(sourceLine !== undefined && { sourceLine }),
      ...(sourceColumn !== undefined && { sourceColumn }),
    };
  }

  /** Returns `rooms/match.ts:12:5: message`, the source line, and a caret under the column. */
  override toString(): string {
    if (!this.position) return this.message;
    const { line, column } = this.position;
    const head = `${formatPosition(this.position)}: ${this.message}`;
    if (this.sourceLine === undefined) return head;
    const gutter = `${line} | `;
    const lead = this.sourceLine.slice(0, (this.sourceColumn ?? column) - 1).replace(/[^\t]/g, " ");
    return `${head}\n${gutter}${this.sourceLine}\n${" ".repeat(gutter.length)}${lead}^`;
  }
}

/** Returns the message of what was thrown, for logs and for clients; what is no Error is written as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
