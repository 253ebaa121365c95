/**
 * One match: two seats, a board, turns. The player who is left alone wins, and whoever comes next starts a new game.
 */
import { defineRoom, type Room, refuse } from "hotroom";
import * as v from "valibot";
import { type Board, emptyBoard, isFull, type Mark, otherMark, winningLine } from "../lib/board.ts";

/** How long a player who has lost the connection is waited for, ms. */
const PATIENCE = 20_000;

interface Seat {
  user: string;
  name: string;
  mark: Mark;
  wantsRematch: boolean;
}

interface Match {
  board: Board;
  seats: Seat[];
  /** Whose move it is; null while no game is on. */
  turn: Mark | null;
  /** Who began the last game; the other one begins the next. */
  first: Mark;
}

function start(room: Room<Match>) {
  const match = room.state;
  match.board = emptyBoard();
  match.first = otherMark(match.first);
  match.turn = match.first;
  for (const seat of match.seats) seat.wantsRematch = false;
  room.broadcast("started", { seats: shown(room).seats, turn: match.turn });
}

/** What a page shows of a match. */
function shown({ state: { board, turn, seats } }: Room<Match>) {
  return { board, turn, seats: seats.map(({ name, mark }) => ({ name, mark })) };
}

function finish(room: Room<Match>, winner: Mark | null, reason: string, line: readonly number[] = []) {
  room.state.turn = null;
  room.broadcast("over", { winner, reason, line });
}

/** The seat of a user; every member has one, since join() gives it. */
function seatOf(room: Room<Match>, user: { id: string }): Seat {
  const seat = room.state.seats.find((seat) => seat.user === user.id);
  return seat ?? refuse("You have no seat in this match.");
}

export default defineRoom({
  // The server keeps this limit, also when fifty clients join at once.
  maxUsers: 2,

  state: (): Match => ({ board: emptyBoard(), seats: [], turn: null, first: "O" }),

  events: {
    join(room, user) {
      const { seats } = room.state;
      const mark = seats[0] ? otherMark(seats[0].mark) : "X";
      seats.push({ user: user.id, name: user.name, mark, wantsRematch: false });
      room.send(user, "seated", { mark });
      if (seats.length === 2) start(room);
    },

    // Spectators may come and go; they are told how the match stands.
    watch: shown,

    // A lost connection may come back: the match waits, but not for ever.
    disconnect(room, user) {
      if (!room.state.turn) return;
      room.broadcast("waiting", { for: user.name, ms: PATIENCE });
      room.schedule("forfeit", PATIENCE);
    },
    reconnect(room, user) {
      if (room.users.every(({ connected }) => connected)) room.cancel("forfeit");
      room.broadcast("back", { name: user.name });
    },

    // A closed browser arrives here too, at the latest when its time to come back is over.
    leave(room, user) {
      room.state.seats = room.state.seats.filter((seat) => seat.user !== user.id);
      const [left] = room.state.seats;
      if (left && room.state.turn) finish(room, left.mark, `${user.name} left.`);
    },
  },

  timers: {
    forfeit(room) {
      const here = room.state.seats.filter(({ user }) => room.user(user)?.connected);
      if (!room.state.turn || here.length === room.state.seats.length) return;
      finish(room, here[0]?.mark ?? null, "A player did not come back.");
    },
  },

  messages: {
    move: {
      schema: v.object({ cell: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8)) }),
      handle(room, user, { cell }) {
        const match = room.state;
        const { mark } = seatOf(room, user);
        if (match.turn === null) refuse("No game is on.");
        if (match.turn !== mark) refuse("It is not your turn.");
        if (match.board[cell] !== "") refuse("That cell is taken.");

        match.board[cell] = mark;
        // Edit this line and watch: with `mark` in the place of otherMark(mark) who has moved goes on, in the game that is on.
        match.turn = otherMark(mark);
        room.broadcast("moved", { cell, mark, turn: match.turn });

        const line = winningLine(match.board, mark);
        if (line) finish(room, mark, `${user.name} has three in a line.`, line);
        else if (isFull(match.board)) finish(room, null, "The board is full.");
        return { board: match.board, turn: match.turn };
      },
    },

    /** A new game starts when both have asked for one. */
    rematch(room, user) {
      const { seats, turn } = room.state;
      if (turn !== null) refuse("The game is still on.");
      seatOf(room, user).wantsRematch = true;
      if (seats.length === 2 && seats.every((seat) => seat.wantsRematch)) start(room);
      else room.broadcast("rematch", { by: user.name }, { except: user });
    },

    board: shown,
  },
});
