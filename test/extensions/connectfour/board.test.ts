import { expect, test } from "bun:test";
import {
  type Board,
  COLUMNS,
  emptyBoard,
  isFree,
  isFull,
  lineAt,
  ROWS,
} from "../../../extensions/connectfour/lib/board.ts";

/** A board after discs were dropped into columns by turns, red first. */
function after(...columns: number[]): Board {
  const board = emptyBoard();
  for (const [turn, column] of columns.entries()) board[column]?.push(turn % 2 ? "yellow" : "red");
  return board;
}

test.each([
  ["upright", [0, 1, 0, 1, 0, 1, 0], 0, 4],
  ["level, closed in the middle", [0, 0, 1, 1, 3, 3, 2], 2, 4],
  ["rising", [0, 1, 1, 2, 2, 3, 2, 3, 3, 5, 3], 3, 4],
  ["falling", [6, 5, 5, 4, 4, 3, 4, 3, 3, 1, 3], 3, 4],
  ["five of them", [0, 0, 1, 1, 3, 3, 4, 4, 2], 2, 5],
])("four in a line: %s", (_, columns, last, length) => {
  const board = after(...columns);
  expect(lineAt(board, last)).toHaveLength(length);
});

test("three are no line, nor are four of two colours", () => {
  expect(lineAt(after(0, 1, 0, 1, 0), 0)).toBeUndefined();
  expect(lineAt(after(0, 1, 2, 3), 3)).toBeUndefined();
  expect(lineAt(emptyBoard(), 3)).toBeUndefined();
});

test("a column takes six, and a board seven columns", () => {
  const board = emptyBoard();
  for (let column = 0; column < COLUMNS; column++)
    for (let row = 0; row < ROWS; row++) {
      expect([isFree(board, column), isFull(board)]).toEqual([true, false]);
      board[column]?.push(row % 2 ? "red" : "yellow");
    }
  expect([isFree(board, 0), isFree(board, COLUMNS), isFull(board)]).toEqual([false, false, true]);
});
