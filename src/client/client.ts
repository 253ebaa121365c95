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
 * When the connection is lost the client comes back by itself: same user, same rooms, nothing missed, and what was sent
 * meanwhile is sent then. docs/CLIENT.md has every call.
 */
import type { ClientEvents } from "./client_events.ts";
import type { ConnectOptions } from "./connect_options.ts";
import type { EventFrame } from "./connection/frames.ts";
import type { Closed } from "./connection/link.ts";
import type { RequestOptions } from "./connection/pending.ts";
import type { Simulate } from "./connection/simulation.ts";
import { socketUrl } from "./connection/socket.ts";
import { Conversation } from "./conversation.ts";
import type { CreateArgument } from "./create_options.ts";
import { HotroomClientError } from "./error.ts";
import { Listeners, type Off } from "./listeners.ts";
import { changedRoom, type ListOptions, type RoomPage, roomPage } from "./room/listed_room.ts";
import { deliver, messageListeners } from "./room/membership.ts";
import { Messages } from "./room/messages.ts";
import type { Room, WatchedRoom } from "./room/room.ts";
import type {
  ApplicationIncoming,
  CreateData,
  IncomingMap,
  IncomingOf,
  JoinArgument,
  LoginData,
  RoomIn,
  WatchArgument,
  WatchedOf,
} from "./room/declared.ts";
import type { ApplicationTypeOf, DataArgument, ReplyTo } from "./room/typed.ts";
import type { Login, User } from "./session/session_events.ts";

export { mayReconnect } from "../protocol/codes.ts";
export type { ClientEvents, RoomInfo } from "./client_events.ts";
export type { ConnectOptions } from "./connect_options.ts";
export type { BackoffOptions } from "./connection/backoff.ts";
export type { Closed } from "./connection/link.ts";
export type { RequestOptions } from "./connection/pending.ts";
export type { Simulate } from "./connection/simulation.ts";
export type { WebSocketClass, WebSocketLike } from "./connection/socket.ts";
export type { CreateOptions } from "./create_options.ts";
export { HotroomClientError } from "./error.ts";
export type { Off } from "./listeners.ts";
export type { ListedRoom, ListOptions, RoomChange, RoomPage } from "./room/listed_room.ts";
export type { Member, Message, RoomEnd, RoomEvents } from "./room/membership.ts";
export type { Messages } from "./room/messages.ts";
export type { Room, WatchedRoom } from "./room/room.ts";
export type { MessagesOf } from "./room/typed.ts";
export type { Relogin } from "./session/session.ts";
export type { Back, Expired, Login, Reset, User } from "./session/session_events.ts";

/**
 * One user's conversation with one application, over one connection after the other; `A` is the type of the application's definition, of one
 * in one file that of its room.
 */
export class Client<A = unknown, In extends IncomingMap = ApplicationIncoming<A>> {
  readonly url: string;
  /** Resolves when the client has ended, however it did: it does not come back. */
  readonly closed: Promise<Closed>;
  /** Messages that are for the user, not for a room. They come after `login` at the earliest. */
  readonly messages: Messages<In>;
  readonly #events = new Listeners<ClientEvents>();
  readonly #messages = messageListeners();
  readonly #conversation: Conversation;
  /** The list of rooms that is followed. */
  #followed: ListOptions | undefined;

