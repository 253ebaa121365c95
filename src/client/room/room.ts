import type { Off } from "../listeners.ts";
import type { Member, Membership, RoomEnd, RoomEvents } from "./membership.ts";
import { Messages } from "./messages.ts";
import type { IncomingMap, IncomingOf, WatchedOf } from "./declared.ts";
import type { DataArgument, MessagesOf, ReplyTo } from "./typed.ts";
import type { RequestOptions } from "../connection/pending.ts";

/** How a room reaches the server. */
export interface RoomRequests {
  send(type: string, data: unknown): void;
  request(type: string, data: unknown, options?: RequestOptions): Promise<unknown>;
  /** Leaves, or stops watching. */
  leave(options?: RequestOptions): Promise<void>;
}

/**
 * A room that this client watches without being in it. Lifecycle events are heard with `on`, messages with
 * `messages.on`: no message type can be mistaken for an event.
 */
export class WatchedRoom<In extends IncomingMap = IncomingMap, Data = WatchedOf<unknown>> {
  readonly name: string;
  readonly type: string;
  readonly messages: Messages<In>;
  readonly #membership: Membership;
  /** @internal */
  protected readonly requests: RoomRequests;

  /** @internal Made by the client. */
  constructor(membership: Membership, requests: RoomRequests) {
    this.name = membership.name;
    this.type = membership.type;
    this.#membership = membership;
    this.requests = requests;
    this.messages = new Messages(
      membership.messages,
      `in room "${this.name}"`,
      () => membership.ended !== undefined,
    );
  }

  /** What the room's `watch` handler returned, for who watches it; undefined for who is in it. */
  get data(): Data {
    return this.#membership.data as Data;
  }

  /** The members now, in the order in which they joined; empty once the room has ended. */
  get users(): readonly Member[] {
    return [...this.#membership.users.values()];
  }

  /** How the room ended for this client; undefined while it has not. */
  get ended(): RoomEnd | undefined {
    return this.#membership.ended;
  }

  /** Calls `listener` when somebody else joins, leaves, is away or back, when something was missed, or when the room ends for this client. */
  on<K extends keyof RoomEvents>(event: K, listener: (...args: RoomEvents[K]) => void): Off {
    return this.#membership.events.on(event, listener);
  }

  /** Calls `listener` at the next event only. */
  once<K extends keyof RoomEvents>(event: K, listener: (...args: RoomEvents[K]) => void): Off {
    return this.#membership.events.once(event, listener);
  }

  /** Removes a listener. */
  off<K extends keyof RoomEvents>(event: K, listener: (...args: RoomEvents[K]) => void): void {
    this.#membership.events.off(event, listener);
  }

  /** Leaves the room, or stops watching it; its `end` event follows. Does nothing where it has ended. */
  async leave(options?: RequestOptions): Promise<void> {
    if (!this.ended) await this.requests.leave(options);
  }
}

/** A room that this client's user is in; `D` is the type of the room's definition. */
export class Room<D = unknown, In extends IncomingMap = IncomingOf<D>> extends WatchedRoom<In, undefined> {
  /**
   * Sends a message without asking for a reply; where the server refuses it, the client's `error` event says so.
   * While the client is away it waits to be sent. Throws HotroomClientError: `closed`, `unsendable`, `queue_full`.
   */
  send<K extends keyof MessagesOf<D> & string>(type: K, ...[data]: DataArgument<D, K>): void {
    this.requests.send(type, data);
  }

  /** Sends a message and waits for its handler's result. Rejects with HotroomClientError: a code of the server, `timeout`, `closed`, `unsendable`, `queue_full`. */
  request<K extends keyof MessagesOf<D> & string>(
    type: K,
    ...[data, options]: [...DataArgument<D, K>, options?: RequestOptions]
  ): Promise<ReplyTo<D, K>> {
    return this.requests.request(type, data, options as RequestOptions) as Promise<ReplyTo<D, K>>;
  }
}

/** Either of them, of whatever definition. */
export type RoomClass = new (...parts: ConstructorParameters<typeof WatchedRoom>) => WatchedRoom;
