import type { ServerEvent } from "../../protocol/codec.ts";
import type { Effect } from "../ports/effect.ts";
import type { JsonText } from "../ports/event.ts";
import { cancelMovesTo } from "../user/move.ts";
import { moveUser } from "../user/move_user.ts";
import { deliver, type User } from "../user/user.ts";
import type { Room } from "./room.ts";
import { parseRoomUpdate } from "./room_options.ts";

/**
 * Carries out an effect of a room's extension; `hops` is how many emits and moves led to it. Throws HotroomError where what it says
 * can't be done.
 */
export function applyEffect(room: Room, effect: Effect, hops: number): void {
  switch (effect.kind) {
    case "broadcast":
      room.audience.send(messageIn(room, effect), effect.except && membersOf(room, effect.except));
      return;
    case "send":
      deliver(membersOf(room, effect.to), messageIn(room, effect));
      return;
    case "kick":
      kick(room, effect.user, effect.reason);
      return;
    case "move": {
      const user = room.member(effect.user);
      if (user) void moveUser(room.application, user, { ...effect, hops }, room);
      return;
    }
    case "updateRoom":
      room.update(parseRoomUpdate(effect.options));
      return;
    case "closeRoom":
      if (effect.room === undefined) return void room.close(effect.reason);
  }
  room.application.apply(effect, hops);
}

/** Puts a user out who is in a room, watches it, or both. */
function kick(room: Room, idOrName: string, reason: string): void {
  const user = room.member(idOrName) ?? room.application.userOf(idOrName);
  if (!user) return;
  const { name } = room;
  cancelMovesTo(room, user.moves);
  if (room.watchers.has(user)) {
    void room.unwatch(user);
    user.send({ event: "unsubscribed", room: name, reason });
  }
  if (!user.rooms.has(room)) return;
  user.send({ event: "leave", room: name, user: user.data, reason });
  void room.leave(user, reason);
}

function messageIn({ name }: Room, { type, data }: { type: string; data?: JsonText }): ServerEvent {
  return { event: "message", room: name, type, data };
}

function membersOf(room: Room, names: readonly string[]): Set<User> {
  return new Set(names.map((each) => room.member(each)).filter((user) => user !== undefined));
}
