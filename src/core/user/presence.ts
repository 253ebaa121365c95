import type { Application } from "../application/application.ts";
import type { ScriptEvent } from "../ports/event.ts";
import type { Audience } from "../room/audience.ts";
import type { Room } from "../room/room.ts";
import type { User } from "./user.ts";

/** Users whose turn to be shown has not come. */
const waiting = new WeakSet<User>();

/** Returns the rooms that a user is in or watches. */
export function roomsOf(user: User): ReadonlySet<Room> {
  return user.watched.size === 0 ? user.rooms : user.rooms.union(user.watched);
}

/** Returns all audiences that a user is part of. */
export function audiencesOf(application: Application, user: User): Audience[] {
  const list = application.publicRooms.followedBy(user);
  const all = list ? [application.audience, list] : [application.audience];
  return [...all, ...Array.from(roomsOf(user), ({ audience }) => audience)];
}

/** Tells the scripts of a user's rooms, and the application's, that its connection is gone, or that it is back. */
export function tellScripts(application: Application, user: User, kind: "disconnect" | "reconnect"): void {
  const event = (): ScriptEvent => ({ kind, connection: user.connection.id, user: user.id });
  // Who is being removed leaves its rooms anyway.
  const rooms = user.removal ? [] : [...user.rooms];
  let left = rooms.length + (application.extension ? 1 : 0);
  if (left === 0) return;
  user.unheard++;
  const after = () => {
    if (--left === 0) user.unheard--;
  };
  for (const room of rooms) room.extension.dispatch(event(), { after });
  application.dispatch(event(), { after });
}

/** Returns how many frames, and events of rooms that nobody is told of, it causes that a user comes or goes. */
export function framesAbout({ rooms, watched }: User): number {
  let frames = 1 + watched.size;
  for (const { audience } of rooms) frames += audience.live;
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
  for (const room of user.rooms) showIn(room, user);
}

function showIn(room: Room, user: User): void {
  const event = user.isShownConnected ? "reconnect" : "disconnect";
  room.list.changed();
  room.audience.send({ event, room: room.name, user: user.data }, new Set([user]));
}

/** Tells of a new member what its room was not told while it was none; the room's script takes it for `isConnected`. */
export function catchUpWith(room: Room, user: User, isConnected: boolean): void {
  if (!user.isShownConnected) showIn(room, user);
  if (user.isConnected === isConnected) return;
  const kind = user.isConnected ? "reconnect" : "disconnect";
  room.extension.dispatch({ kind, connection: user.connection.id, user: user.id });
}
