import type { UserData } from "../../protocol/codec.ts";
import type { MemberData } from "../connection/frames.ts";
import { Listeners } from "../listeners.ts";

/** How a room ended for this client. */
export interface RoomEnd {
  /**
   * `left`: this client left, unsubscribed or logged out. `kicked`: a script put the user out. `moved`: a script has moved the user
   * to another room. `removed`: the room was closed. `closed`: the connection was, for good. `lost`: the client was away, and is
   * not in the room any more.
   */
  cause: "left" | "kicked" | "moved" | "removed" | "closed" | "lost";
  /** Name of the room that the user was moved to. */
  to?: string | undefined;
  /** The script's or the server's reason, where it gave one. */
  reason?: string | undefined;
}

/** A user of a room. */
export interface Member extends UserData {
  /** False while the user's connection is lost and its place is kept. */
  readonly connected: boolean;
}

/** What happens to a room; messages are not among these, so that no message type can collide with them. */
export type RoomEvents = {
  join: [user: Member];
  leave: [user: Member, reason: string | undefined];
  /** A member's connection was lost; it stays a member, and may come back. */
  disconnect: [user: Member];
  /** A member has come back. */
  reconnect: [user: Member];
  /** Something of the room was missed while the client was away; `users` is right again. */
  reset: [];
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
  readonly users = new Map<string, Member>();
  type = "";
  /** What the room's `watch` handler returned to who watches it. */
  data: unknown;
  ended: RoomEnd | undefined;
  #held: (() => void)[] | undefined = [];
  #openedAt = Number.POSITIVE_INFINITY;

  /** Whether the session in which it was entered is over, and it has to be entered again. */
  isStale = false;

  constructor(
    readonly name: string,
    /** Id of the client's own user. */
    public self: string,
    /** What it was entered with. */
    readonly enteredWith?: unknown,
  ) {}

  /** Opens the room: the server has said yes; `id` is that of the newest request that had been sent by then. */
  open(type: string, users: readonly MemberData[], data: unknown, id: number): void {
    this.type = type;
    this.data = data;
    this.#openedAt = id;
    for (const user of users) this.users.set(user.id, memberOf(user));
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
      const member = memberOf(user);
      this.users.set(user.id, member);
      this.events.emit("join", member);
    });
  }

  /** Notes that a member's connection was lost, or that it is back. */
  connection(id: string, connected: boolean): void {
    this.#when(() => {
      const known = this.users.get(id) as { connected: boolean } & Member;
      if (!known || known.connected === connected) return;
      known.connected = connected;
      this.events.emit(connected ? "reconnect" : "disconnect", known);
    });
  }

  /** Takes the members as they are now, after something was missed, and tells what is different. */
  refresh(users: readonly MemberData[], self: string): void {
    const before = this.self;
    this.self = self;
    const there = new Set(users.map(({ id }) => id));
    this.#when(() => {
      // Who logged in again is somebody else to the others, but not to itself.
      const own = this.users.get(before);
      if (before !== self && own && this.users.delete(before)) this.users.set(self, { ...own, id: self });
      for (const user of [...this.users.values()]) if (!there.has(user.id)) this.leave(user, undefined);
      for (const user of users) {
        this.join(user);
        this.connection(user.id, user.connected !== false);
      }
      this.events.emit("reset");
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

function memberOf({ id, name, connected }: MemberData): Member {
  return { id, name, connected: connected !== false };
}
