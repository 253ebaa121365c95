import { errorOf, HotroomError } from "../errors.ts";
import type { JsonText } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import { catchUpWith } from "../user/presence.ts";
import type { User } from "../user/user.ts";
import type { Room } from "./room.ts";

/** How a user comes into a room. */
export interface Entry {
  /** A script has the user come in: the room may be locked. */
  readonly byScript?: boolean;
  /** How many emits and moves have led to it. */
  readonly hops?: number;
  /** Asked when the script lets the user in: returns false if that is too late. */
  readonly mayStay?: () => boolean;
  /** What is kept with the event. */
  readonly origin?: JsonText;
}

/** Who is about to come into one room: its script decides. */
export class Joins {
  /** Ids of those whose joins the script has not answered; they count against the limit so that it holds in a race. */
  readonly #joining = new Set<string>();

  constructor(private readonly room: Room) {}

  get size(): number {
    return this.#joining.size;
  }

  /** Asks the script; see `Room.join`. */
  async add(
    user: User,
    data: JsonText | undefined,
    joined: () => void,
    { byScript = false, hops, mayStay, origin }: Entry,
  ): Promise<void> {
    const { room } = this;
    this.#check(user, byScript);
    this.#joining.add(user.id);
    user.entering.add(room);
    room.asks(user);
    room.watchEmptiness();
    const { isConnected } = user;
    const joining = new Promise<Outcome>((resolve) => {
      const event = { kind: "join" as const, user: user.view, data, ...(hops !== undefined && { hops }) };
      const before = (outcome: Outcome) => {
        this.#joining.delete(user.id);
        user.entering.delete(room);
        user.asked.delete(room.name);
        const isIn = this.enter(user, outcome, isConnected, joined, mayStay);
        room.watchEmptiness();
        resolve(outcome);
        return isIn;
      };
      room.extension.dispatch(event, { before, ...(origin !== undefined && { origin }) });
    });
    const { failure } = await joining;
    if (failure) throw errorOf(failure, "join_refused");
    if (room.isGone) throw new HotroomError("room_closed", `Cannot join room "${room.name}": it was closed.`);
  }

  /** Makes a user a member whom the script has answered, where it lets it in; returns whether it is one. */
  enter(
    user: User,
    { failure }: Outcome,
    isConnected: boolean,
    joined: () => void,
    mayStay?: () => boolean,
  ): boolean {
    const { room } = this;
    const isLet = !failure && !room.isGone;
    const isIn = isLet && mayStay?.() !== false;
    // To the script the user is in.
    if (isLet && !isIn) room.extension.dispatch({ kind: "leave", user: user.id });
    if (!isIn) return false;
    room.addMember(user);
    joined();
    catchUpWith(room, user, isConnected);
    return true;
  }

  #check(user: User, byScript: boolean): void {
    const { name, members, settings, maxUsers } = this.room;
    if (members.has(user.id) || this.#joining.has(user.id))
      throw new HotroomError("already_in_room", `Cannot join room "${name}": you are in it already.`);
    if (settings.locked && !byScript)
      throw new HotroomError("room_locked", `Cannot join room "${name}": it is locked.`);
    const taken = members.size + this.#joining.size;
    if (taken < maxUsers) return;
    const message = `Cannot join room "${name}": it is full (${taken} of ${maxUsers}).`;
    throw new HotroomError("room_full", message);
  }
}
