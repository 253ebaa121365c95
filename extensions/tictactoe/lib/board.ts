/**
 * The rules. Nothing here knows of rooms or users, so it can be tested by itself.
 * Edit it in the middle of a game (take out the diagonals, say): the game goes on, with the new rule.
 */

export type Mark = "X" | "O";

/** Nine cells, row by row. */
export type Board = (Mark | "")[];

const lines = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [0, 3, 6],
  [1, 4, 7],
  [2, 5, 8],
  [0, 4, 8],
  [2, 4, 6],
] as const;

export const emptyBoard = (): Board => Array<Mark | "">(9).fill("");

export const otherMark = (mark: Mark): Mark => (mark === "X" ? "O" : "X");

/** The three cells that `mark` has in a line, or undefined. */
export function winningLine(board: Board, mark: Mark): readonly number[] | undefined {
  return lines.find((line) => line.every((cell) => board[cell] === mark));
}

export function isFull(board: Board): boolean {
  return board.every((cell) => cell !== "");
}
