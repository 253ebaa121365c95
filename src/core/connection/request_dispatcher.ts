import type { Request } from "../../protocol/codec.ts";
import { isObject } from "../../protocol/json_object.ts";
import { isName, nameProblem, nameRule } from "../../protocol/names.ts";
import type { Application } from "../application/application.ts";
import type { Connection } from "./connection.ts";
import { errorOf, HotroomError } from "../errors.ts";
import type { JsonText } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { Room } from "../room/room.ts";
import { checkRoomOptions } from "../room/room_options.ts";
import { resume, takeOver } from "../user/come_back.ts";
import type { User } from "../user/user.ts";

/** Finds an application for wires whose requests name it. */
export type FindApplication = (name: string) => Application | undefined;

/** What a `login` handler may return, UTF-16 units of JSON: the server itself reads it. */
const MAX_LOGIN_UNITS = 256 * 1024;

/** Turns the requests of connections into what they ask for. */
export class RequestDispatcher {
  constructor(private readonly find: FindApplication) {}

  /**
   * Handles one request. Returns a promise where the next request must wait for a script's answer to this one (login, logout,
   * create, join, leave); a message does not, since its room's queue keeps the order. Throws, or rejects with, HotroomError.
   */
  handle(connection: Connection, request: Request): Promise<void> | undefined {
    const { application, user } = connection;
    if (user && request.application !== undefined && request.application !== application?.name)
      throw new HotroomError(
        "application_unavailable",
        `Cannot handle the frame: you are logged in to "${application?.name}", not "${request.application}".`,
      );
    switch (request.event) {
      case "message":
        return this.#message(connection, request);
      case "ping":
        return void connection.reply(request);
      case "login":
        return this.#login(connection, request);
      case "logout":
        return this.#logout(connection, request);
      case "create":
        return this.#create(connection, request);
      case "join":
        return this.#join(connection, request);
      case "leave":
        return this.#leave(connection, request);
      case "subscribe":
        return this.#subscribe(connection, request);
      case "unsubscribe":
        return this.#unsubscribe(connection, request);
      case "reconnect":
        return this.#reconnect(connection, request);
    }
  }

