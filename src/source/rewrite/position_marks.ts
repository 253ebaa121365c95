/** A text put into code that makes the engine's compiler note a position. */
export interface PositionMark {
  /** Where it is put in, an offset in the code (UTF-16 units). */
  readonly at: number;
  readonly text: string;
  /** The offset that the positions within it stand for; without it, that of the mark. */
  readonly to?: number;
}

/** A line that is told of an interrupt also where its code was jumped over, and what surely ran. `to` is an offset. */
export interface JumpedLine {
  readonly line: number;
  readonly to: number;
}

/** A position that the engine notes by itself, and the one that it stands for. Offsets. */
export interface PositionAlias {
  readonly at: number;
  readonly to: number;
}

// A blank in front parts a mark from a word, and the engine takes for a token's column that of the last one with a blank in
// front of it.

/** In front of a statement in a list. The compiler drops it, so it costs nothing. */
const STATEMENT = " 0;";
/** In front of a loop, which the compiler keeps: where a loop is interrupted, what stands before its first step is told. */
const LOOP = " null;";
/** Behind the last statement of a list, which may lack its semicolon. */
const LAST_STATEMENT = "; 0;";
/** In front of an expression, which becomes its last part. The position is that of the second 0. */
const EXPRESSION = " 0?0| 0:";
/** Around an expression; the position is that of the last 0, behind it. */
const BEFORE = "1?";
const BEHIND = ":0| 0";
/** In the place of `BEFORE`: true as well, which the compiler does not see, so that the branch stays. */
const BRANCH = "'1'?";

/** Expressions in expressions that have something put around them: the engine's stack for what is nested is small. */
const MAX_DEPTH = 20;

/** The marks of a module, and which line the engine has noted last while they are made in the order of its code. */
export class PositionMarks {
  readonly marks: PositionMark[] = [];
  readonly aliases: PositionAlias[] = [];
  readonly jumped: JumpedLine[] = [];
  /** The line in the function at hand; 0 where it can't be told. */
  line = 0;
  #depth = 0;

  /** `lineAt` tells the line of an offset, from 1. */
  constructor(readonly lineAt: (offset: number) => number) {}

  /** Returns true if what fails at an offset is told at its line. */
  isNoted(at: number): boolean {
    return this.lineAt(at) === this.line;
  }

  statement(at: number): void {
    this.#opening(at, STATEMENT);
  }

  loop(at: number): void {
    this.#opening(at, LOOP);
  }

  /** Code that may be jumped over. An interrupt at the jump is told at what it ends with; `to` has run in any case. */
  optional(to: number, visit: () => void): void {
    visit();
    if (this.line > 0 && !this.isNoted(to)) this.jumped.push({ line: this.line, to });
  }

  expression(at: number): void {
    this.#opening(at, EXPRESSION);
  }

  /** An expression that stands beside an operator. */
  operand({ start, end }: Span, visit: () => void): void {
    if (this.isNoted(start)) return visit();
    this.#opening(start, ` (${EXPRESSION}`);
    visit();
    this.marks.push({ at: end, text: ")" });
  }

  /** A name in an object that is the value as well, as in `{ name }`. */
  shorthand(name: string, at: number): void {
    this.#opening(at, `${name}:${EXPRESSION}`);
  }

  /** What is done with an expression fails at `to`, whatever was noted within. In parentheses, it may stand beside an operator. */
  closing({ start, end }: Span, to: number, isInParentheses: boolean, visit: () => void): void {
    if (this.#depth === MAX_DEPTH) return visit();
    const first = this.marks.length;
    this.#depth++;
    visit();
    this.#depth--;
    if (this.isNoted(to)) return;
    this.marks.splice(first, 0, { at: start, text: isInParentheses ? ` (${BEFORE}` : ` ${BEFORE}` });
    this.marks.push({ at: end, text: isInParentheses ? `${BEHIND})` : BEHIND, to });
    this.line = this.lineAt(to);
  }

  /**
   * An expression that sets a constant, and so throws. The compiler drops what stands behind it up to the next branch, and would tell
   * it at the last line that it has dropped.
   */
  throwing({ start, end }: Span, visit: () => void): void {
    if (this.#depth === MAX_DEPTH) return visit();
    const first = this.marks.length;
    this.#depth++;
    visit();
    this.#depth--;
    this.marks.splice(first, 0, { at: start, text: ` (${BRANCH}` });
    this.marks.push({ at: end, text: `${BEHIND})`, to: start });
    this.line = this.lineAt(start);
  }

  /** A statement that would go on with the line before where a parenthesis was put in front of it. */
  parted(start: number, visit: () => void): void {
    const first = this.marks.length;
    visit();
    const mark = this.marks[first];
    if (mark?.at === start && mark.text.startsWith(" ("))
      this.marks.splice(first, 0, { at: start, text: ";" });
  }

  /** What the engine does at the end of a block fails at `to`. */
  blockEnd(at: number, to: number): void {
    if (this.isNoted(to)) return;
    this.marks.push({ at, text: LAST_STATEMENT, to });
    this.line = this.lineAt(to);
  }

  /** The engine notes a position by itself, which stands for `to`. */
  noted(at: number, to = at): void {
    if (this.lineAt(at) !== this.lineAt(to)) this.aliases.push({ at, to });
    this.line = this.lineAt(to);
  }

  /** Something that has positions of its own, which begin at a line, or nowhere. */
  within(line: number, visit: () => void): void {
    const outer = this.line;
    this.line = line;
    visit();
    this.line = outer;
  }

  #opening(at: number, text: string): void {
    if (this.isNoted(at)) return;
    this.marks.push({ at, text });
    this.line = this.lineAt(at);
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}
