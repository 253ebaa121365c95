import { dataText } from "../../../protocol/bytes.ts";
import type { Request } from "../../../protocol/codec.ts";
import { HotroomError } from "../../errors.ts";
import type { JsonText } from "../../ports/event.ts";
import { type Tracing, within } from "../../trace/tracing.ts";
import type { Connection } from "../connection.ts";
import { originOf } from "./kept_request.ts";
import { loggedIn, optionsOf, roomOf } from "./requester.ts";

/** Has a user watch a room, where its `watch` handler lets it, and replies. Rejects with HotroomError. */
export async function watchRoom(connection: Connection, request: Request, tracing?: Tracing): Promise<void> {
  const { application, user } = loggedIn(connection, "watch a room");
  application.limits.breaker.check(`watch room "${request.room}"`);
  const room = roomOf(application, request.room as string, "watch");
  const { subscribe, watchesPerUser } = application.settings;
  room.watchers.check(subscribe);
  room.checkPassword(optionsOf(request).password, "watch", connection.passwordTries);
  if (user.watched.has(room))
    throw new HotroomError("already_subscribed", `Cannot watch room "${room.name}": you watch it already.`);
  if (user.watched.size >= watchesPerUser)
    throw new HotroomError(
      "too_many_rooms",
      `Cannot watch room "${room.name}": you watch ${user.watched.size}, the most you may watch.`,
    );
  const { session } = user;
  await user.enter(async () => {
    await room.ready;
    const watching = (data?: JsonText) => {
      room.addWatcher(user);
      if (user.session === session) connection.reply(request, room.welcome(user, data));
      // Whoever has taken the user over would not know that it watches.
      else void room.unwatch(user);
    };
    const data = dataText(request.data);
    const origin = originOf(connection, request);
    room.asks(user);
    try {
      await within(tracing, request, () => room.watchers.add(user, data, watching, origin));
    } finally {
      user.asked.delete(room.name);
    }
  });
}

/** Has a user watch a room no more, and replies. Rejects with HotroomError. */
export async function unwatchRoom(connection: Connection, request: Request): Promise<void> {
  const { application, user } = loggedIn(connection, "stop watching a room");
  const room = roomOf(application, request.room as string, "stop watching");
  if (!user.watched.has(room))
    throw new HotroomError("not_subscribed", `Cannot stop watching room "${room.name}": you don't watch it.`);
  await room.unwatch(user);
  connection.reply(request);
}
