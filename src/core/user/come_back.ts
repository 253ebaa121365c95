import type { Request } from "../../protocol/codec.ts";
import { isObject } from "../../protocol/json_object.ts";
import type { Application } from "../application/application.ts";
import type { Connection } from "../connection/connection.ts";
import { HotroomError, notSaved } from "../errors.ts";
import { settlesWithin } from "../settles_within.ts";
import { CatchUp } from "../session/catch_up.ts";
import { disconnect, loseConnection } from "./lose_connection.ts";
import { audiencesOf, roomsOf, showPresence, tellScripts } from "./presence.ts";
import type { User } from "./user.ts";

/** So much of what was missed counts for one more time, characters; and so many at most, so that nobody waits for long. */
const CHARACTERS_A_TIME = 256 * 1024;
const MOST_TIMES = 10;
/** How long a user who comes back may wait for its rooms, which come back themselves, ms: shorter than clients wait for a reply. */
const UP_MS = 5000;
/** Frames of a broadcast that take as long as one that was missed, which goes by itself; and characters that do as one of these. */
const FRAMES_OF_A_MISSED = 2;
const CHARACTERS_OF_A_FRAME = 512;
/** Times that the scripts may not have heard of before a user has to wait: what tells them is never dropped, so it must not pile up. */
const MOST_UNHEARD = 8;

/**
 * Comes back to a session by its secret; the reply, and what was missed, are sent. A connection that was accepted before the one that
 * has the session is closed. Throws, or rejects with, HotroomError: `invalid_data`,
 * `session_expired`, `invalid_token`, `rate_limited` where that is done too often, `not_saved`. Returns a promise where it has to wait
 * until the server is up again as far as the user is concerned, or until what it says is kept.
 */
export function resume(
  application: Application,
  connection: Connection,
  request: Request,
): Promise<void> | undefined {
  const { session: secret } = dataOf(request);
  if (typeof secret !== "string") throw invalid("data.session must be a text");
  const { sessions } = application;
  const user = sessions.find(secret)?.user;
  const isUp = user && sessions.durable?.isUpFor(user);
  if (!isUp) return takeUp(application, connection, request, secret);
  return settlesWithin(sessions.clock, UP_MS, isUp).then(() => {
    if (connection.state !== "open") return;
    if (sessions.durable?.isUpFor(user))
      throw new HotroomError("busy", "Cannot resume the session: its rooms are still coming back.");
    return takeUp(application, connection, request, secret);
  });
}

function takeUp(
  application: Application,
  connection: Connection,
  request: Request,
  secret: string,
): Promise<void> | undefined {
  const { sessions } = application;
  const session = sessions.find(secret);
  const { user } = session ?? {};
  if (!session || !user?.backlog || user.removal) {
    connection.guessed();
    throw new HotroomError(
      "session_expired",
      "Cannot resume the session: it is unknown, or has ended; log in.",
    );
  }
  if (user.expires !== undefined && application.settings.auth?.jwt && sessions.clock.now() > user.expires) {
    // Its name is free for who comes with a new one.
    void application.logout(user);
    throw new HotroomError(
      "invalid_token",
      "Cannot resume the session: its token has expired; log in with a new one.",
    );
  }
  const { seen } = dataOf(request);
  const position = seen === undefined ? user.backlog.seen : seen;
  if (!Number.isSafeInteger(position) || (position as number) < 0)
    throw invalid("data.seen must be the number of a frame");
  if ((position as number) > sessions.numbers.last)
    throw invalid("data.seen is higher than the number of any frame");
  // What came by a link that was lost may be read after what the same client sent by the next one: that is the newest.
  if (user.isConnected && connection.number < user.connection.number)
    return void connection.close("session_replaced");
  checkPace(user, "resume the session");
  const beyond = session.tell(sessions.isNewest(session, secret));
  takePlace(application, connection, user);
  const again = { session: sessions.renew(session, secret), grace: sessions.grace, ...session.told };
  return whenSaved(application, connection, user, "resume the session", () => {
    const requests = connection.requests;
    connection.requests = session.requests;
    const { received } = session;
    connection.carry(session, request);
    goLive(application, connection, user, position as number, (rest) => {
      const outcome = rest.lost ? "reset" : "resumed";
      const told = { ...again, outcome, received, ...(beyond.length > 0 && { beyond }), ...rest };
      connection.reply(request, textOf(user, told));
    });
    session.requests.takeFrom(requests);
  });
}

