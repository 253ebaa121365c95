import type { Application } from "../application/application.ts";
import type { Audience } from "../room/audience.ts";
import type { Room } from "../room/room.ts";
import type { User } from "./user.ts";

/** Users whose turn to be shown has not come. */
const waiting = new WeakSet<User>();

/** Returns the rooms that a user is in or watches. */
export function roomsOf(user: User): ReadonlySet<Room> {
  return user.rooms.union(user.watched);
}

/** Returns all audiences that a user is part of. */
export function audiencesOf(application: Application, user: User): Audience[] {
  return [application.audience, ...Array.from(roomsOf(user), ({ audience }) => audience)];
}

/** Returns how many frames it causes that the members of a user's rooms are told something of it. */
export function framesAbout({ rooms }: User): number {
  let frames = 1;
  for (const { audience } of rooms) frames += audience.size;
  return frames;
}

/**
 * Tells the members of a user's rooms that it is away, or back, when there is a turn for so many frames: where thousands lose their
 * connections at once, who is back by then was never away.
 */
export function showPresence(application: Application, user: User): void {
  if (waiting.has(user) || user.isShownConnected === user.isConnected) return;
  const turn = application.departures.turn(framesAbout(user));
  if (!turn) return show(user);
  waiting.add(user);
  void turn.then(() => {
    waiting.delete(user);
    if (!user.removal) show(user);
  });
}

function show(user: User): void {
  if (user.isShownConnected === user.isConnected) return;
  user.isShownConnected = user.isConnected;
  for (const room of user.rooms) room.showPresence(user);
}
