import type { WireFrame } from "../../protocol/bytes.ts";
import type { Codec, ServerEvent, UserData } from "../../protocol/codec.ts";
import type { Connection } from "../connection/connection.ts";
import type { ANSWER, Backlog } from "../history/backlog.ts";
import type { JsonText, UserView } from "../ports/event.ts";
import type { Room } from "../room/room.ts";
import type { Session } from "../session/session.ts";
import type { Move } from "./move.ts";

/** Who logged in to an application. */
export class User {
  /** Absent on a wire that has none. */
  session?: Session;
  /** What it may not have got; absent where there is no session. */
  backlog?: Backlog;
  /** Rooms the user is a member of. */
  readonly rooms = new Set<Room>();
  /** Rooms the user watches. */
  readonly watched = new Set<Room>();
  /** Rooms whose scripts have not answered yet whether they let the user in. */
  readonly entering = new Set<Room>();
  /**
   * Names of durable rooms whose scripts have not answered yet whether they let the user in, or watch: told of it, the user is a member
   * whatever the server's end has left out, and waits for these when it comes back.
   */
  readonly asked = new Set<string>();
  /** Joins, and requests to watch, that a script has not answered yet. */
  readonly joining = new Set<Promise<unknown>>();
  /** Where scripts want it to be, and it is not yet. */
  readonly moves = new Set<Move>();
  /** The last move from a room that a script asked for; resolves when it is done, or could not be. */
  moving?: Promise<unknown>;
  /** Set once the user is being removed; resolves when `logout` was handled. */
  removal?: Promise<void>;
  /** Whether there is a connection; without one the user is away, and may come back. */
  isConnected = true;
  /** What the members of its rooms were told of that. */
  isShownConnected = true;
  /** From when on the token that it logged in with is not valid any more, ms since the epoch; absent where it is for ever. */
  expires?: number | undefined;
  /** Times that the connection was lost, or there again, of which not all scripts have handled the event. */
  unheard = 0;
  /** The user as clients see it. */
  readonly data: UserData;
  readonly #here: UserView;
  readonly #away: UserView;
  readonly #text: JsonText;
  #alone: ReadonlySet<User> | undefined;

  constructor(
    readonly id: string,
    readonly name: string,
    /** The one that the user came by last. */
    public connection: Connection,
    data?: JsonText,
  ) {
    this.#here = data === undefined ? { id, name } : { id, name, data };
    this.#away = { ...this.#here, connected: false };
    this.data = { id, name };
    this.#text = JSON.stringify(this.data);
  }

  /** The user as scripts see it now. */
  get view(): UserView {
    return this.isConnected ? this.#here : this.#away;
  }

  /** The user as a set of its own. */
  get alone(): ReadonlySet<User> {
    this.#alone ??= new Set([this]);
    return this.#alone;
  }

  /** Returns the user in a list for a client, as JSON: as the others were told of it, so that what they are told next follows; itself it is here. */
  textFor(to?: User): JsonText {
    return this.isShownConnected || to === this
      ? this.#text
      : `${this.#text.slice(0, -1)},"connected":false}`;
  }

  /** Whether frames go to the connection: there is one, and it has caught up with what was missed. */
  get isLive(): boolean {
    return this.backlog?.isLive ?? this.isConnected;
  }

  /** Sends a frame to the user alone. It is kept if it has a number; `about` is the room that it is about, null, or ANSWER. */
  sendFrame(frame: WireFrame, number: number | undefined, about: string | null | typeof ANSWER): void {
    if (this.giveFrame(frame, number, about)) this.connection.checkOutbox();
  }

  /** Does the same for a frame that others get, too; returns true where it is due to look whether the client keeps up, once all have been sent it. */
  giveFrame(frame: WireFrame, number: number | undefined, about: string | null | typeof ANSWER): boolean {
    if (number !== undefined) this.backlog?.keep(number, frame, about);
    return this.isLive && this.connection.give(frame);
  }

  /** Runs what may put the user into a room; whoever removes the user waits for it. */
  async enter(enter: () => Promise<void>): Promise<void> {
    const entering = enter();
    this.joining.add(entering);
    try {
      await entering;
    } finally {
      this.joining.delete(entering);
    }
  }

  /** Sends one event to the user alone. */
  send(event: ServerEvent): void {
    deliver([this], event);
  }
}

/** Sends one event to some users, each by itself; the frame is encoded once for each wire. */
export function deliver(users: Iterable<User>, event: ServerEvent): void {
  const made = new Map<Codec, { number: number | undefined; frame: WireFrame | undefined }>();
  let due: User[] | undefined;
  for (const user of users) {
    const { codec } = user.connection;
    let sent = made.get(codec);
    if (!sent) {
      const number = user.backlog?.numbers.next();
      sent = { number, frame: codec.event(event, number) };
      made.set(codec, sent);
    }
    if (sent.frame === undefined || !user.giveFrame(sent.frame, sent.number, event.room ?? null)) continue;
    due ??= [];
    due.push(user);
  }
  if (due) for (const user of due) user.connection.checkOutbox();
}
