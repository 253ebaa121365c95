import type { Application } from "../application/application.ts";
import type { ScriptEvent } from "../ports/event.ts";
import type { User } from "./user.ts";

/**
 * Takes a user out of all rooms, then out of the application, each handler called once and in that order; resolves when
 * `logout` was handled. `lost` says that the connection has gone. A user that is being removed already is removed once.
 */
export function removeUser(application: Application, user: User, why: "logout" | "lost"): Promise<void> {
  if (!user.removal) {
    user.removal = remove(application, user, why);
  } else if (why === "lost") {
    // The connection was lost while a logout was under way.
    application.dispatch(disconnectOf(user));
  }
  return user.removal;
}

async function remove(application: Application, user: User, why: "logout" | "lost"): Promise<void> {
  if (why === "lost") {
    // Nobody is there any more to hear of the others who go.
    for (const { audience } of [...user.rooms, ...user.watched]) audience.remove(user);
    for (const room of user.rooms) room.extension.dispatch(disconnectOf(user));
    application.dispatch(disconnectOf(user));
  }
  // A join that its script is answering now either puts the user in, so that it leaves with the rest, or does not.
  await Promise.allSettled(user.joining);
  await application.departures.turn(framesOf(user));
  const unwatched = Array.from(user.watched, (room) => room.unwatch(user));
  await Promise.all([...unwatched, ...Array.from(user.rooms, (room) => room.leave(user))]);
  application.forget(user);
  await new Promise<void>((resolve) => {
    if (!application.extension) return resolve();
    application.dispatch({ kind: "logout", user: user.view }, { after: () => resolve() });
  });
}

/** Returns how many frames, and events of rooms that nobody is told of, it causes that a user leaves. */
function framesOf({ rooms, watched }: User): number {
  let frames = 1 + watched.size;
  for (const { audience } of rooms) frames += audience.size;
  return frames;
}

function disconnectOf({ connection, id }: User): ScriptEvent {
  return { kind: "disconnect", connection: connection.id, user: id };
}
