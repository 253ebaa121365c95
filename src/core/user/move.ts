import { HotroomError } from "../errors.ts";
import type { Room } from "../room/room.ts";

/** A user's way to another room, until it is there or does not get there. */
export interface Move {
  /** Name of the room that it is to join. */
  readonly to: string;
  /** The room that it leaves for that. */
  readonly from: Room | undefined;
  /** Id by which it is kept, where it is. */
  readonly id?: string | undefined;
  /** Why it is not to happen any more, where that is so. */
  canceled?: string;
}

/** Cancels those of a user's moves that begin in a room that it has left. */
export function cancelMovesFrom(room: Room, moves: Iterable<Move>): void {
  for (const move of moves)
    if (move.from === room) move.canceled = `the user is not in room "${room.name}" any more.`;
}

/** Cancels those of a user's moves that lead to a room that it is put out of. */
export function cancelMovesTo(room: Room, moves: Iterable<Move>): void {
  for (const move of moves) if (move.to === room.name) move.canceled = "the user was kicked.";
}

/** Throws HotroomError where the move is not to happen any more. */
export function checkMove({ canceled }: Move): void {
  if (canceled) throw new HotroomError("not_in_room", canceled);
}