  #message(connection: Connection, request: Request): undefined {
    const { application, user } = loggedIn(connection, "send a message");
    const { session } = user;
    const type = request.type as string;
    const reply = request.id !== undefined;
    const event = { kind: "message" as const, user: user.id, type, reply, data: textOf(request.data) };
    const after = (outcome: Outcome) => {
      const { failure, value } = outcome;
      if (failure) connection.fail(request, errorOf(failure), session);
      else if (reply) connection.reply(request, value, session);
    };
    if (request.room !== undefined) {
      const room = roomOf(application, request.room, "send to");
      if (!user.rooms.has(room)) throw notIn(room, "send to");
      room.extension.dispatch(event, { after });
      return;
    }
    if (!application.extension) {
      application.checkExtension("send a message");
      throw new HotroomError("no_handler", `Cannot handle "${type}": the application has no extension.`);
    }
    application.dispatch(event, { after });
  }

  async #login(connection: Connection, request: Request): Promise<void> {
    if (connection.user)
      throw new HotroomError(
        "already_logged_in",
        `Cannot log in: you are logged in as "${connection.user.name}".`,
      );
    const application = this.#bind(connection, request);
    application.checkExtension("log in");
    await askLogin(application, connection, request, async (name, data, replace) => {
      if (typeof name !== "string" || !isName(name)) {
        const why = typeof name === "string" ? nameProblem(name) : `the name is missing. ${nameRule}`;
        throw new HotroomError("invalid_name", `Cannot log in: ${why}`);
      }
      // Nothing may come between the last look and `addUser`: many may wait for one name.
      const leaving = () => departure(application, connection, name) ?? crowdedOut(application, name);
      for (let going = leaving(); going; going = leaving()) await going;
      const held = application.userNamed(name);
      if (replace && held?.session && connection.codec.hasSessions) {
        if (connection.state === "open") takeOver(application, connection, held, request);
        return;
      }
      const user = application.addUser(connection, name, data);
      if (connection.state !== "open") return application.logout(user);
      connection.reply(
        request,
        JSON.stringify({ user: user.data, ...begun(application, connection, request) }),
      );
    });
  }

  #reconnect(connection: Connection, request: Request): undefined {
    const { application, user } = connection;
    if (user)
      throw new HotroomError("already_logged_in", `Cannot resume the session: you are "${user.name}".`);
    if (!application || !connection.codec.hasSessions)
      throw new HotroomError("session_expired", "Cannot resume the session: there are none on this wire.");
    resume(application, connection, request);
  }

  async #logout(connection: Connection, request: Request): Promise<void> {
    const { application, user } = loggedIn(connection, "log out");
    await application.logout(user);
    connection.reply(request, JSON.stringify({ user: user.data }));
  }

  async #create(connection: Connection, request: Request): Promise<void> {
    const { application, user } = loggedIn(connection, "create a room");
    const name = request.room as string;
    if (application.settings.rooms === "server")
      throw new HotroomError(
        "not_allowed",
        `Cannot create room "${name}": only the application's scripts make rooms.`,
      );
    const { keep: _, ...options } = checkRoomOptions(request.data, (type) => application.typeOf(type));
    application.checkExtension(`create room "${name}"`);
    if (application.rooms.has(name))
      throw new HotroomError("room_exists", `Cannot create room "${name}": there is one of that name.`);
    if (application.extension) {
      const { password: _, ...shown } = options;
      const { data } = (request.data ?? {}) as { data?: unknown };
      const event = {
        kind: "create" as const,
        user: user.view,
        request: JSON.stringify({ name, ...shown, data }),
      };
      const { failure } = await new Promise<Outcome>((after) => application.dispatch(event, { after }));
      if (failure) throw errorOf(failure, "create_refused");
    }
    const room = application.createRoom(name, options, connection.roomsMade);
    await room.ready;
    connection.reply(request, JSON.stringify({ room: room.name, type: room.type }));
  }

  async #join(connection: Connection, request: Request): Promise<void> {
    const { application, user } = loggedIn(connection, "join a room");
    application.limits.breaker.check(`join room "${request.room}"`);
    const room = this.#roomToJoin(connection, application, request);
    room.checkPassword(optionsOf(request).password, "join", connection.passwordTries);
    const joining = (async () => {
      await room.ready;
      await room.join(user, textOf(request.data), () => connection.reply(request, room.welcome()));
    })();
    user.joining.add(joining);
    try {
      await joining;
    } finally {
      user.joining.delete(joining);
    }
  }

  #roomToJoin(connection: Connection, application: Application, request: Request): Room {
    const name = request.room as string;
    const { rooms, roomsPerUser } = application.settings;
    const found = application.rooms.get(name);
    const joined = connection.user?.rooms;
    // Who is in the room already is told that.
    if (joined && joined.size >= roomsPerUser && !(found && joined.has(found)))
      throw tooMany(`Cannot join room "${name}": you are in ${joined.size} rooms, the most you may be in.`);
    if (found || rooms !== "join") return roomOf(application, name, "join");
    const { password, type } = optionsOf(request);
    const options = checkRoomOptions({ password, type }, (given) => application.typeOf(given));
    return application.createRoom(name, options, connection.roomsMade);
  }

  async #leave(connection: Connection, request: Request): Promise<void> {
    const { application, user } = loggedIn(connection, "leave a room");
    const room = roomOf(application, request.room as string, "leave");
    if (!user.rooms.has(room)) throw notIn(room, "leave");
    await room.leave(user);
    connection.reply(request);
  }

  #subscribe(connection: Connection, request: Request): undefined {
    const { application, user } = loggedIn(connection, "watch a room");
    if (!application.settings.subscribe)
      throw new HotroomError(
        "not_allowed",
        "Cannot watch a room: the application does not let clients watch.",
      );
    const room = roomOf(application, request.room as string, "watch");
    room.checkPassword(optionsOf(request).password, "watch", connection.passwordTries);
    if (user.watched.has(room))
      throw new HotroomError("already_subscribed", `Cannot watch room "${room.name}": you watch it already.`);
    if (user.watched.size >= application.settings.watchesPerUser)
      throw tooMany(
        `Cannot watch room "${room.name}": you watch ${user.watched.size}, the most you may watch.`,
      );
    room.watch(user);
    connection.reply(request, room.welcome());
  }

  #unsubscribe(connection: Connection, request: Request): undefined {
    const { application, user } = loggedIn(connection, "stop watching a room");
    const room = roomOf(application, request.room as string, "stop watching");
    if (!user.watched.has(room))
      throw new HotroomError(
        "not_subscribed",
        `Cannot stop watching room "${room.name}": you don't watch it.`,
      );
    room.unwatch(user);
    connection.reply(request);
  }

  /** Returns the connection's application; on wires whose requests name it, a login enters that one. */
  #bind(connection: Connection, { application: name }: Request): Application {
    const { application: bound } = connection;
    if (bound && (name === undefined || name === bound.name)) return bound;
    const application = name === undefined ? undefined : this.find(name);
    if (!application)
      throw new HotroomError(
        "application_unavailable",
        `Cannot log in: there is no application "${name ?? ""}".`,
      );
    void bound?.disconnected(connection, false);
    application.connected(connection);
    return application;
  }
}

