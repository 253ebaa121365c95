import { counted } from "../text/counted.ts";
import type { Request } from "../../protocol/codec.ts";
import { dataText } from "../../protocol/bytes.ts";
import { isObject } from "../../protocol/json_object.ts";
import type { Application } from "../application/application.ts";
import { errorOf, HotroomError } from "../errors.ts";
import type { EditFollowers } from "../edit/edit_followers.ts";
import type { JsonText } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { TokenVerifier } from "../ports/token_verifier.ts";
import { passOn, passOnLate } from "../relay/pass_on.ts";
import type { Room } from "../room/room.ts";
import { checkRoomOptions } from "../room/room_options.ts";
import type { Tracing } from "../trace/tracing.ts";
import { resume } from "../user/come_back.ts";
import type { User } from "../user/user.ts";
import type { Connection } from "./connection.ts";
import { originOf } from "./request/kept_request.ts";
import { Login } from "./request/login.ts";
import { listRooms } from "./request/rooms_request.ts";

/** Finds an application for wires whose requests name it. */
export type FindApplication = (name: string) => Application | undefined;

/** Turns the requests of connections into what they ask for. */
export class RequestDispatcher {
  constructor(
    private readonly find: FindApplication,
    /** Who is told of edits; without it nobody is. */
    private readonly edits?: EditFollowers,
    /** For applications whose settings ask for a token at a login. */
    private readonly tokens?: TokenVerifier,
    /** Follows events; without it none is. */
    private readonly tracing?: Tracing,
  ) {}

