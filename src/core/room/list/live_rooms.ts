import type { ServerEvent } from "../../../protocol/codec.ts";
import type { Clock } from "../../ports/clock.ts";
import { Queue } from "../../queue.ts";
import type { User } from "../../user/user.ts";
import type { Audience } from "../audience.ts";
import type { ListedRoom, RoomFilter } from "./room_list.ts";

/** How long a room that was told of is not told of again, ms: twice a second at most. */
const QUIET_MS = 500;
/**
 * How often it is looked what there is to tell, ms; and frames that a look may send, less those that looks before it sent too many
 * (docs/decisions/0012-crowds.md).
 */
const LOOK_MS = 25;
const FRAMES_PER_LOOK = 750;

/** Users who follow the same list. */
interface Following {
  readonly filter: RoomFilter;
  readonly audience: Audience;
}

/** A room that has changed, or was told of less than `QUIET_MS` ago. */
interface Change {
  room: ListedRoom;
  /** Types that rooms of that name had before, whose lists have not been told that they are gone. */
  formerTypes?: Set<string> | undefined;
  /** Whether there is something to tell. */
  isNew: boolean;
  /** When it was told of last, ms of the monotonic clock. */
  toldAt: number;
}

/**
 * Tells who follows a list of rooms what becomes of them: each room as it is when it is told of, so that of many changes the last
 * one counts and none is lost. However many rooms change and users follow, no more than `FRAMES_PER_LOOK` go out in `LOOK_MS` on
 * average, and at once one room to all; what has to wait is one entry for each room, the one that has waited longest first.
 */
export class LiveRooms {
  /** By filter; of these there are two for each type of rooms, and two for all. */
  readonly #followings = new Map<string, Following>();
  readonly #followed = new Map<User, Following>();
  readonly #changes = new Map<string, Change>();
  /** Those with something to tell, and those that were told of lately; oldest first. */
  readonly #due = new Queue<Change>();
  readonly #quiet = new Queue<Change>();
  /** Names of rooms that lists of open rooms can't have, since they were told so and nothing has changed that. */
  readonly #shut = new Set<string>();
  /** Frames that may be sent before the next look; fewer than 0 where too many were. */
  #allowed = 0;
  #stop: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly makeAudience: () => Audience,
  ) {}

  /** Has a user told of the rooms of a list from now on, in the place of another list that it follows. */
  follow(user: User, filter: RoomFilter): void {
    this.unfollow(user);
    const key = `${filter.open ? "open" : "all"} ${filter.type ?? ""}`;
    let following = this.#followings.get(key);
    if (!following) {
      following = { filter, audience: this.makeAudience() };
      this.#followings.set(key, following);
    }
    following.audience.add(user);
    this.#followed.set(user, following);
  }

  /** Returns the audience of the list that a user follows, where it follows one. */
  followedBy(user: User): Audience | undefined {
    return this.#followed.get(user)?.audience;
  }

  /** Ends that, where the user follows a list. */
  unfollow(user: User): void {
    const following = this.#followed.get(user);
    if (!following) return;
    this.#followed.delete(user);
    following.audience.remove(user);
    if (following.audience.size > 0) return;
    for (const [key, each] of this.#followings) if (each === following) this.#followings.delete(key);
    if (this.#followed.size === 0) this.#forget();
  }

  /** Notes that a room has changed, come or gone; `wasPublic` says whether lists had it before. */
  changed(room: ListedRoom, wasPublic: boolean): void {
    if (this.#followed.size === 0) return;
    const { name, isPublic } = room;
    // Who asks from now on is given the room as an open one.
    if (isPublic && room.isOpen) this.#shut.delete(name);
    const change = this.#changes.get(name);
    // Of a hidden room nobody hears, not even that it is gone.
    if (!isPublic && !wasPublic) return;
    if (!change) {
      const first = { room, isNew: true, toldAt: 0 };
      this.#changes.set(name, first);
      this.#due.push(first);
      this.#stop ??= this.clock.every(LOOK_MS, () => this.#look());
      return;
    }
    if (change.isNew && change.room.type !== room.type) {
      change.formerTypes ??= new Set();
      change.formerTypes.add(change.room.type);
    }
    change.formerTypes?.delete(room.type);
    change.room = room;
    change.isNew = true;
  }

  #look(): void {
    const now = this.clock.monotonic();
    for (
      let change = this.#quiet.at(0);
      change && now - change.toldAt >= QUIET_MS;
      change = this.#quiet.at(0)
    ) {
      this.#quiet.shift();
      if (change.isNew) this.#due.push(change);
      else this.#changes.delete(change.room.name);
    }
    this.#allowed = Math.min(FRAMES_PER_LOOK, this.#allowed + FRAMES_PER_LOOK);
    while (this.#allowed > 0 && this.#due.length > 0) {
      const change = this.#due.shift() as Change;
      this.#allowed -= this.#tell(change.room) + this.#tellGone(change);
      change.formerTypes = undefined;
      change.isNew = false;
      change.toldAt = now;
      this.#quiet.push(change);
    }
    if (this.#changes.size === 0) this.#rest();
  }

  /** Tells of a room as it is now. Returns how many frames that took, 1 at least. */
  #tell({ name, type, isPublic, isOpen, listing }: ListedRoom): number {
    const event: ServerEvent = isPublic
      ? { event: "room_change", room: name, listing }
      : { event: "room_change", room: name, gone: type };
    const wasShut = this.#shut.delete(name);
    if (isPublic && !isOpen) this.#shut.add(name);
    let frames = 1;
    for (const { filter, audience } of this.#followings.values()) {
      if (filter.type !== undefined && filter.type !== type) continue;
      if (filter.open && wasShut && !(isPublic && isOpen)) continue;
      audience.send(event);
      frames += audience.size;
    }
    return frames;
  }

  /** Tells lists of a type that they have a room no more, whose name is that of a room of another type now. Returns how many frames that took. */
  #tellGone({ room: { name }, formerTypes }: Change): number {
    let frames = 0;
    if (!formerTypes) return frames;
    for (const { filter, audience } of this.#followings.values()) {
      const { type } = filter;
      if (type === undefined || !formerTypes.has(type)) continue;
      audience.send({ event: "room_change", room: name, gone: type });
      frames += audience.size;
    }
    return frames;
  }

  #forget(): void {
    this.#changes.clear();
    this.#due.clear();
    this.#quiet.clear();
    this.#shut.clear();
    this.#rest();
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}
