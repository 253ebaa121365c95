/**
 * The SDK of hotroom.v1, for browsers, Bun, Deno and Node; the server serves it as one module at `/client.js`.
 *
 * ```ts
 * const client = await connect("ws://127.0.0.1:8080/ws/chat");
 * await client.login({ name: "ann" });
 * const room = await client.join<typeof import("../extensions/chat.ts").default>("lobby");
 * room.messages.on("said", (line) => console.log(line.from, line.text));
 * room.on("leave", (user) => console.log(user.name, "left"));
 * room.send("say", { text: "hello" });
 * ```
 *
 * A client is one connection and ends with it. What a reconnecting client needs is public: `session`, and
 * `mayReconnect(code)` of what `closed` resolves with.
 */
import type { UserData } from "../protocol/codec.ts";
import { HotroomClientError } from "./error.ts";
import type { EventFrame } from "./connection/frames.ts";
import { Listeners, type Off } from "./listeners.ts";
import {
  changedRoom,
  type ListOptions,
  type RoomChange,
  type RoomPage,
  roomPage,
} from "./room/listed_room.ts";
import { deliver, messageListeners } from "./room/membership.ts";
import { Messages } from "./room/messages.ts";
import type { Room, WatchedRoom } from "./room/room.ts";
import { Rooms } from "./room/rooms.ts";
import { openSocket, socketUrl, type WebSocketClass } from "./connection/socket.ts";
import type { DataArgument, IncomingMap, ReplyTo, TypeOf } from "./room/typed.ts";
import { type Closed, type RequestOptions, Wire } from "./connection/wire.ts";

export { mayReconnect } from "../protocol/codes.ts";
export { HotroomClientError } from "./error.ts";
export type { Off } from "./listeners.ts";
export type { ListedRoom, ListOptions, RoomChange, RoomPage } from "./room/listed_room.ts";
export type { Message, RoomEnd, RoomEvents } from "./room/membership.ts";
export type { Messages } from "./room/messages.ts";
export type { Room, WatchedRoom } from "./room/room.ts";
export type { WebSocketClass, WebSocketLike } from "./connection/socket.ts";
export type { MessagesOf } from "./room/typed.ts";
export type { Closed, RequestOptions } from "./connection/wire.ts";
export type User = UserData;

/** How long connecting, and each request, may take where the caller says nothing, ms. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** How to connect. */
export interface ConnectOptions {
  /** Milliseconds to connect, and the default of every request; 10,000 unless given, 0 waits for ever. */
  timeout?: number;
  /** The class to use where the runtime has none (Node before 22), or another is wanted. */
  WebSocket?: WebSocketClass;
  /** Gives up connecting with the signal's reason. */
  signal?: AbortSignal;
}

/** What a login gives. */
export interface Login {
  user: User;
  /** The right to come back as this user; secret. */
  session: string;
}

/** What a room may be made with; `data` is for the application's `create` handler. */
export interface CreateOptions {
  type?: string;
  maxUsers?: number;
  password?: string;
  /** Keeps it out of lists and announcements; who knows its name may join it. */
  hidden?: boolean;
  /** What lists tell of it: JSON of at most 1 KB. */
  meta?: unknown;
  data?: unknown;
}

/** A room of the application, by name and type. */
export interface RoomInfo {
  name: string;
  type: string;
}

/** What happens outside of rooms; messages are not among these, they are heard with `messages.on`. */
export type ClientEvents = {
  /** A room was made in the application. */
  room_add: [room: RoomInfo];
  /** A room was closed; a `Room` of it has its `end` event too. */
  room_remove: [room: { name: string; reason: string | undefined }];
  /** A script has put the user into a room; one that it has left for it has its `end` event before, with the cause `moved`. */
  joined: [room: Room];
  /** Something has changed in a room of the list that is followed (`listRooms` with `live`), or it is in none any more. */
  room_change: [room: RoomChange];
  /** Something failed that nobody waits for: a message sent without asking for a reply, a frame that isn't understood. */
  error: [error: HotroomClientError];
  /** The connection has ended; rooms have their `end` events too. */
  close: [closed: Closed];
  /** Each frame as it goes over the wire, before it is handled: for logs and tools. It may hold secrets. */
  frame: [direction: "in" | "out", text: string];
};

