import type { Application } from "../application/application.ts";
import type { Applications } from "../application/applications.ts";
import { HotroomError } from "../errors.ts";
import type { JsonText } from "../ports/event.ts";
import type { Log } from "../ports/log.ts";
import type { Room } from "../room/room.ts";
import { kick } from "../user/lose_connection.ts";
import { moveUser } from "../user/move_user.ts";
import { deliver, type User } from "../user/user.ts";
import { runningOf } from "./live_room_control.ts";
import { keyOfNumber, pageOf, type PageRequest } from "./page.ts";
import type { AdminUserView, MoveRequest, SessionView, UserControl } from "./user_control.ts";
import type { WaitingCalls } from "./waiting_calls.ts";

/** Rooms of a user that are named. */
const SHOWN_ROOMS = 100;

/** Acts on the live users. */
export class LiveUserControl implements UserControl {
  constructor(
    private readonly applications: Applications,
    private readonly calls: WaitingCalls,
    private readonly log: Log,
  ) {}

  users(name: string, page: PageRequest) {
    const { users } = runningOf(this.applications, name, "list the users of");
    const { items, ...rest } = pageOf(users.values(), keyOf, page);
    return { ...rest, items: items.map((user) => userView(user)) };
  }

  user(name: string, idOrName: string): AdminUserView {
    const { user } = this.#find(name, idOrName, "show");
    const { data } = user.view;
    return { ...userView(user), ...(data !== undefined && { data: JSON.parse(data) }) };
  }

  sessions(name: string, page: PageRequest) {
    const application = runningOf(this.applications, name, "list the sessions of");
    const { items, ...rest } = pageOf(
      application.users.values().filter(({ session }) => session !== undefined && !session.isOver),
      keyOf,
      page,
    );
    return { ...rest, items: items.flatMap((user) => sessionView(application, user)) };
  }

  send(name: string, idOrName: string, type: string, data?: JsonText): AdminUserView {
    const { user } = this.#find(name, idOrName, `send "${type}" to`);
    deliver([user], { event: "message", type, ...(data !== undefined && { data }) });
    return userView(user);
  }

  kick(name: string, idOrName: string, reason: string): AdminUserView {
    const { application, user } = this.#find(name, idOrName, "kick");
    const view = userView(user);
    this.log("info", `An admin kicks user "${user.name}" (${user.id}).`, { application: name });
    kick(application, user, reason);
    return view;
  }

  async move(name: string, idOrName: string, { room, from, data }: MoveRequest): Promise<AdminUserView> {
    const { application, user } = this.#find(name, idOrName, "move");
    const leaving = fromOf(application, user, room, from);
    const doing = `move user "${user.name}" to room "${room}"`;
    const error = await this.calls.wait(name, doing, () => {
      this.log("info", `An admin moves user "${user.name}" (${user.id}).`, { application: name, room });
      return moveUser(application, user, { room, hops: 0, ...(data !== undefined && { data }) }, leaving);
    });
    if (error instanceof HotroomError)
      throw new HotroomError(error.code, `Cannot ${doing}: ${error.message}`, { data: error.data });
    if (error !== undefined) throw error;
    return userView(user);
  }

  #find(name: string, idOrName: string, doing: string): { application: Application; user: User } {
    const application = runningOf(this.applications, name, `${doing} a user of`);
    const user = application.userOf(idOrName);
    if (user && !user.removal) return { application, user };
    const message = `Cannot ${doing} user ${JSON.stringify(idOrName)}: there is no such user.`;
    throw new HotroomError("user_not_found", message);
  }
}

/** Returns the room that a user leaves when it is moved; undefined where it is in none. */
function fromOf({ rooms }: Application, user: User, to: string, from: string | undefined): Room | undefined {
  const cannot = `Cannot move user "${user.name}"`;
  if (from !== undefined) {
    const room = rooms.get(from);
    if (room && user.rooms.has(room)) return room;
    throw new HotroomError("not_in_room", `${cannot}: it is not in room "${from}".`);
  }
  const [only, ...more] = [...user.rooms].filter(({ name }) => name !== to);
  if (more.length === 0) return only;
  throw new HotroomError(
    "several_rooms",
    `${cannot}: it is in ${more.length + 1} rooms; say which one in "from".`,
  );
}

function keyOf({ id }: User): string {
  return keyOfNumber(id.slice(1));
}

function userView({ id, name, isConnected, rooms, watched }: User): AdminUserView {
  return {
    id,
    name,
    connected: isConnected,
    rooms: Array.from(rooms.values().take(SHOWN_ROOMS), (room) => room.name),
    roomCount: rooms.size,
    watchCount: watched.size,
  };
}

function sessionView({ sessions }: Application, user: User): SessionView[] {
  const { id, name, session, isConnected } = user;
  if (!session) return [];
  const until = isConnected ? undefined : sessions.absences.untilOf(user);
  return [
    {
      user: { id, name },
      number: session.number,
      connected: isConnected,
      ...(until !== undefined && { until }),
      received: session.received,
    },
  ];
}
