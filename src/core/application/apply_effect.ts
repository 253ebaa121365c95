import type { Effect } from "../ports/effect.ts";
import type { JsonText } from "../ports/event.ts";
import { parseRoomOptions } from "../room/room_options.ts";
import { kick } from "../user/lose_connection.ts";
import { moveUser } from "../user/move_user.ts";
import { deliver, type User } from "../user/user.ts";
import type { Application } from "./application.ts";

/**
 * Carries out an effect of an application's extension, or one of a room that is about the application; `hops` is how many
 * emits led to it. Throws HotroomError where a room can't be made.
 */
export function applyEffect(application: Application, effect: Effect, hops: number): void {
  switch (effect.kind) {
    case "broadcast":
      application.broadcast(messageEvent(effect), effect.except && usersOf(application, effect.except));
      return;
    case "broadcastApplication":
      application.broadcast(messageEvent(effect));
      return;
    case "broadcastRoom": {
      const room = application.rooms.get(effect.room);
      room?.audience.send({ ...messageEvent(effect), room: room.name });
      return;
    }
    case "send":
    case "sendApplication":
      deliver(usersOf(application, effect.to), messageEvent(effect));
      return;
    case "kick":
    case "kickApplication": {
      const user = application.userOf(effect.user);
      if (user) kick(application, user, effect.reason);
      return;
    }
    case "createRoom": {
      const options = parseRoomOptions(effect.options, (type) => application.typeOf(type));
      application.createRoom(effect.room, options);
      return;
    }
    case "join": {
      const user = application.userOf(effect.user);
      if (user) void moveUser(application, user, { ...effect, hops });
      return;
    }
    case "closeRoom":
      if (effect.room !== undefined) void application.rooms.get(effect.room)?.close(effect.reason);
      return;
    case "emit":
      if (effect.room === null) application.heard(effect.type, effect.data);
      application.emit(effect.room, effect.type, effect.data, hops);
  }
}

function messageEvent({ type, data }: { type: string; data?: JsonText }) {
  return { event: "message" as const, type, data };
}

function usersOf(application: Application, names: readonly string[]): Set<User> {
  return new Set(names.map((each) => application.userOf(each)).filter((user) => user !== undefined));
}
