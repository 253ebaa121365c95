import type { Application } from "../application/application.ts";
import { originOfMove } from "../durable/pending_moves.ts";
import { HotroomError, messageOf } from "../errors.ts";
import type { JsonText } from "../ports/event.ts";
import type { Room } from "../room/room.ts";
import { checkMove, type Move } from "./move.ts";
import type { User } from "./user.ts";

/** Moves of one user that may wait for one another; more are not carried out. */
const MOST_MOVES = 100;

/** Where a script wants a user to be. */
export interface Destination {
  readonly room: string;
  /** For the room's `join` handler. */
  readonly data?: JsonText | undefined;
  /** How many emits and moves have led to this one. */
  readonly hops: number;
}

/**
 * Has a user join a room since a script wants it to, without asking for a password or minding a lock; then the user leaves the room
 * `from`, where it comes from one. Where the other room does not let it in all stays as it was, and the log says why; so it does
 * where the user has left `from` by then. Moves of one user come one after another. Resolves when the user is there, or with why it
 * could not be.
 */
export function moveUser(
  application: Application,
  user: User,
  destination: Destination,
  from?: Room,
  /** What is kept of it already, where it was under way when the server ended. */
  kept?: string,
): Promise<unknown> {
  const move: Move = { to: destination.room, from, id: kept ?? keep(application, user, destination, from) };
  if (!from) return carryOut(application, user, destination, move);
  if (user.moves.size >= MOST_MOVES) move.canceled = `${user.moves.size} moves of it wait already.`;
  else user.moves.add(move);
  // Scripts ask for the next move before they hear of the last one: whoever is gone from a room is not moved from it again.
  const before: Promise<unknown> = (!move.canceled && user.moving) || Promise.resolve();
  const moving = before.then(() => carryOut(application, user, destination, move));
  if (!move.canceled) user.moving = moving;
  return moving;
}

/** Keeps that a user is to be in a durable room, or to leave one; returns the id of that. */
function keep(application: Application, { id: user }: User, { room, data, hops }: Destination, from?: Room) {
  const isKept = from?.isDurable || application.rooms.get(room)?.isDurable;
  const move = { user, room, hops, ...(data !== undefined && { data }), ...(from && { from: from.name }) };
  return isKept ? application.durable?.moves.add(move) : undefined;
}

async function carryOut(
  application: Application,
  user: User,
  { room: name, data, hops }: Destination,
  move: Move,
): Promise<unknown> {
  const { from } = move;
  try {
    checkMove(move);
    const room = roomFor(application, name);
    user.moves.add(move);
    await user.enter(async () => {
      await room.ready;
      check(application, user, room, from);
      checkMove(move);
      const joined = () => {
        user.moves.delete(move);
        void from?.leave(user, undefined, { to: room, hops });
        user.send({ event: "joined", room: room.name, welcome: room.welcome(user) });
      };
      const origin = move.id === undefined ? {} : { origin: originOfMove(move.id) };
      await room.join(user, data, joined, { byScript: true, hops, mayStay: () => !move.canceled, ...origin });
      checkMove(move);
    });
    return undefined;
  } catch (error) {
    const what = `${from ? "move" : "join"} user "${user.name}" ${from ? "to" : "with"} room "${name}"`;
    application.limits.note(`Cannot ${what}: ${messageOf(error)}`, from?.name);
    return error;
  } finally {
    user.moves.delete(move);
    if (move.id !== undefined) application.durable?.moves.done(move.id);
  }
}

/** Returns the room of that name. Throws HotroomError where there is none, or nobody can join. */
function roomFor(application: Application, name: string): Room {
  application.limits.breaker.check(`join room "${name}"`);
  const room = application.rooms.get(name);
  if (!room || room.isProvisional) throw new HotroomError("room_not_found", "there is no such room.");
  return room;
}

/** Throws HotroomError where a user can't be in one more room, or is going. */
function check(application: Application, user: User, room: Room, from: Room | undefined): void {
  if (user.removal) throw new HotroomError("not_logged_in", "the user is going.");
  if (user.rooms.has(room)) return;
  const others = user.rooms.size + user.entering.size - (from && user.rooms.has(from) ? 1 : 0);
  if (others >= application.settings.roomsPerUser)
    throw new HotroomError("too_many_rooms", `the user is in ${others} other rooms, the most it may be in.`);
}
