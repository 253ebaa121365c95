import type { ServerEvent, UserData } from "../../protocol/codec.ts";
import type { Connection } from "../connection/connection.ts";
import type { JsonText, UserView } from "../ports/event.ts";
import type { Room } from "../room/room.ts";
import { Session } from "./session.ts";

/** Who logged in to an application. */
export class User {
  readonly session = new Session();
  /** Rooms the user is a member of. */
  readonly rooms = new Set<Room>();
  /** Rooms the user watches. */
  readonly watched = new Set<Room>();
  /** Rooms whose scripts have not answered yet whether they let the user in. */
  readonly entering = new Set<Room>();
  /** Joins, and requests to watch, that a script has not answered yet. */
  readonly joining = new Set<Promise<unknown>>();
  /** Set once the user is being removed; resolves when `logout` was handled. */
  removal?: Promise<void>;
  /** The user as scripts see it. */
  readonly view: UserView;
  /** The user as clients see it. */
  readonly data: UserData;
  /** The same as JSON. */
  readonly text: JsonText;

  constructor(
    readonly id: string,
    readonly name: string,
    readonly connection: Connection,
    data?: JsonText,
  ) {
    this.view = data === undefined ? { id, name } : { id, name, data };
    this.data = { id, name };
    this.text = JSON.stringify(this.data);
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
    this.connection.sendEvent(event);
  }
}

/** Sends one event to many users, but for `except`; the frame is encoded once for each wire. */
export function deliver(users: Iterable<User>, event: ServerEvent, except?: ReadonlySet<User>): void {
  let codec: Connection["codec"] | undefined;
  let frame: string | undefined;
  const frames = new Map<Connection["codec"], string | undefined>();
  for (const user of users) {
    if (except?.has(user)) continue;
    const { connection } = user;
    if (connection.codec !== codec) {
      codec = connection.codec;
      if (!frames.has(codec)) frames.set(codec, codec.event(event));
      frame = frames.get(codec);
    }
    if (frame !== undefined) connection.send(frame);
  }
}