/**
 * Asks the `login` handler for the user's name and data; where there is none, the client's `data.name` is the name. `accept`
 * starts before the handler's effects are applied, so that they reach the new user.
 */
function askLogin(
  application: Application,
  connection: Connection,
  request: Request,
  accept: (name: unknown, data: JsonText | undefined, replace: boolean) => Promise<void>,
): Promise<void> {
  const asked = optionsOf(request).name;
  if (!application.extension) return accept(asked, undefined, false);
  const event = { kind: "login" as const, connection: connection.id, data: textOf(request.data) };
  return new Promise((resolve, reject) => {
    const before = ({ failure, value }: Outcome) => {
      if (failure) return reject(errorOf(failure, "login_refused"));
      if (value !== undefined && value.length > MAX_LOGIN_UNITS) return reject(tooLong());
      const answer: unknown = value === undefined ? undefined : JSON.parse(value);
      const given: { name?: unknown; data?: unknown; replace?: unknown } = isObject(answer) ? answer : {};
      const { name = asked, data, replace } = given;
      accept(name, textOf(data), replace === true).then(resolve, reject);
    };
    application.dispatch(event, { before });
  });
}

/**
 * Returns the removal of whoever is giving a name up: a reloaded page logs in before its old connection is cleared. On a wire
 * where a login takes a user's place, the connection of that user is closed first.
 */
function departure(
  application: Application,
  connection: Connection,
  name: string,
): Promise<void> | undefined {
  const user = application.userNamed(name);
  // Only of the same wire: on the others nobody has agreed to be put out by whoever gives their name.
  const isReplaced = connection.codec.replacesUsers && user?.connection.codec === connection.codec;
  if (isReplaced && connection.state === "open") user?.connection.close("session_replaced");
  return user?.removal;
}

/** Returns the removal of whoever has been away for the longest time, where there are as many users as may be: who is here goes first. */
function crowdedOut(application: Application, name: string): Promise<void> | undefined {
  const { users, settings, sessions } = application;
  if (users.size < settings.maxUsers || application.userNamed(name)) return undefined;
  return sessions.absences.endFirst()?.removal;
}

/** Returns what a client is told of the session that its login has begun; nothing on a wire without sessions. */
function begun({ sessions }: Application, connection: Connection, request: Request) {
  const { session } = connection;
  if (!session) return {};
  session.received = connection.takenSince(request);
  return { session: sessions.renew(session), grace: sessions.grace };
}

function tooLong(): HotroomError {
  const message = `Cannot log in: what its handler returned is longer than ${MAX_LOGIN_UNITS} characters.`;
  return new HotroomError("handler_failed", message);
}

function loggedIn(connection: Connection, doing: string): { application: Application; user: User } {
  const { application, user } = connection;
  if (application && user && !user.removal) return { application, user };
  throw new HotroomError("not_logged_in", `Cannot ${doing}: you are not logged in.`);
}

function roomOf(application: Application, name: string, doing: string): Room {
  const room = application.rooms.get(name);
  if (room) return room;
  throw new HotroomError("room_not_found", `Cannot ${doing} room "${name}": there is no such room.`);
}

function notIn(room: Room, doing: string): HotroomError {
  return new HotroomError("not_in_room", `Cannot ${doing} room "${room.name}": you are not in it.`);
}

function tooMany(message: string): HotroomError {
  return new HotroomError("too_many_rooms", message);
}

/** Returns the request's data where it is an object, for the keys that the server itself reads. */
function optionsOf({ data }: Request): { name?: unknown; type?: unknown; password?: unknown } {
  return isObject(data) ? data : {};
}

function textOf(data: unknown): JsonText | undefined {
  return data === undefined ? undefined : JSON.stringify(data);
}
