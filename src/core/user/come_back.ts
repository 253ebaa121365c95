import type { Request } from "../../protocol/codec.ts";
import { isObject } from "../../protocol/json_object.ts";
import type { Application } from "../application/application.ts";
import type { Connection } from "../connection/connection.ts";
import { HotroomError } from "../errors.ts";
import { CatchUp } from "../session/catch_up.ts";
import { disconnect } from "./lose_connection.ts";
import { audiencesOf, roomsOf, showPresence, tellScripts } from "./presence.ts";
import type { User } from "./user.ts";

/** So much of what was missed counts for one more time, characters; and so many at most, so that nobody waits for long. */
const CHARACTERS_A_TIME = 256 * 1024;
const MOST_TIMES = 10;
/** Frames of a broadcast that take as long as one that was missed, which goes by itself; and characters that do as one of these. */
const FRAMES_OF_A_MISSED = 2;
const CHARACTERS_OF_A_FRAME = 512;
/** Times that the scripts may not have heard of before a user has to wait: what tells them is never dropped, so it must not pile up. */
const MOST_UNHEARD = 8;

/**
 * Comes back to a session by its secret; the reply, and what was missed, are sent. A connection that was accepted before the one that
 * has the session is closed. Throws HotroomError: `invalid_data`,
 * `session_expired`, `rate_limited` where that is done too often.
 */
export function resume(application: Application, connection: Connection, request: Request): void {
  const { session: secret, seen } = (isObject(request.data) ? request.data : {}) as Record<string, unknown>;
  if (typeof secret !== "string") throw invalid("data.session must be a text");
  const session = application.sessions.find(secret);
  const { user } = session ?? {};
  if (!session || !user?.backlog || user.removal) {
    connection.guessed();
    throw new HotroomError(
      "session_expired",
      "Cannot resume the session: it is unknown, or has ended; log in.",
    );
  }
  const position = seen === undefined ? user.backlog.seen : seen;
  if (!Number.isSafeInteger(position) || (position as number) < 0)
    throw invalid("data.seen must be the number of a frame");
  if ((position as number) > application.sessions.numbers.last)
    throw invalid("data.seen is higher than the number of any frame");
  // What came by a link that was lost may be read after what the same client sent by the next one: that is the newest.
  if (user.isConnected && connection.number < user.connection.number)
    return connection.close("session_replaced");
  checkPace(user, "resume the session");
  const requests = connection.requests;
  connection.requests = session.requests;
  const { received } = session;
  session.received += connection.takenSince(request);
  comeBack(application, connection, user, position as number, (rest) => {
    const again = { session: application.sessions.renew(session, secret), grace: application.sessions.grace };
    const outcome = rest.lost ? "reset" : "resumed";
    connection.reply(request, textOf(user, { ...again, outcome, received, ...rest }));
  });
  session.requests.takeFrom(requests);
}

/**
 * Takes the place of whoever is a user by another connection, which is closed. The reply to the login, and what was not seen yet, are
 * sent; the secrets of the other client are worth nothing any more, and what it waits for is not answered. Throws HotroomError
 * `rate_limited` where that is done too often.
 */
export function takeOver(
  application: Application,
  connection: Connection,
  user: User,
  request: Request,
): void {
  checkPace(user, `log in as "${user.name}"`);
  user.session?.requests.clear();
  // The other client has asked for it.
  application.publicRooms.unfollow(user);
  const session = application.sessions.begin(user, connection.requests);
  session.received = connection.takenSince(request);
  user.backlog?.forgetAnswers();
  comeBack(application, connection, user, user.backlog?.seen ?? 0, ({ lost = [], ...rest }) => {
    const begun = { session: application.sessions.renew(session), grace: application.sessions.grace };
    connection.reply(request, textOf(user, { ...begun, outcome: "reset", received: 0, lost, ...rest }));
  });
}

/** Throws HotroomError `rate_limited` where a user has come back too often, or so often that its scripts have not heard of it yet. */
function checkPace({ session, unheard }: User, doing: string): void {
  if (unheard < MOST_UNHEARD && session?.resumes.take()) return;
  throw new HotroomError("rate_limited", `Cannot ${doing}: that was done too often just now.`);
}

/** What the client is told that has come back, beside its session. */
interface Missed {
  /** Frames that follow. */
  readonly missed: number;
  /** Rooms of which something is lost, and null where that is about none; absent where nothing is. */
  readonly lost?: readonly (string | null)[];
}

/**
 * Gives a user another connection, in one turn of the loop: `reply` goes first, then what the user missed after `position`, and
 * from the last of it on the user hears what is new.
 */
function comeBack(
  application: Application,
  connection: Connection,
  user: User,
  position: number,
  reply: (missed: Missed) => void,
): void {
  const { backlog, connection: old } = user;
  if (!backlog) return;
  if (user.isConnected) disconnect(application, user);
  old.replace();
  application.sessions.absences.remove(user);
  user.connection = connection;
  connection.user = user;
  connection.session = user.session;
  connection.roomsMade = old.roomsMade;
  user.isConnected = true;
  // Before the reply, which may close a connection that takes nothing: the last that scripts hear is that it is gone.
  tellScripts(application, user, "reconnect");

  backlog.see(position);
  const lost = [...backlog.lostAfter(position)].sort((a, b) =>
    a === null ? 1 : b === null ? -1 : a < b ? -1 : 1,
  );
  const { frames: missed, characters } = backlog.countAfter(position);
  user.session?.resumes.spend(Math.min(characters / CHARACTERS_A_TIME, MOST_TIMES));
  reply({ missed, ...(lost.length > 0 ? { lost } : {}) });

  const turn = (frames: number) => application.departures.turn(frames);
  const catchUp = new CatchUp(backlog, connection, application.sessions.clock, turn, position, () => {
    // The last of what was missed may have closed it.
    if (user.connection !== connection || connection.state !== "open" || user.removal) return;
    // Before the user hears its rooms, since it is not told that it is back; and after what it missed, which this may take the place of.
    showPresence(application, user);
    backlog.isLive = true;
    for (const audience of audiencesOf(application, user)) audience.attach(user);
  });
  catchUp.start(missed * FRAMES_OF_A_MISSED + Math.ceil(characters / CHARACTERS_OF_A_FRAME));
  showPresence(application, user);
}

/** Returns the data of a reply: the user, its session, and its rooms as they are now. */
function textOf(user: User, session: object): string {
  const rooms = Array.from(roomsOf(user), (room) => {
    const text = room.welcome(user);
    return user.watched.has(room) ? `${text.slice(0, -1)},"watching":true}` : text;
  });
  return `{"user":${JSON.stringify(user.data)},${JSON.stringify(session).slice(1, -1)},"rooms":[${rooms.join(",")}]}`;
}

function invalid(why: string): HotroomError {
  return new HotroomError("invalid_data", `Cannot resume the session: ${why}.`);
}
