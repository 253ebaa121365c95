import type { Application } from "../application/application.ts";
import { framesAbout } from "./presence.ts";
import type { User } from "./user.ts";

/**
 * Takes a user out of all rooms, then out of the application, each handler called once and in that order; resolves when
 * `logout` was handled. A user that is being removed already is removed once.
 */
export function removeUser(application: Application, user: User): Promise<void> {
  if (!user.removal) {
    user.removal = remove(application, user);
    // With what has led to it: many wait for their turn to leave, and who was kicked is not to be back after the server's end.
    application.durable?.putUser(user);
  }
  return user.removal;
}

async function remove(application: Application, user: User): Promise<void> {
  application.sessions.absences.remove(user);
  if (user.session) application.sessions.end(user.session);
  // Of who is gone nobody answers what waits.
  if (!user.isConnected) user.session?.requests.clear();
  // A join that its script is answering now either puts the user in, so that it leaves with the rest, or does not.
  await Promise.allSettled(user.joining);
  await application.departures.turn(framesAbout(user));
  const unwatched = Array.from(user.watched, (room) => room.unwatch(user));
  await Promise.all([...unwatched, ...Array.from(user.rooms, (room) => room.leave(user))]);
  application.forget(user);
  user.backlog?.end();
  await new Promise<void>((resolve) => {
    if (!application.extension) return resolve();
    application.dispatch({ kind: "logout", user: user.view }, { after: () => resolve() });
  });
}
