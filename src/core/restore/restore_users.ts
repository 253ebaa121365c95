import type { Application } from "../application/application.ts";
import type { Connection } from "../connection/connection.ts";
import type { ReadRecords } from "../history/frame_record.ts";
import type { JsonText } from "../ports/event.ts";
import { removeUser } from "../user/remove_user.ts";
import type { Room } from "../room/room.ts";
import { showPresence, tellScripts } from "../user/presence.ts";
import { User } from "../user/user.ts";
import type { KeptUser } from "../session/kept_user.ts";

/** How long users may take to come back before the others are told that they are away, ms, where they have as long. */
const QUIET_MS = 10_000;

/**
 * Brings the users of an application back whose rooms are there: away, with as much time to come back as ever. `texts` are what was
 * kept of them, `frames` what they may have missed; `absent` makes the connection that each had.
 */
export function restoreUsers(
  application: Application,
  texts: Iterable<JsonText>,
  frames: ReadRecords,
  absent: ((id: string) => Connection) | undefined,
): void {
  const { sessions } = application;
  const { durable } = sessions;
  if (!durable || !absent) return;
  application.audience.keep();
  durable.goOn(frames);
  const kept = Array.from(texts, (text): KeptUser => JSON.parse(text));
  const users = kept.map((each) => {
    const user = new User(each.id, each.name, absent(each.connection), each.data);
    user.isConnected = false;
    user.expires = each.expires;
    user.isShownConnected = each.isConnected;
    if (each.session) sessions.restore(user, each.session);
    // Kept with it until they have answered: the server may be killed once more.
    for (const name of each.asked ?? []) user.asked.add(name);
    admit(application, user);
    for (const name of each.rooms) enter(application.rooms.get(name), user);
    for (const name of each.watched) watch(application.rooms.get(name), user);
    if (each.backlog) user.backlog?.restore(each.backlog, (key) => durable.log.historyOf(key));
    return user;
  });
  durable.log.fill((id) => application.users.get(id));
  for (const [at, user] of users.entries()) {
    if (kept[at]?.isConnected) tellScripts(application, user, "disconnect");
    user.session?.changed();
    if (sessions.grace === 0 || !user.session || kept[at]?.isLeaving) void removeUser(application, user);
    else sessions.absences.add(user, sessions.grace, Number.POSITIVE_INFINITY);
  }
  sessions.clock.after(Math.min(QUIET_MS, sessions.grace / 2), () => {
    for (const user of users) if (!user.isConnected && !user.removal) showPresence(application, user);
  });
}

function admit(application: Application, user: User): void {
  application.users.set(user.id, user);
  application.names.add(user);
  application.limits.users.owe(user.view.data?.length ?? 0);
  application.audience.add(user);
}

function enter(room: Room | undefined, user: User): void {
  if (!room) return;
  room.members.set(user.id, user);
  room.list.changed();
  user.rooms.add(room);
  room.audience.add(user);
}

function watch(room: Room | undefined, user: User): void {
  if (!room) return;
  room.watchers.restore(user);
  user.watched.add(room);
  room.audience.add(user);
}