/** One connection to one application; `A` is the type of the application's definition. */
export class Client<A = unknown, In extends IncomingMap = IncomingMap> {
  readonly url: string;
  /** Resolves when the connection has ended, however it did. */
  readonly closed: Promise<Closed>;
  /** Messages that are for the user, not for a room. They come after `login` at the earliest. */
  readonly messages: Messages<In>;
  readonly #timeout: number;
  readonly #wire: Wire;
  readonly #events = new Listeners<ClientEvents>();
  readonly #messages = messageListeners();
  readonly #rooms = new Rooms({
    newest: () => this.#wire.newest,
    send: (frame, what) => this.#wire.send(frame, what),
    request: (frame, what, options, take, late) => this.#request(frame, what, options, take, late),
  });
  #login: Login | undefined;
  #ended = false;

  private constructor(url: string, timeout: number) {
    this.url = url;
    this.#timeout = timeout;
    this.#wire = new Wire({
      event: (frame) => this.#receive(frame),
      failed: (error) => this.#report(error),
      frame: (direction, text) => this.#events.emit("frame", direction, text),
      answered: (id) => this.#rooms.answered(id),
      closed: (closed) => this.#close(closed),
    });
    this.closed = this.#wire.closed;
    this.messages = new Messages(this.#messages, "for the user", () => this.#ended);
  }

  /** What `connect()` calls. */
  static async open<A, In extends IncomingMap>(
    address: string | URL,
    options: ConnectOptions,
  ): Promise<Client<A, In>> {
    const { timeout = DEFAULT_TIMEOUT_MS, signal, WebSocket } = options;
    const client = new Client<A, In>(socketUrl(address), timeout);
    const wire = client.#wire;
    const events = {
      message: (data: unknown) => wire.receive(data),
      close: (code: number, reason: string) => wire.lost(code, reason),
    };
    wire.attach(await openSocket(client.url, { timeout, signal, WebSocket }, events));
    return client;
  }

  /** The user, between login and logout. */
  get user(): User | undefined {
    return this.#login?.user;
  }

  /** The right to come back as this user after the connection was lost; secret. */
  get session(): string | undefined {
    return this.#login?.session;
  }

  /** The rooms that the user is in, by name. */
  get rooms(): ReadonlyMap<string, Room> {
    return this.#rooms.joined;
  }

  /** Bytes that wait in this process to be sent. */
  get buffered(): number {
    return this.#wire.buffered;
  }

  /** Calls `listener` at each event; returns a function that ends that. */
  on<K extends keyof ClientEvents>(event: K, listener: (...args: ClientEvents[K]) => void): Off {
    return this.#events.on(event, listener);
  }

  /** Calls `listener` at the next event only. */
  once<K extends keyof ClientEvents>(event: K, listener: (...args: ClientEvents[K]) => void): Off {
    return this.#events.once(event, listener);
  }

  /** Removes a listener. */
  off<K extends keyof ClientEvents>(event: K, listener: (...args: ClientEvents[K]) => void): void {
    this.#events.off(event, listener);
  }

  /** Logs in with what the application's `login` handler takes; without a handler that is `{ name }`. */
  login(data: unknown, options?: RequestOptions): Promise<Login> {
    return this.#request({ event: "login", data }, "log in", options, (reply) => {
      const { user, session } = reply as Login;
      this.#login = { user: { id: user.id, name: user.name }, session };
      return this.#login;
    });
  }

  /** Logs out; all rooms end, the connection stays. */
  logout(options?: RequestOptions): Promise<void> {
    return this.#request({ event: "logout" }, "log out", options, () => {
      this.#login = undefined;
      this.#rooms.endAll({ cause: "left" });
    });
  }

  /** Makes a room, where the application lets clients do that; who makes it isn't in it yet. */
  create(name: string, room: CreateOptions = {}, options?: RequestOptions): Promise<void> {
    return this.#request(
      { event: "create", room: name, data: room },
      `create room "${name}"`,
      options,
      () => {},
    );
  }

  /** Lists the rooms of the application; `more` says that there are others than the answer has. */
  listRooms(list: ListOptions = {}, options?: RequestOptions): Promise<RoomPage> {
    return this.#request({ event: "rooms", data: list }, "list the rooms", options, roomPage);
  }

  /**
   * Joins a room; `data` is for the room's `join` handler, a password is its `password`. `D` is the type of the
   * room's definition, `In` may say what arrives. Nothing that the room sends is lost to listeners that are attached
   * right after the `await`, also what its join handler sent before the reply.
   */
  async join<D = unknown, In extends IncomingMap = IncomingMap>(
    name: string,
    data?: unknown,
    options?: RequestOptions,
  ): Promise<Room<D, In>> {
    const room = await this.#rooms.enter("member", name, this.user?.id ?? "", data, options);
    return room as Room<D, In>;
  }

  /**
   * Watches a room without being in it; `data` is for the room's `watch` handler, a password is its `password`. What the handler
   * returned is the room's `data`.
   */
  async subscribe<In extends IncomingMap = IncomingMap>(
    name: string,
    data?: unknown,
    options?: RequestOptions,
  ): Promise<WatchedRoom<In>> {
    const room = await this.#rooms.enter("watcher", name, this.user?.id ?? "", data, options);
    return room as WatchedRoom as WatchedRoom<In>;
  }

  /** Leaves a room by its name; does nothing where the user isn't in it. */
  async leave(name: string, options?: RequestOptions): Promise<void> {
    await this.rooms.get(name)?.leave(options);
  }

  /** Sends a message to the application's extension without asking for a reply. Throws HotroomClientError: `closed`, `unsendable`. */
  send<K extends TypeOf<A>>(type: K, ...[data]: DataArgument<A, K>): void {
    this.#wire.send({ event: "message", type, data }, `send "${type}"`);
  }

  /** Sends a message to the application's extension and waits for its handler's result. */
  request<K extends TypeOf<A>>(
    type: K,
    ...[data, options]: [...DataArgument<A, K>, options?: RequestOptions]
  ): Promise<ReplyTo<A, K>> {
    const frame = { event: "message", type, data } as const;
    return this.#request(
      frame,
      `send "${type}"`,
      options as RequestOptions,
      (reply) => reply as ReplyTo<A, K>,
    );
  }

  /** Asks the server for an answer; resolves with how long that took, ms. */
  async ping(options?: RequestOptions): Promise<number> {
    const start = performance.now();
    await this.#request({ event: "ping" }, "ping", options, () => {});
    return performance.now() - start;
  }

  /** Closes the connection: requests that wait are rejected at once, and nothing is delivered any more. Resolves when it has ended. */
  close(): Promise<Closed> {
    this.#wire.close(1000, "");
    return this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #request<T>(
    frame: Parameters<Wire["send"]>[0],
    what: string,
    options: RequestOptions | undefined,
    take: (reply: unknown) => T,
    late?: () => void,
  ): Promise<T> {
    return this.#wire.request(frame, what, { timeout: this.#timeout, ...options }, take, late);
  }

  #receive(frame: EventFrame): void {
    this.#rooms.route(frame);
    if (frame.event === "message" && frame.room === undefined)
      deliver(this.#messages, { type: frame.type, data: frame.data });
    else if (frame.event === "room_add")
      this.#events.emit("room_add", { name: frame.room, type: frame.type });
    else if (frame.event === "room_remove")
      this.#events.emit("room_remove", { name: frame.room, reason: frame.reason });
    else if (frame.event === "joined")
      this.#events.emit("joined", this.#rooms.put(frame.room, this.user?.id ?? "", frame));
    else if (frame.event === "room_change") this.#events.emit("room_change", changedRoom(frame));
    else if (frame.event === "error") {
      const { code, message, data } = frame.error;
      this.#report(new HotroomClientError(code, message, { room: frame.room, data }));
    }
  }

  /** Tells listeners of an error, and the console where there are none. */
  #report(error: HotroomClientError): void {
    if (!this.#events.emit("error", error)) console.error("hotroom:", error);
  }

  #close(closed: Closed): void {
    this.#ended = true;
    this.#login = undefined;
    this.#rooms.endAll({ cause: "closed", reason: closed.reason || undefined });
    this.#messages.all.emit("end");
    this.#events.emit("close", closed);
  }
}

/**
 * Connects to an application: `ws://127.0.0.1:8080/ws/chat`, or `/ws/chat` in a page of the server. Rejects with
 * HotroomClientError: `connect_failed`, `timeout`, or with the signal's reason.
 */
export function connect<A = unknown, In extends IncomingMap = IncomingMap>(
  address: string | URL,
  options: ConnectOptions = {},
): Promise<Client<A, In>> {
  return Client.open<A, In>(address, options);
}