/**
 * Takes the place of whoever is a user by another connection, which is closed. The reply to the login, and what was not seen yet, are
 * sent; the secrets of the other client are worth nothing any more, and what it waits for is not answered. Throws, or rejects with,
 * HotroomError: `rate_limited` where that is done too often, `not_saved`.
 */
export function takeOver(
  application: Application,
  connection: Connection,
  user: User,
  request: Request,
): Promise<void> | undefined {
  checkPace(user, `log in as "${user.name}"`);
  const { sessions } = application;
  user.session?.requests.clear();
  // The other client has asked for it.
  application.publicRooms.unfollow(user);
  const session = sessions.begin(user, connection.requests);
  user.backlog?.forgetAnswers();
  takePlace(application, connection, user);
  const begun = { session: sessions.renew(session), grace: sessions.grace, ...session.told };
  return whenSaved(application, connection, user, `log in as "${user.name}"`, () => {
    connection.carry(session, request);
    goLive(application, connection, user, user.backlog?.seen ?? 0, ({ lost = [], ...rest }) => {
      connection.reply(request, textOf(user, { ...begun, outcome: "reset", received: 0, lost, ...rest }));
    });
  });
}

/** Tells a user who has just logged in, once that is kept, by `reply`; then it is sent what it was to hear meanwhile, and hears what is new. */
export function beginHearing(
  application: Application,
  connection: Connection,
  user: User,
  reply: () => void,
): void {
  if (isThere(connection, user)) goLive(application, connection, user, 0, reply);
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

/** Gives a user another connection, by which it does not hear anything yet. */
function takePlace(application: Application, connection: Connection, user: User): void {
  const { connection: old } = user;
  if (user.isConnected) disconnect(application, user);
  old.replace();
  application.sessions.absences.remove(user);
  user.connection = connection;
  connection.user = user;
  connection.roomsMade = old.roomsMade;
  user.isConnected = true;
  user.session?.changed();
  // Before the reply, which may close a connection that takes nothing: the last that scripts hear is that it is gone.
  tellScripts(application, user, "reconnect");
}

/**
 * Runs `then` at once, or where the application is durable when what has happened so far is kept: the client must not have a secret
 * that the server does not know any more. Where it can't be kept the user is away again, and this rejects.
 */
function whenSaved(
  application: Application,
  connection: Connection,
  user: User,
  doing: string,
  then: () => void,
): Promise<void> | undefined {
  const { durable } = application.sessions;
  if (!durable) return void then();
  return durable.saved().then((isSaved) => {
    if (!isThere(connection, user)) return;
    if (isSaved) return then();
    connection.user = undefined;
    void loseConnection(application, user, true);
    throw notSaved(doing);
  });
}

/** Returns true if a user is to hear something by a connection: neither has gone, and no other has come. */
function isThere(connection: Connection, user: User): boolean {
  return user.connection === connection && connection.state === "open" && !user.removal;
}

/**
 * Lets a user hear by its connection, in one turn of the loop: `reply` goes first, then what the user missed after `position`, and
 * from the last of it on the user hears what is new.
 */
function goLive(
  application: Application,
  connection: Connection,
  user: User,
  position: number,
  reply: (missed: Missed) => void,
): void {
  const { backlog } = user;
  if (!backlog) return;
  backlog.resumeAfter(position);
  const lost = [...backlog.lostAfter(position)].sort((a, b) =>
    a === null ? 1 : b === null ? -1 : a < b ? -1 : 1,
  );
  const { frames: missed, characters } = backlog.countAfter(position);
  user.session?.resumes.spend(Math.min(characters / CHARACTERS_A_TIME, MOST_TIMES));
  reply({ missed, ...(lost.length > 0 ? { lost } : {}) });

  const turn = (frames: number) => application.departures.turn(frames);
  const catchUp = new CatchUp(backlog, connection, application.sessions.clock, turn, position, {
    // Before the user hears its rooms, since it is not told that it is back; and after what it missed, which this may take the place of.
    tell: () => showPresence(application, user),
    listen() {
      if (!isThere(connection, user)) return;
      backlog.isLive = true;
      for (const audience of audiencesOf(application, user)) audience.attach(user);
    },
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

/** Returns the request's data where it is an object. */
function dataOf({ data }: Request): { readonly session?: unknown; readonly seen?: unknown } {
  return isObject(data) ? data : {};
}

function invalid(why: string): HotroomError {
  return new HotroomError("invalid_data", `Cannot resume the session: ${why}.`);
}
