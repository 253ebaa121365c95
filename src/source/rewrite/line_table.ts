/** The lines of a text, for its offsets in UTF-16 units; lines and columns count from 1. */
export class LineTable {
  readonly #starts = [0];
  /** The line that was asked for last: most questions follow the text. */
  #last = 1;

  constructor(readonly text: string) {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  line(offset: number): number {
    if (!this.#isIn(this.#last, offset) && !this.#isIn(++this.#last, offset)) {
      let low = 0;
      let high = this.#starts.length;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if ((this.#starts[middle] as number) <= offset) low = middle;
        else high = middle;
      }
      this.#last = low + 1;
    }
    return this.#last;
  }

  column(offset: number): number {
    return offset - (this.#starts[this.line(offset) - 1] as number) + 1;
  }

  #isIn(line: number, offset: number): boolean {
    const start = this.#starts[line - 1];
    return (
      start !== undefined && start <= offset && offset < (this.#starts[line] ?? Number.POSITIVE_INFINITY)
    );
  }
}
