import type { HotroomClientError } from "../error.ts";
import type { EventFrame, OutgoingFrame, RoomState } from "../connection/frames.ts";
import type { RequestOptions } from "../connection/pending.ts";
import { Membership, type RoomEnd } from "./membership.ts";
import { Reentry } from "./reentry.ts";
import { type EnteredRoom, type Relation, relations, verbs } from "./relation.ts";
import { Room, WatchedRoom, type RoomClass } from "./room.ts";
import type { Sender } from "./sender.ts";

/** A room that was asked for and not answered yet. */
interface Asked {
  relation: Relation;
  membership: Membership;
}

/** The rooms of one client: enters and leaves them, finds the one that an event belongs to, and keeps them while it is away. */
export class Rooms {
  /** The rooms that the user is in, by name. */
  readonly joined = new Map<string, Room>();
  readonly #open: Record<Relation, Map<string, Membership>> = { member: new Map(), watcher: new Map() };
  /** In order of asking: what comes for a room before the reply belongs to the first of its name. */
  readonly #asked = new Set<Asked>();
  /** Opened since the last reply: these may hold events. */
  #fresh: Membership[] = [];
  /** Those that the client has asked to leave, until that is answered. */
  readonly #leaving = new Map<Membership, Promise<void>>();
  /** Rooms that came with a session and that nobody has asked for: the next who does gets them. */
  readonly #given = new Map<Membership, WatchedRoom>();
  /** What a server said at a return and what the client knew differ in these; what was missed may explain it. */
  #doubtful: Asked[] = [];
  #unknown: { relation: Relation; state: RoomState; self: string }[] = [];
  /** Names of the rooms of a session that is over. */
  readonly #stale = new Set<string>();
  readonly #sender: Sender;
  readonly #reentry: Reentry;

  constructor(sender: Sender) {
    this.#sender = sender;
    this.#reentry = new Reentry(sender);
  }

