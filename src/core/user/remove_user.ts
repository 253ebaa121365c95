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
    for (const room of user.rooms) {
      // Nobody is there any more to hear of the others who go.
      room.audience.remove(user);
      room.extension.dispatch(disconnectOf(user));
    }
    application.dispatch(disconnectOf(user));
  }
  for (const room of [...user.watched]) room.unwatch(user);
  // A join that its script is answering now either puts the user in, so that it leaves with the rest, or does not.
  await Promise.allSettled(user.joining);
  await application.departures.turn(framesOf(user));
  await Promise.all(Array.from(user.rooms, (room) => room.leave(user)));
  application.forget(user);
  await new Promise<void>((resolve) => {
    if (!application.extension) return resolve();
    application.dispatch({ kind: "logout", user: user.view }, { after: () => resolve() });
  });
}

/** Returns how many frames it causes that a user leaves. */
function framesOf({ rooms }: User): number {
  let frames = 1;
  for (const { audience } of rooms) frames += audience.size;
  return frames;
}

function disconnectOf({ connection, id }: User): ScriptEvent {
  return { kind: "disconnect", connection: connection.id, user: id };
}
