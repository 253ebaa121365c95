import type { Application } from "../application/application.ts";
import { audiencesOf, showPresence, tellScripts } from "./presence.ts";
import { removeUser } from "./remove_user.ts";
import type { User } from "./user.ts";

/**
 * A user's connection has gone. Where the user may return, it stays for a while and is shown as away; else it leaves, and this
 * resolves when `logout` was handled.
 */
export async function loseConnection(
  application: Application,
  user: User,
  mayReturn: boolean,
): Promise<void> {
  disconnect(application, user);
  // A logout may be under way.
  if (user.removal) return user.removal;
  const { sessions, settings } = application;
  if (!user.session || !mayReturn || sessions.grace === 0 || application.isEnding)
    return removeUser(application, user);
  sessions.absences.add(user, sessions.grace, settings.sessionsPerUser);
  showPresence(application, user);
}

/** Sends nothing to a user's connection any more, and tells the scripts that it is gone. */
export function disconnect(application: Application, user: User): void {
  if (user.isLive) for (const audience of audiencesOf(application, user)) audience.detach(user);
  user.isConnected = false;
  if (user.backlog) user.backlog.isLive = false;
  // With what follows: a server that is started again tells the scripts nothing that they have heard.
  user.session?.changed();
  tellScripts(application, user, "disconnect");
}

/** Puts a user out of the application, whether its connection is there or not. */
export function kick(application: Application, user: User, reason: string): void {
  if (user.isConnected) user.connection.close("kicked", reason);
  else void removeUser(application, user);
}