  /** Joins or watches a room; `self` is the id of the client's user. From here on the room's events are held for it. */
  async enter(
    relation: Relation,
    name: string,
    self: string,
    data: unknown,
    options: RequestOptions | undefined,
  ): Promise<WatchedRoom> {
    const { enter, exit, doing } = verbs[relation];
    const there = this.#open[relation].get(name);
    const given = there && this.#given.get(there);
    if (given) {
      this.#given.delete(there);
      return given;
    }
    const what = `${doing} room "${name}"`;
    const asked: Asked = { relation, membership: new Membership(name, self, data) };
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
    // A session that was taken up by another page has told of it in its list already.
    const there = this.#open.member.get(name);
    const given = there && this.#given.get(there);
    const membership = new Membership(name, self);
    return (given ?? this.#opened({ relation: "member", membership }, room)) as Room;
  }

  /** Leaves the room of a name that the user is in, or is about to be in: a join that is not answered yet comes before the leave. */
  async leave(name: string, options?: RequestOptions): Promise<void> {
    const there = this.#open.member.get(name);
    const asked = [...this.#asked].findLast(
      ({ relation, membership }) => relation === "member" && membership.name === name,
    );
    if (asked) await this.#leave("member", [asked.membership, ...(there ? [there] : [])], options);
    else if (there) await this.#leave("member", [there], options);
  }

  #opened({ relation, membership }: Asked, { type, users, data }: EnteredRoom): WatchedRoom {
    const { name } = membership;
    membership.open(type, users, data, this.#sender.newest());
    this.#fresh.push(membership);
    const kind: RoomClass = relation === "member" ? Room : WatchedRoom;
    const room = new kind(membership, {
      send: (type, data) => this.#sender.send(...message(name, type, data)),
      request: (type, data, options) =>
        this.#sender.request(...message(name, type, data), options, (reply) => reply),
      leave: async (options) => {
        if (this.#has(relation, membership)) await this.#leave(relation, [membership], options);
      },
    });
    this.#open[relation].set(name, membership);
    if (room instanceof Room) {
      this.joined.set(name, room);
      // Of its own join and leave nobody gets an event.
      const own = users.find(({ id }) => id === membership.self);
      if (own) this.#open.watcher.get(name)?.join(own);
    }
    return room;
  }

  /** Leaves a room, of which there are several memberships where it is being joined. */
  async #leave(
    relation: Relation,
    memberships: readonly [Membership, ...Membership[]],
    options?: RequestOptions,
  ): Promise<void> {
    const [newest] = memberships;
    const leaving = this.#leaving.get(newest);
    if (leaving) return leaving.catch(() => this.#leave(relation, memberships, options));
    const left = () => {
      for (const each of memberships)
        if (this.#has(relation, each)) this.#end(relation, each, { cause: "left" });
    };
    const frame = { event: verbs[relation].exit, room: newest.name };
    const asking = this.#sender.request(frame, `leave room "${newest.name}"`, options, left, left);
    for (const each of memberships) this.#leaving.set(each, asking);
    try {
      await asking;
    } catch (error) {
      // Otherwise the room ended by itself while the request was under way, or was not joined.
      if (!memberships.some((each) => this.#has(relation, each))) return;
      // It was left in a session that is over: it is not joined in the next one.
      if ((error as HotroomClientError).code !== "session_expired") throw error;
      left();
    } finally {
      for (const each of memberships) this.#leaving.delete(each);
    }
  }

  #has(relation: Relation, membership: Membership): boolean {
    return this.#open[relation].get(membership.name) === membership;
  }

  #end(relation: Relation, membership: Membership, end: RoomEnd): void {
    if (this.#has(relation, membership)) {
      this.#open[relation].delete(membership.name);
      if (relation === "member") {
        this.joined.delete(membership.name);
        // Of a room that has closed it is told that, and of nobody's leave.
        const own = end.cause === "removed" ? undefined : membership.users.get(membership.self);
        if (own) this.#open.watcher.get(membership.name)?.leave(own, end.reason);
      }
    }
    this.#given.delete(membership);
    membership.end(end);
  }

  /** All rooms, with how the client has to do with them. */
  #all(): Asked[] {
    return relations.flatMap((relation) =>
      [...this.#open[relation].values()].map((membership) => ({ relation, membership })),
    );
  }

  /** Ends all rooms: after a logout, or with the connection. */
  endAll(end: RoomEnd): void {
    this.#reentry.stop();
    for (const { relation, membership } of this.#all()) this.#end(relation, membership, end);
  }

  /**
   * Takes what a server says of the user's rooms at a return; of those in `lost` something is missing. Frames that were missed
   * follow, which may say how it came to that; where the client `isFresh` nothing but this tells it of them.
   */
  restore(
    states: readonly RoomState[],
    lost: ReadonlySet<string | null>,
    self: string,
    isFresh: boolean,
  ): void {
    const confirmed = new Set<Membership>();
    this.#unknown = [];
    for (const state of states) {
      for (const relation of relations) {
        const isThere = relation === "member" ? state.users.some(({ id }) => id === self) : state.watching;
        if (!isThere) continue;
        const membership = this.#open[relation].get(state.room);
        if (membership) {
          confirmed.add(membership);
          if (lost.has(state.room) || membership.isStale) membership.refresh(state.users, self);
          membership.isStale = false;
        } else if (isFresh) confirmed.add(this.#give(relation, state, self));
        else this.#unknown.push({ relation, state, self });
      }
    }
    this.#doubtful = this.#all().filter(
      ({ membership }) => !confirmed.has(membership) && !membership.isStale,
    );
  }

  /** Settles what no missed frame has explained. */
  caughtUp(): void {
    for (const { relation, membership } of this.#doubtful)
      if (this.#has(relation, membership)) this.#end(relation, membership, { cause: "lost" });
    for (const { relation, state, self } of this.#unknown)
      if (!this.#open[relation].has(state.room)) this.#give(relation, state, self);
    this.#doubtful = [];
    this.#unknown = [];
  }

  #give(relation: Relation, state: RoomState, self: string): Membership {
    const membership = new Membership(state.room, self);
    this.#given.set(membership, this.#opened({ relation, membership }, state));
    return membership;
  }

  /** The session is over: the rooms are to be entered anew. */
  expire(): void {
    for (const { membership } of this.#all()) {
      membership.isStale = true;
      this.#stale.add(membership.name);
    }
  }

  /**
   * Enters them anew, with what they were entered with, for the user `self`; one that can't be has ended. Resolves with their
   * names; rejects where the connection is lost.
   */
  async rejoin(self: string): Promise<string[]> {
    for (const { relation, membership } of this.#all()) {
      if (!membership.isStale) continue;
      try {
        await this.#reentry.enter(relation, membership, self);
      } catch (error) {
        const { code, message } = error as HotroomClientError;
        if (code === "closed" || code === "timeout") throw error;
        this.#end(relation, membership, { cause: "lost", reason: message });
      }
    }
    const names = [...this.#stale];
    this.#stale.clear();
    return names;
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
        case "disconnect":
        case "reconnect":
          membership.connection(frame.user.id, frame.event === "reconnect");
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
    for (const relation of relations) {
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
