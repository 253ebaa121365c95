import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/ports/log.ts";
import type { Observed } from "../core/ports/observe.ts";
import { type RoomInfo, roomInfo, type UserInfo, userInfo } from "./info.ts";

/** What a program can listen to, with what its listeners get. */
export interface ApplicationEvents {
  /** A user has logged in. */
  login: [user: UserInfo];
  /** A user has gone: it has logged out, was kicked, or has not come back. */
  logout: [user: UserInfo];
  /** A room is there, whoever has made it. */
  create: [room: RoomInfo];
  /** A room has closed, with all who were in it. */
  close: [room: RoomInfo, reason: string];
  /** A user has come into a room. */
  join: [room: RoomInfo, user: UserInfo];
  /** A user has left a room that goes on. */
  leave: [room: RoomInfo, user: UserInfo];
  /** A script has called `app.emit` or `room.application.emit`. */
  emit: [type: string, data: unknown];
}

type Name = keyof ApplicationEvents;
type Listener = (...values: never[]) => unknown;

/** The listeners of a program, by application and event. They are called after what is under way, in order; what they throw is logged. */
export class ApplicationListeners {
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(private readonly log: Log) {}

  /** Adds a listener; returns what takes it away. */
  add<Event extends Name>(
    application: string,
    event: Event,
    listener: (...values: ApplicationEvents[Event]) => unknown,
  ): () => void {
    const key = keyOf(application, event);
    // Its own, so that a listener that was added twice is called twice and taken away once.
    const own: Listener = (...values) => listener(...(values as unknown as ApplicationEvents[Event]));
    const all = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, all.add(own));
    return () => {
      all.delete(own);
      if (all.size === 0 && this.#listeners.get(key) === all) this.#listeners.delete(key);
    };
  }

  /** Tells those who listen to it of something that has happened. */
  tell(application: string, what: Observed): void {
    if (this.#listeners.size === 0) return;
    const event = names[what.kind];
    const listeners = this.#listeners.get(keyOf(application, event));
    if (!listeners) return;
    const values = valuesOf(what) as unknown as never[];
    queueMicrotask(() => {
      for (const listener of listeners) void this.#call(application, event, listener, values);
    });
  }

  async #call(application: string, event: Name, listener: Listener, values: never[]): Promise<void> {
    try {
      await listener(...values);
    } catch (error) {
      this.log("error", `A listener of "${event}" failed: ${messageOf(error)}`, { application });
    }
  }
}

const names = {
  login: "login",
  logout: "logout",
  created: "create",
  closed: "close",
  join: "join",
  leave: "leave",
  emit: "emit",
} as const satisfies Record<Observed["kind"], Name>;

/** Applications' names have no spaces. */
function keyOf(application: string, event: Name): string {
  return `${event} ${application}`;
}

function valuesOf(what: Observed): ApplicationEvents[Name] {
  switch (what.kind) {
    case "login":
    case "logout":
      return [userInfo(what.user)];
    case "join":
    case "leave":
      return [roomInfo(what.room), userInfo(what.user)];
    case "created":
      return [roomInfo(what.room)];
    case "closed":
      return [roomInfo(what.room), what.reason];
    case "emit":
      return [what.type, what.data === undefined ? undefined : JSON.parse(what.data)];
  }
}
