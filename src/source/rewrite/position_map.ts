import { Buffer } from "node:buffer";
import type { LineTable } from "./line_table.ts";
import type { JumpedLine, PositionAlias, PositionMark, PositionMarks } from "./position_marks.ts";

/** Letters that take more bytes than UTF-16 units, as many as there are side by side, with more behind them in their line. */
const wide = /[^\0-\x7f]+(?=[^\S\n]*\S)/g;

type Event = { readonly at: number } & (
  | { readonly kind: "mark"; readonly mark: PositionMark }
  | { readonly kind: "alias"; readonly to: number }
  | { readonly kind: "wide"; readonly extra: number }
);

/**
 * Where in the code without marks a position lies that the engine tells of the code with them: `;line` for each line on which
 * that differs, then steps. `,5+7` says: from column 5 on, count from column 7; `,5=7` says: from column 5 on it is column 7;
 * and `,5@3:7` that it is column 7 of line 3. The step with the last column that is not behind the position counts. The engine's
 * columns are bytes, and on the first line one less. Behind these, `!9@3:7` says what is told of an interrupt at line 9.
 */
export function positionMap(lines: LineTable, { marks, aliases, jumped }: PositionMarks): string {
  let map = "";
  let line = 0;
  let extra = 0;
  /** First column of the engine's that has no step yet. */
  let free = 0;
  for (const event of inOrder(lines.text, marks, aliases)) {
    const { at } = event;
    const column = lines.column(at);
    if (lines.line(at) !== line) {
      line = lines.line(at);
      extra = line === 1 ? -1 : 0;
      free = 0;
      map += line === 1 ? ";1,2+3" : `;${line}`;
    }
    const raw = Math.max(column + extra, free);
    if (event.kind === "alias") {
      map += `,${raw}@${place(lines, event.to)},${raw + 2}+${column + 2}`;
      free = raw + 2;
      continue;
    }
    if (event.kind === "mark") {
      const { text, to = at } = event.mark;
      map += `,${raw}${lines.line(to) === line ? `=${lines.column(to)}` : `@${place(lines, to)}`}`;
      extra += Buffer.byteLength(text);
    } else {
      extra += event.extra;
    }
    map += `,${column + extra}+${column}`;
  }
  return map + jumps(lines, jumped);
}

function jumps(lines: LineTable, jumped: readonly JumpedLine[]): string {
  // What encloses the others comes after them, and has run where they may not have.
  const places = new Map(jumped.map(({ line, to }) => [line, place(lines, to)]));
  return Array.from(places, ([line, to]) => `!${line}@${to}`).join("");
}

function place(lines: LineTable, offset: number): string {
  return `${lines.line(offset)}:${lines.column(offset)}`;
}

function inOrder(
  code: string,
  marks: readonly PositionMark[],
  aliases: readonly PositionAlias[],
): readonly Event[] {
  const events: Event[] = [
    ...aliases.map(({ at, to }): Event => ({ kind: "alias", at, to })),
    ...marks.map((mark): Event => ({ kind: "mark", at: mark.at, mark })),
  ];
  for (const { 0: text, index } of code.matchAll(wide)) {
    events.push({ kind: "wide", at: index + text.length, extra: Buffer.byteLength(text) - text.length });
  }
  return events.sort((a, b) => a.at - b.at);
}
