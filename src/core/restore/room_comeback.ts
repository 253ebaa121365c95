import { moveOf, type PendingMove } from "../durable/pending_moves.ts";
import type { Comeback, Hearing } from "../extension/durable_extension.ts";
import type { JsonText, ScriptEvent } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { Room } from "../room/room.ts";
import type { KeptPlace } from "./kept_application.ts";
import type { KeptRoom } from "./kept_room.ts";
import type { OpeningQueue } from "./opening_queue.ts";
import type { Told } from "./told.ts";

/** What a durable room comes back by. */
export interface RoomComeback {
  readonly kept: KeptRoom;
  readonly place: KeptPlace;
  readonly queue: OpeningQueue;
  /** Is called when its script is there again, and has what was under way. */
  up(room: Room): void;
}

/** Returns what the extension of a room comes back by. */
export function resumedBy(room: Room, { place, queue, up }: RoomComeback): Comeback {
  return {
    place,
    queue,
    again: room.application.sessions.durable?.again(room.name),
    resumed: (event, origin) => resumed(room, event, origin),
    told: (told) => {
      tellSettings(room, told);
      up(room);
    },
  };
}

/** Tells the script how its room is set, where it has not heard of that. */
function tellSettings(room: Room, { room: told }: Told): void {
  const { settings } = room;
  const isTold = told ? JSON.stringify(told) === JSON.stringify(settings.view) : !settings.isToBeTold;
  if (!isTold) room.tellSettings();
}

/** Returns who hears what becomes of an event that was under way when the server ended. */
function resumed(room: Room, event: ScriptEvent, origin: JsonText | undefined): Hearing {
  switch (event.kind) {
    case "init":
      return { after: (outcome) => queueMicrotask(() => room.initialised(outcome)) };
    case "close":
      return { after: () => queueMicrotask(() => room.end(event.reason)) };
    case "join":
      return joinAgain(room, event.user.id, origin);
    case "watch":
      return { before: (outcome) => watched(room, event.user.id, outcome, origin) };
    default:
      return { after: (outcome) => room.application.answerAgain(origin, outcome) };
  }
}

/** Returns who makes a user a member whose join was under way; where a script has asked for that it is not asked for again. */
function joinAgain(room: Room, id: string, origin: JsonText | undefined): Hearing {
  const { moves } = room.application.durable ?? {};
  const moveId = moveOf(origin);
  const move = moveId === undefined ? undefined : moves?.take(moveId);
  return {
    before: (outcome) => {
      if (moveId !== undefined) moves?.done(moveId);
      return joined(room, id, outcome, origin, move);
    },
  };
}

/** Makes a user a member whom the script has answered; returns whether it is one. */
function joined(
  room: Room,
  id: string,
  outcome: Outcome,
  origin: JsonText | undefined,
  move: PendingMove | undefined,
): boolean {
  const { application } = room;
  const user = application.users.get(id);
  if (!user || user.removal || room.members.has(id)) {
    if (!outcome.failure && !room.members.has(id)) room.extension.dispatch({ kind: "leave", user: id });
    return false;
  }
  const isIn = room.joinAgain(user, outcome, () => {
    const from = move?.from === undefined ? undefined : application.rooms.get(move.from);
    void from?.leave(user, undefined, { to: room, hops: move?.hops ?? 0 });
    if (!application.answerAgain(origin, { ...outcome, value: room.welcome(user) }))
      user.send({ event: "joined", room: room.name, welcome: room.welcome(user) });
  });
  if (!isIn) application.answerAgain(origin, outcome);
  room.watchEmptiness();
  return isIn;
}

/** Makes a user a watcher whose request was under way; returns whether it is one. */
function watched(room: Room, id: string, outcome: Outcome, origin: JsonText | undefined): boolean {
  const { application } = room;
  const user = application.users.get(id);
  const isIn = !outcome.failure && !room.isGone && user !== undefined && !user.removal;
  if (isIn) room.addWatcher(user);
  else if (!outcome.failure)
    room.extension.dispatch({ kind: "unwatch", user: { id, name: user?.name ?? id } });
  application.answerAgain(origin, isIn ? { ...outcome, value: room.welcome(user, outcome.value) } : outcome);
  return isIn;
}
