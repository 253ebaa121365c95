import { expect, test } from "bun:test";
import {
  type Board,
  emptyBoard,
  isFull,
  otherMark,
  winningLine,
} from "../../../extensions/tictactoe/lib/board.ts";

/** A board from a picture: `X`, `O`, and `.` for an empty cell. */
const board = (picture: string) => [...picture].map((cell) => (cell === "." ? "" : cell)) as Board;

test.each([
  ["XXX......", [0, 1, 2]],
  ["...XXX...", [3, 4, 5]],
  ["......XXX", [6, 7, 8]],
  ["X..X..X..", [0, 3, 6]],
  [".X..X..X.", [1, 4, 7]],
  ["..X..X..X", [2, 5, 8]],
  ["X...X...X", [0, 4, 8]],
  ["..X.X.X..", [2, 4, 6]],
])("%s is a win", (picture, line) => {
  expect(winningLine(board(picture), "X")).toEqual(line);
  expect(winningLine(board(picture), "O")).toBeUndefined();
});

test.each([".........", "XXOOOXXXO", "XX.......", "X.X.O.X.X"])("%s is no win", (picture) => {
  expect(winningLine(board(picture), "X")).toBeUndefined();
});

test("a board is full when no cell is empty", () => {
  expect(isFull(emptyBoard())).toBe(false);
  expect(isFull(board("XXOOOXXX."))).toBe(false);
  expect(isFull(board("XXOOOXXXO"))).toBe(true);
});

test("each mark has its other", () => {
  expect([otherMark("X"), otherMark("O")]).toEqual(["O", "X"]);
});