  /**
   * Handles one request. Returns a promise where the next request must wait for a script's answer to this one (login, logout,
   * create, join, leave, subscribe, unsubscribe); a message does not, since its room's queue keeps the order. Throws, or rejects with, HotroomError.
   */
  handle(connection: Connection, request: Request): Promise<void> | undefined {
    if (this.tracing) return this.tracing.within(request, () => this.#handle(connection, request));
    return this.#handle(connection, request);
  }

  #handle(connection: Connection, request: Request): Promise<void> | undefined {
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
        return this.#ping(connection, request);
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
      case "rooms":
        return this.#rooms(connection, request);
      case "reconnect":
        return this.#reconnect(connection, request);
      case "edits":
        return this.#edits(connection, request);
    }
  }

  #ping(connection: Connection, request: Request): undefined {
    const { session } = connection;
    connection.reply(request, session?.isKept ? JSON.stringify(session.told) : undefined);
  }

  #edits(connection: Connection, request: Request): undefined {
    const { live } = isObject(request.data) ? request.data : {};
    if (typeof live !== "boolean")
      throw new HotroomError("invalid_data", "Cannot ask for edits: data.live is neither true nor false.");
    this.edits?.follow(connection, live);
    connection.reply(request, JSON.stringify({ live: live && this.edits !== undefined }));
  }

  #message(connection: Connection, request: Request): undefined {
    const { application, user } = loggedIn(connection, "send a message");
    const { session } = user;
    const type = request.type as string;
    const room = request.room === undefined ? undefined : roomOf(application, request.room, "send to");
    if (room && !user.rooms.has(room)) throw notIn(room, "send to");
    const relay = room?.relays.of(type);
    if (room && relay) {
      passOn(relay, { room, user, connection, request, session });
      return void this.tracing?.passedOn(request);
    }
    const reply = request.id !== undefined;
    const event = { kind: "message" as const, user: user.id, type, reply, data: dataText(request.data) };
    const kept = session?.isKept ? originOf(connection, request) : undefined;
    const after = (outcome: Outcome) => {
      const { failure, value } = outcome;
      if (failure?.code === "no_handler" && room?.relays.of(type))
        passOnLate({ room, user, connection, request, session });
      else if (failure) connection.fail(request, errorOf(failure), session);
      else if (reply) connection.reply(request, value, session);
      else connection.handled(request, session);
      room?.relays.answered();
    };
    if (room) {
      room.relays.asked();
      room.extension.dispatch(event, { after, ...kept });
      return;
    }
    if (!application.extension) {
      application.checkExtension("send a message");
      throw new HotroomError("no_handler", `Cannot handle "${type}": the application has no extension.`);
    }
    application.dispatch(event, { after, ...kept });
  }

  async #login(connection: Connection, request: Request): Promise<void> {
    if (connection.user)
      throw new HotroomError(
        "already_logged_in",
        `Cannot log in: you are logged in as "${connection.user.name}".`,
      );
    const application = this.#bind(connection, request);
    application.checkExtension("log in");
    const { tokens, tracing } = this;
    await new Login(application, connection, request, { tokens, tracing }).run();
  }

  #reconnect(connection: Connection, request: Request): Promise<void> | undefined {
    // It may have waited for a logout while its connection ended: a user whom nobody hears would never be away.
    if (connection.state !== "open") return;
    const { application, user } = connection;
    if (user)
      throw new HotroomError("already_logged_in", `Cannot resume the session: you are "${user.name}".`);
    if (!application || !connection.codec.hasSessions)
      throw new HotroomError("session_expired", "Cannot resume the session: there are none on this wire.");
    return resume(application, connection, request);
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
    const make = async () => {
      const room = application.createRoom(name, options, connection.roomsMade);
      await room.ready;
      return room;
    };
    let making: Promise<Room> | undefined;
    if (application.extension) {
      const { password: _, ...shown } = options;
      const { data } = (request.data ?? {}) as { data?: unknown };
      const event = {
        kind: "create" as const,
        user: user.view,
        request: JSON.stringify({ name, ...shown, data }),
      };
      // What the handler asks for happens once the room is there, and does not where it can't be made.
      const before = ({ failure }: Outcome) => {
        if (failure) return true;
        making = make();
        const isMade = making.then(
          () => true,
          () => false,
        );
        return { first: 0, settle: () => isMade };
      };
      const origin = originOf(connection, request, options);
      const { failure } = await new Promise<Outcome>((after) =>
        application.dispatch(event, { before, after, ...origin }),
      );
      if (failure) throw errorOf(failure, "create_refused");
    }
    const room = await (making ?? make());
    application.announce(room, user);
    connection.reply(request, JSON.stringify({ room: room.name, type: room.type }));
  }

  async #join(connection: Connection, request: Request): Promise<void> {
    const { application } = loggedIn(connection, "join a room");
    for (let unused = application.rooms.get(request.room as string)?.unused; unused; ) {
      await unused;
      unused = application.rooms.get(request.room as string)?.unused;
    }
    const { user } = loggedIn(connection, "join a room");
    application.limits.breaker.check(`join room "${request.room}"`);
    const room = this.#roomToJoin(connection, application, request);
    room.checkPassword(optionsOf(request).password, "join", connection.passwordTries);
    const { session } = user;
    const joined = () => {
      if (user.session === session) connection.reply(request, room.welcome(user));
      // Who has taken the user over has asked for nothing, and is in the room all the same.
      else user.send({ event: "joined", room: room.name, welcome: room.welcome(user) });
    };
    await user
      .enter(async () => {
        await room.ready;
        const data = textOf(request.data);
        await this.#within(request, () => room.join(user, data, joined, originOf(connection, request)));
      })
      .finally(() => room.closeUnused());
  }

  #roomToJoin(connection: Connection, application: Application, request: Request): Room {
    const name = request.room as string;
    const { rooms, roomsPerUser } = application.settings;
    const found = application.rooms.get(name);
    const joined = connection.user?.rooms;
    // Who is in the room already is told that.
    if (joined && joined.size >= roomsPerUser && !(found && joined.has(found)))
      throw tooMany(
        `Cannot join room "${name}": you are in ${counted(joined.size, "room")}, the most you may be in.`,
      );
    if (found) return found;
    if (rooms !== "join") return roomOf(application, name, "join");
    const { password, type } = optionsOf(request);
    const options = checkRoomOptions({ password, type }, (given) => application.typeOf(given));
    const room = application.createRoom(name, options, connection.roomsMade);
    room.isProvisional = true;
    return room;
  }

  async #leave(connection: Connection, request: Request): Promise<void> {
    const { application, user } = loggedIn(connection, "leave a room");
    const room = roomOf(application, request.room as string, "leave");
    if (!user.rooms.has(room)) throw notIn(room, "leave");
    await room.leave(user);
    connection.reply(request);
  }

  #rooms(connection: Connection, request: Request): undefined {
    const { application, user } = loggedIn(connection, "list the rooms");
    connection.reply(request, listRooms(application, user, request.data));
  }

  async #subscribe(connection: Connection, request: Request): Promise<void> {
    const { application, user } = loggedIn(connection, "watch a room");
    application.limits.breaker.check(`watch room "${request.room}"`);
    const room = roomOf(application, request.room as string, "watch");
    const { subscribe, watchesPerUser } = application.settings;
    room.watchers.check(subscribe);
    room.checkPassword(optionsOf(request).password, "watch", connection.passwordTries);
    if (user.watched.has(room))
      throw new HotroomError("already_subscribed", `Cannot watch room "${room.name}": you watch it already.`);
    if (user.watched.size >= watchesPerUser)
      throw tooMany(
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
      const data = textOf(request.data);
      const origin = originOf(connection, request);
      await this.#within(request, () => room.watchers.add(user, data, watching, origin));
    });
  }

  async #unsubscribe(connection: Connection, request: Request): Promise<void> {
    const { application, user } = loggedIn(connection, "stop watching a room");
    const room = roomOf(application, request.room as string, "stop watching");
    if (!user.watched.has(room))
      throw new HotroomError(
        "not_subscribed",
        `Cannot stop watching room "${room.name}": you don't watch it.`,
      );
    await room.unwatch(user);
    connection.reply(request);
  }

  /** Does what could not be done as soon as a request came; the events that it leads to are followed if the request is. */
  #within<T>(request: Request, act: () => T): T {
    return this.tracing ? this.tracing.within(request, act) : act();
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

function loggedIn(connection: Connection, doing: string): { application: Application; user: User } {
  const { application, user } = connection;
  if (application && user && !user.removal) return { application, user };
  throw new HotroomError("not_logged_in", `Cannot ${doing}: you are not logged in.`);
}

function roomOf(application: Application, name: string, doing: string): Room {
  const room = application.rooms.get(name);
  if (room && !room.isProvisional) return room;
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
