/** The rules of connect four. The page imports this file too: what it shows and what the server allows is one text. */

export type Mark = "red" | "yellow";
/** Seven columns, each with the discs that lie in it, from the bottom. */
export type Board = Mark[][];
export type Place = [column: number, row: number];

export const COLUMNS = 7;
export const ROWS = 6;
const directions = [[1, 0], [0, 1], [1, 1], [1, -1]] as const; // biome-ignore format: a table

export const emptyBoard = (): Board => Array.from({ length: COLUMNS }, () => []);
export const otherMark = (mark: Mark): Mark => (mark === "red" ? "yellow" : "red");
export const isFree = (board: Board, column: number): boolean => (board[column]?.length ?? ROWS) < ROWS;
export const isFull = (board: Board): boolean => board.every((_, column) => !isFree(board, column));

/** The four or more in a line that the top disc of a column is part of; undefined where there is no such line. */
export function lineAt(board: Board, column: number): Place[] | undefined {
  const row = (board[column]?.length ?? 0) - 1;
  const mark = board[column]?.[row];
  // What is not there is like all else that is not, without end.
  if (mark === undefined) return undefined;
  for (const [dx, dy] of directions) {
    const line: Place[] = [[column, row]];
    for (const way of [1, -1])
      for (let n = way; board[column + n * dx]?.[row + n * dy] === mark; n += way)
        line.push([column + n * dx, row + n * dy]);
    if (line.length >= 4) return line;
  }
  return undefined;
}