  private constructor(url: string, options: ConnectOptions) {
    this.url = url;
    let end!: (closed: Closed) => void;
    this.closed = new Promise((resolve) => {
      end = resolve;
    });
    this.#conversation = new Conversation(url, options, this.#events, {
      event: (frame) => this.#receive(frame),
      failed: (error) => this.#report(error),
      ended: (closed) => {
        this.#messages.all.emit("end");
        this.#events.emit("close", closed);
        end(closed);
      },
    });
    // The server follows no list for a session that is new, nor does one that was started again.
    this.#events.on("reset", ({ lost }) => {
      if (!this.#followed || !lost.includes(null)) return;
      this.listRooms(this.#followed).catch((error) => this.#report(error));
    });
    this.messages = new Messages(this.#messages, "for the user", () => this.#conversation.hasEnded);
  }

  /** @internal What `connect()` calls. */
  static async open<A, In extends IncomingMap>(
    address: string | URL,
    options: ConnectOptions,
  ): Promise<Client<A, In>> {
    const client = new Client<A, In>(socketUrl(address), options);
    await client.#conversation.open();
    return client;
  }

  /** The user, between login and logout. */
  get user(): User | undefined {
    return this.#conversation.session.login?.user;
  }

  /** The right to come back as this user after the connection was lost; secret. */
  get session(): string | undefined {
    return this.#conversation.session.login?.session;
  }

  /** `online`; `away` while the connection is lost and what is sent waits; `closed` when the client has ended. */
  get state(): "online" | "away" | "closed" {
    if (this.#conversation.hasEnded) return "closed";
    return this.#conversation.session.isAway ? "away" : "online";
  }

  /** Trouble to order: for developers. */
  get simulate(): Simulate {
    return this.#conversation.link.simulation;
  }

  /** The rooms that the user is in, by name. */
  get rooms(): ReadonlyMap<string, Room<RoomIn<A>>> {
    return this.#conversation.rooms.joined as ReadonlyMap<string, Room<RoomIn<A>>>;
  }

  /** Bytes that wait in this process to be sent. */
  get buffered(): number {
    return this.#conversation.link.buffered;
  }

  /** Calls `listener` at each event; returns a function that ends that. */
  on<K extends keyof ClientEvents>(event: K, listener: (...args: ClientEvents<A>[K]) => void): Off {
    if (event === "edit") this.#conversation.edits.want();
    return this.#events.on(event, listener as (...args: ClientEvents[K]) => void);
  }

  /** Calls `listener` at the next event only. */
  once<K extends keyof ClientEvents>(event: K, listener: (...args: ClientEvents<A>[K]) => void): Off {
    if (event === "edit") this.#conversation.edits.want();
    return this.#events.once(event, listener as (...args: ClientEvents[K]) => void);
  }

  /** Removes a listener. */
  off<K extends keyof ClientEvents>(event: K, listener: (...args: ClientEvents<A>[K]) => void): void {
    this.#events.off(event, listener as (...args: ClientEvents[K]) => void);
  }

  /** Logs in with what the application's `login` handler takes; without a handler that is `{ name }`. */
  login(data: LoginData<A>, options?: RequestOptions): Promise<Login> {
    return this.#conversation.session.logIn(data, options);
  }

  /** Logs out; all rooms end, the connection stays. */
  logout(options?: RequestOptions): Promise<void> {
    this.#followed = undefined;
    return this.#conversation.session.logOut(options);
  }

  /** Makes a room, where the application lets clients do that; who makes it isn't in it yet. */
  create(
    name: string,
    ...[room = {}, options]: [...CreateArgument<CreateData<A>>, options?: RequestOptions]
  ): Promise<void> {
    return this.#conversation.wire.request(
      { event: "create", room: name, data: room },
      `create room "${name}"`,
      options as RequestOptions,
      () => {},
    );
  }

  /** Lists the rooms of the application; `more` says that there are others than the answer has. */
  listRooms(list: ListOptions = {}, options?: RequestOptions): Promise<RoomPage> {
    const frame = { event: "rooms", data: list } as const;
    return this.#conversation.wire.request(frame, "list the rooms", options, (reply) => {
      if (list.live !== undefined) this.#followed = list.live ? list : undefined;
      return roomPage(reply);
    });
  }

  /**
   * Joins a room; `data` is for the room's `join` handler, a password is its `password`. `D` is the type of the
   * room's definition, `In` may say what arrives. Nothing that the room sends is lost to listeners that are attached
   * right after the `await`, also what its join handler sent before the reply.
   */
  async join<D = RoomIn<A>, In extends IncomingMap = IncomingOf<D>>(
    name: string,
    ...[data, options]: [...JoinArgument<D>, options?: RequestOptions]
  ): Promise<Room<D, In>> {
    const user = this.user?.id ?? "";
    const room = await this.#conversation.rooms.enter("member", name, user, data, options as RequestOptions);
    return room as Room as Room<D, In>;
  }

  /**
   * Watches a room without being in it; `data` is for the room's `watch` handler, a password is its `password`. What the handler
   * returned is the room's `data`.
   */
  async subscribe<D = RoomIn<A>, In extends IncomingMap = IncomingOf<D>>(
    name: string,
    ...[data, options]: [...WatchArgument<D>, options?: RequestOptions]
  ): Promise<WatchedRoom<In, WatchedOf<D>>> {
    const user = this.user?.id ?? "";
    const room = await this.#conversation.rooms.enter("watcher", name, user, data, options as RequestOptions);
    return room as WatchedRoom as WatchedRoom<In, WatchedOf<D>>;
  }

  /**
   * Leaves a room by its name; does nothing where the user isn't in it. One that it is about to join it leaves as soon as it is in:
   * `join` gives a room then that ends.
   */
  leave(name: string, options?: RequestOptions): Promise<void> {
    return this.#conversation.rooms.leave(name, options);
  }

  /** Sends a message to the application's extension without asking for a reply. Throws HotroomClientError: `closed`, `unsendable`, `queue_full`. */
  send<K extends ApplicationTypeOf<A>>(type: K, ...[data]: DataArgument<A, K>): void {
    this.#conversation.wire.send({ event: "message", type, data }, `send "${type}"`);
  }

  /** Sends a message to the application's extension and waits for its handler's result. */
  request<K extends ApplicationTypeOf<A>>(
    type: K,
    ...[data, options]: [...DataArgument<A, K>, options?: RequestOptions]
  ): Promise<ReplyTo<A, K>> {
    const frame = { event: "message", type, data } as const;
    return this.#conversation.wire.request(
      frame,
      `send "${type}"`,
      options as RequestOptions,
      (reply) => reply as ReplyTo<A, K>,
    );
  }

  /** Asks the server for an answer; resolves with how long that took, ms. */
  async ping(options?: RequestOptions): Promise<number> {
    const start = performance.now();
    await this.#conversation.wire.request({ event: "ping" }, "ping", options, () => {});
    return performance.now() - start;
  }

  /**
   * Ends the client, and its session on the server where it is connected: requests that wait are rejected at once, and nothing is
   * delivered any more. Resolves when it has ended.
   */
  close(): Promise<Closed> {
    this.#conversation.close();
    return this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #receive(frame: EventFrame): void {
    this.#conversation.rooms.route(frame);
    if (frame.event === "message" && frame.room === undefined)
      deliver(this.#messages, { type: frame.type, data: frame.data });
    else if (frame.event === "room_add")
      this.#events.emit("room_add", { name: frame.room, type: frame.type });
    else if (frame.event === "room_remove")
      this.#events.emit("room_remove", { name: frame.room, reason: frame.reason });
    else if (frame.event === "joined")
      this.#events.emit("joined", this.#conversation.rooms.put(frame.room, this.user?.id ?? "", frame));
    else if (frame.event === "room_change") this.#events.emit("room_change", changedRoom(frame));
    else if (frame.event === "edit") this.#events.emit("edit", { version: frame.version });
    else if (frame.event === "error") {
      const { code, message, data } = frame.error;
      this.#report(new HotroomClientError(code, message, { room: frame.room, data }));
    }
  }

  /** Tells listeners of an error, and the console where there are none. */
  #report(error: HotroomClientError): void {
    if (!this.#events.emit("error", error)) console.error("hotroom:", error);
  }
}

/**
 * Connects to an application: `ws://127.0.0.1:8080/ws/chat`, or `/ws/chat` in a page of the server. Rejects with
 * HotroomClientError: `connect_failed`, `timeout`, or with the signal's reason.
 */
export function connect<A = unknown, In extends IncomingMap = ApplicationIncoming<A>>(
  address: string | URL,
  options: ConnectOptions = {},
): Promise<Client<A, In>> {
  return Client.open<A, In>(address, options);
}
