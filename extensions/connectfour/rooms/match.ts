/** One match: two seats, a board, turns, and any number of spectators. Lists show who plays, since the room's `meta` says so. */
import { defineRoom, type Room, refuse } from "hotroom";
import * as v from "valibot";
import { type Board, COLUMNS, emptyBoard, isFree, isFull, lineAt, type Mark, otherMark, type Place } from "../lib/board.ts"; // biome-ignore format: one line

/** How long a player who has lost the connection is waited for, ms. */
const PATIENCE = 20_000;

export interface Match {
  board: Board;
  seats: { user: string; name: string; mark: Mark }[];
  /** Whose move it is; null while no game is on. */
  turn: Mark | null;
  /** How the last game ended; null while one is on. */
  end: { winner: Mark | null; reason: string; line: Place[] } | null;
}

/** All see the match whole after each change: it is small, and nobody can have missed a part. */
const show = (room: Room<Match>) => room.broadcast("match", room.state);

function begin(room: Room<Match>, first: Mark) {
  Object.assign(room.state, { board: emptyBoard(), turn: first, end: null });
  show(room);
}

function finish(room: Room<Match>, winner: Mark | null, reason: string, line: Place[] = []) {
  Object.assign(room.state, { turn: null, end: { winner, reason, line } });
  show(room);
}

const seated = (room: Room<Match>) =>
  room.update({ meta: { players: room.state.seats.map(({ name }) => name) } });

export default defineRoom({
  maxUsers: 2,
  state: (): Match => ({ board: emptyBoard(), seats: [], turn: null, end: null }),

  events: {
    join(room, user) {
      const [other] = room.state.seats;
      room.state.seats.push({ user: user.id, name: user.name, mark: other ? otherMark(other.mark) : "red" });
      seated(room);
      if (other) begin(room, "red");
      else show(room);
    },
    watch: (room) => room.state,
    disconnect(room) {
      if (room.state.turn) room.schedule("forfeit", PATIENCE);
    },
    reconnect(room, user) {
      room.send(user, "match", room.state); // a page that was loaded again has heard nothing yet
      if (room.users.every(({ connected }) => connected)) room.cancel("forfeit");
    },
    leave(room, user) {
      room.state.seats = room.state.seats.filter((seat) => seat.user !== user.id);
      seated(room);
      const [left] = room.state.seats;
      if (left && room.state.turn) finish(room, left.mark, `${user.name} left.`);
    },
  },

  timers: {
    forfeit(room) {
      const [here, ...others] = room.state.seats.filter(({ user }) => room.user(user)?.connected);
      if (room.state.turn && others.length === 0)
        finish(room, here?.mark ?? null, "A player did not come back.");
    },
  },

  messages: {
    drop: {
      schema: v.object({ column: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(COLUMNS - 1)) }),
      handle(room, user, { column }) {
        const { board, seats, turn } = room.state;
        const mark = seats.find((seat) => seat.user === user.id)?.mark;
        if (mark === undefined || turn === null) refuse("No game is on.");
        if (turn !== mark) refuse("It is not your turn.");
        if (!isFree(board, column)) refuse("That column is full.");
        board[column]?.push(mark);
        const line = lineAt(board, column);
        if (line) finish(room, mark, `${user.name} has four in a line.`, line);
        else if (isFull(board)) finish(room, null, "The board is full.");
        else {
          room.state.turn = otherMark(mark);
          show(room);
        }
      },
    },
    /** A new game: who lost, or was second, begins. */
    again(room) {
      const { seats, turn, end } = room.state;
      if (turn !== null || seats.length < 2) refuse(turn ? "The game is still on." : "Nobody to play with.");
      begin(room, end?.winner ? otherMark(end.winner) : "red");
    },
  },
});
