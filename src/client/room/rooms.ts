import type { UserData } from "../../protocol/codec.ts";
import type { EventFrame, OutgoingFrame } from "../connection/frames.ts";
import { Membership, type RoomEnd } from "./membership.ts";
import { Room } from "./room.ts";
import type { RequestOptions } from "../connection/wire.ts";

/** How the client has to do with a room: its user is a member, or its connection watches. Both at once is possible. */
export type Relation = "member" | "watcher";

const verbs = {
  member: { enter: "join", exit: "leave", doing: "join" },
  watcher: { enter: "subscribe", exit: "unsubscribe", doing: "watch" },
} as const;

/** A room that was asked for and not answered yet. */
interface Asked {
  relation: Relation;
  membership: Membership;
}

/** What the server says of a room that is joined or watched. */
interface EnteredRoom {
  type: string;
  users: UserData[];
  /** What the `watch` handler returned. */
  data?: unknown;
}

/** What the rooms send with; the client's own half of requests, with its default timeout. */
export interface Sender {
  /** Id of the newest request. */
  newest(): number;
  send(frame: OutgoingFrame, what: string): void;
  request<T>(
    frame: OutgoingFrame,
    what: string,
    options: RequestOptions | undefined,
    take: (reply: unknown) => T,
    late?: () => void,
  ): Promise<T>;
}

/** The rooms of one connection: enters and leaves them, and finds the one that an event belongs to. */
export class Rooms {
  /** The rooms that the user is in, by name. */
  readonly joined = new Map<string, Room>();
  readonly #open: Record<Relation, Map<string, Membership>> = { member: new Map(), watcher: new Map() };
  /** In order of asking: what comes for a room before the reply belongs to the first of its name. */
  readonly #asked = new Set<Asked>();
  /** Opened since the last reply: these may hold events. */
  #fresh: Membership[] = [];
  readonly #leaving = new Set<Membership>();
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** Joins or watches a room; `self` is the id of the client's user. From here on the room's events are held for it. */
  async enter(
    relation: Relation,
    name: string,
    self: string,
    data: unknown,
    options: RequestOptions | undefined,
  ): Promise<Room> {
    const { enter, exit, doing } = verbs[relation];
    const what = `${doing} room "${name}"`;
    const asked: Asked = { relation, membership: new Membership(name, self) };
    const take = (reply: unknown) => {
      this.#asked.delete(asked);
      return this.#opened(asked, reply as EnteredRoom);
    };
    // A yes that comes after the wait was given up has nobody to take the room.
    const late = () => this.#sender.send({ event: exit, room: name }, what);
    this.#asked.add(asked);
    try {
      return await this.#sender.request({ event: enter, room: name, data }, what, options, take, late);
    } finally {
      this.#asked.delete(asked);
    }
  }

  /** Takes a room that a script has put the client's user into. */
  put(name: string, self: string, room: EnteredRoom): Room {
    return this.#opened({ relation: "member", membership: new Membership(name, self) }, room);
  }

  #opened({ relation, membership }: Asked, { type, users, data }: EnteredRoom): Room {
    const { name } = membership;
    membership.open(type, users, data, this.#sender.newest());
    this.#fresh.push(membership);
    const room = new Room(membership, {
      send: (type, data) => this.#sender.send(...message(name, type, data)),
      request: (type, data, options) =>
        this.#sender.request(...message(name, type, data), options, (reply) => reply),
      leave: (options) => this.#leave(relation, membership, options),
    });
    this.#open[relation].set(name, membership);
    if (relation === "member") this.joined.set(name, room);
    return room;
  }

  async #leave(relation: Relation, membership: Membership, options?: RequestOptions): Promise<void> {
    if (!this.#has(relation, membership)) return;
    const frame = { event: verbs[relation].exit, room: membership.name };
    this.#leaving.add(membership);
    try {
      await this.#sender.request(frame, `leave room "${membership.name}"`, options, () =>
        this.#end(relation, membership, { cause: "left" }),
      );
    } catch (error) {
      // Otherwise the room ended by itself while the request was under way.
      if (this.#has(relation, membership)) throw error;
    } finally {
      this.#leaving.delete(membership);
    }
  }

  #has(relation: Relation, membership: Membership): boolean {
    return this.#open[relation].get(membership.name) === membership;
  }

  #end(relation: Relation, membership: Membership, end: RoomEnd): void {
    if (this.#has(relation, membership)) {
      this.#open[relation].delete(membership.name);
      if (relation === "member") this.joined.delete(membership.name);
    }
    membership.end(end);
  }

  /** Ends all rooms: after a logout, or with the connection. */
  endAll(end: RoomEnd): void {
    for (const relation of ["member", "watcher"] as const) {
      for (const membership of [...this.#open[relation].values()]) this.#end(relation, membership, end);
    }
  }

  /** Lets rooms hand over what they hold back, before the reply to a request is handed over. */
  answered(id: number): void {
    if (this.#fresh.length > 0) this.#fresh = this.#fresh.filter((membership) => !membership.answered(id));
  }

  /** Hands an event to the room it belongs to, where this client has to do with that room. */
  route(frame: EventFrame): void {
    if (!("room" in frame) || frame.room === undefined) return;
    for (const [relation, membership] of this.#of(frame.room)) {
      switch (frame.event) {
        case "message":
          membership.message({ type: frame.type, data: frame.data });
          break;
        case "join":
          membership.join(frame.user);
          break;
        case "leave":
          if (relation === "watcher" || frame.user.id !== membership.self)
            membership.leave(frame.user, frame.reason);
          else if (this.#has(relation, membership)) {
            const { reason, to } = frame;
            const cause = this.#leaving.has(membership) ? "left" : to === undefined ? "kicked" : "moved";
            this.#end(relation, membership, { cause, reason, ...(to !== undefined && { to }) });
          }
          break;
        case "unsubscribed":
          if (relation === "watcher" && this.#has(relation, membership))
            this.#end(relation, membership, { cause: "kicked", reason: frame.reason });
          break;
        case "room_remove":
          // Before the reply to a join it was an older room of that name.
          if (this.#has(relation, membership))
            this.#end(relation, membership, { cause: "removed", reason: frame.reason });
          break;
      }
    }
  }

  *#of(room: string): Generator<[Relation, Membership]> {
    for (const relation of ["member", "watcher"] as const) {
      const open = this.#open[relation].get(room);
      if (open) yield [relation, open];
      else {
        for (const asked of this.#asked) {
          if (asked.relation !== relation || asked.membership.name !== room) continue;
          yield [relation, asked.membership];
          break;
        }
      }
    }
  }
}

function message(room: string, type: string, data: unknown): [frame: OutgoingFrame, what: string] {
  return [{ event: "message", room, type, data }, `send "${type}" to room "${room}"`];
}
