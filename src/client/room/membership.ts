import type { UserData } from "../../protocol/codec.ts";
import { Listeners } from "../listeners.ts";

/** How a room ended for this client. */
export interface RoomEnd {
  /**
   * `left`: this client left, unsubscribed or logged out. `kicked`: a script put the user out. `moved`: a script has moved the user
   * to another room. `removed`: the room was closed. `closed`: the connection was.
   */
  cause: "left" | "kicked" | "moved" | "removed" | "closed";
  /** Name of the room that the user was moved to. */
  to?: string | undefined;
  /** The script's or the server's reason, where it gave one. */
  reason?: string | undefined;
}

/** What happens to a room; messages are not among these, so that no message type can collide with them. */
export type RoomEvents = {
  join: [user: UserData];
  leave: [user: UserData, reason: string | undefined];
  /** The last event of the room. */
  end: [end: RoomEnd];
};

/** A message as it came. */
export interface Message {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a shape that the script decides.
  data: any;
}

/** Messages by type, beside one event for all of them that no type can be called. */
export interface MessageListeners {
  // biome-ignore lint/suspicious/noExplicitAny: as in Message.
  readonly byType: Listeners<Record<string, [data: any]>>;
  readonly all: Listeners<{ message: [message: Message]; end: [] }>;
}

/** Makes the listeners of one room's or of the application's messages. */
export function messageListeners(): MessageListeners {
  return { byType: new Listeners(), all: new Listeners() };
}

/** Gives a message to its listeners. */
export function deliver(to: MessageListeners, message: Message): void {
  to.byType.emit(message.type, message.data);
  to.all.emit("message", message);
}

/**
 * What the client knows of one room that it is in or watches, from the moment it asks to join.
 *
 * A join handler may send messages, and they may arrive in one task with the server's reply, before the code after
 * `await client.join()` has run. So a room holds what comes and hands it over in order in the task after the reply,
 * or before the reply to a later request, whichever comes first: listeners that are attached before that code waits
 * for anything but settled promises hear everything, and no reply overtakes a message that came before it.
 */
export class Membership {
  readonly events = new Listeners<RoomEvents>();
  readonly messages = messageListeners();
  /** By id, in the order of joining. */
  readonly users = new Map<string, UserData>();
  type = "";
  /** What the room's `watch` handler returned to who watches it. */
  data: unknown;
  ended: RoomEnd | undefined;
  #held: (() => void)[] | undefined = [];
  #openedAt = Number.POSITIVE_INFINITY;

  constructor(
    readonly name: string,
    /** Id of the client's own user. */
    readonly self: string,
  ) {}

  /** Opens the room: the server has said yes; `id` is that of the newest request that had been sent by then. */
  open(type: string, users: readonly UserData[], data: unknown, id: number): void {
    this.type = type;
    this.data = data;
    this.#openedAt = id;
    for (const user of users) this.users.set(user.id, user);
    setTimeout(() => this.#release(), 0);
  }

  /**
   * Notes that a reply is about to be handed over: who sent its request after the join was answered has the room already.
   * Returns true if the room holds nothing back from now on.
   */
  answered(id: number): boolean {
    if (id > this.#openedAt) this.#release();
    return this.#held === undefined;
  }

  message(message: Message): void {
    this.#when(() => deliver(this.messages, message));
  }

  /** Adds a user; does nothing where the reply's users held it already. */
  join(user: UserData): void {
    this.#when(() => {
      if (this.users.has(user.id)) return;
      this.users.set(user.id, user);
      this.events.emit("join", user);
    });
  }

  leave(user: UserData, reason: string | undefined): void {
    this.#when(() => {
      const known = this.users.get(user.id);
      if (!known) return;
      this.users.delete(user.id);
      this.events.emit("leave", known, reason);
    });
  }

  /** Ends the room; nothing is delivered after it. */
  end(end: RoomEnd): void {
    this.#when(() => {
      this.ended = end;
      this.users.clear();
      this.events.emit("end", end);
      this.messages.all.emit("end");
    });
  }

  #when(step: () => void): void {
    if (this.#held) this.#held.push(() => !this.ended && step());
    else if (!this.ended) step();
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const step of held) step();
  }
}
