import type { DeliveryCount } from "../../delivery_count.ts";
import type { Clock } from "../../ports/clock.ts";
import type { JsonText } from "../../ports/event.ts";
import type { MakeGroup } from "../../ports/socket.ts";
import type { Sessions } from "../../session/sessions.ts";
import type { User } from "../../user/user.ts";
import { Audience } from "../audience.ts";
import { LiveRooms } from "./live_rooms.ts";
import { type ListedRoom, type RoomFilter, RoomList } from "./room_list.ts";

/** What public rooms are made with. */
export interface PublicRoomsDeps {
  readonly clock: Clock;
  readonly makeGroup: MakeGroup;
  readonly deliveries: DeliveryCount;
}

/** A room that its own audience is told of. */
export interface HeardRoom extends ListedRoom {
  readonly audience: Audience;
}

/** The rooms of an application that its users may know of: all but the hidden ones. They are announced, listed and followed. */
export class PublicRooms {
  readonly #list = new RoomList();
  readonly #live: LiveRooms;

  /** `users` are all users of the application. */
  constructor(
    private readonly application: string,
    private readonly users: Audience,
    deps: PublicRoomsDeps,
    sessions: Sessions,
  ) {
    this.#live = new LiveRooms(deps.clock, () => new Audience(deps, sessions, null));
  }

  /** Returns true if there is a room of that type. */
  hasType(type: string): boolean {
    return this.#list.hasType(type);
  }

  /** Notes how a room is now, which may be a new one; the users hear of one that they may know of from now on, or no more. */
  changed(room: HeardRoom, isNew = false): void {
    const { name, type, isPublic } = room;
    if (this.#note(room) === isPublic) return;
    const { application } = this;
    // Who is in it or watches it has known it all the time.
    const knowing = isNew ? undefined : new Set(room.audience.users);
    if (isPublic) this.users.send({ event: "room_add", application, room: name, type }, knowing);
    else this.users.send({ event: "room_remove", application, room: name }, knowing);
  }

  /** Notes a room that was there before the server ended. */
  restore(room: HeardRoom): void {
    this.#note(room);
  }

  /** Notes that a room has closed; of a hidden one only those hear who know it. */
  closed(room: HeardRoom, reason: string): void {
    const { application } = this;
    const audience = this.#note(room) ? this.users : room.audience;
    audience.send({ event: "room_remove", application, room: room.name, reason });
  }

  /** Returns at most so many rooms as JSON. */
  text(filter: RoomFilter, limit: number): JsonText {
    return this.#list.text(filter, limit);
  }

  /** Has a user told what becomes of the rooms of a list, in the place of another list that it follows. */
  follow(user: User, filter: RoomFilter): void {
    this.#live.follow(user, filter);
  }

  /** Returns the audience of the list that a user follows, where it follows one. */
  followedBy(user: User): Audience | undefined {
    return this.#live.followedBy(user);
  }

  /** Ends that. */
  unfollow(user: User): void {
    this.#live.unfollow(user);
  }

  /** Returns true if the room was public before. */
  #note(room: ListedRoom): boolean {
    const wasPublic = this.#list.has(room);
    this.#list.note(room);
    this.#live.changed(room, wasPublic);
    return wasPublic;
  }
}
