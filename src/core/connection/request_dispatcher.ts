import { dataText } from "../../protocol/bytes.ts";
import type { Request } from "../../protocol/codec.ts";
import { isObject } from "../../protocol/json_object.ts";
import type { Application } from "../application/application.ts";
import type { EditFollowers } from "../edit/edit_followers.ts";
import { errorOf, HotroomError } from "../errors.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { TokenVerifier } from "../ports/token_verifier.ts";
import { passOn, passOnLate } from "../relay/pass_on.ts";
import type { Tracing } from "../trace/tracing.ts";
import { resume } from "../user/come_back.ts";
import type { Connection } from "./connection.ts";
import { createRoom } from "./request/create_request.ts";
import { joinRoom } from "./request/join_request.ts";
import { originOf } from "./request/kept_request.ts";
import { Login } from "./request/login.ts";
import { loggedIn, notIn, roomOf } from "./request/requester.ts";
import { listRooms } from "./request/rooms_request.ts";
import { unwatchRoom, watchRoom } from "./request/watch_request.ts";

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
        return createRoom(connection, request);
      case "join":
        return joinRoom(connection, request, this.tracing);
      case "leave":
        return this.#leave(connection, request);
      case "subscribe":
        return watchRoom(connection, request, this.tracing);
      case "unsubscribe":
        return unwatchRoom(connection, request);
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
