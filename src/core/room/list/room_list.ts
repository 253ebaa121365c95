import type { JsonText } from "../../ports/event.ts";

/** Text of one list, UTF-16 units, after which it ends: a short request must not cost any amount. */
const MOST_UNITS = 128 * 1024;

/** A room as lists see it. */
export interface ListedRoom {
  readonly name: string;
  readonly type: string;
  /** Whether it is listed at all: it is set up, not hidden, and has not closed. */
  readonly isPublic: boolean;
  /** Whether clients may join it as far as that is known: it is not locked, and not full. */
  readonly isOpen: boolean;
  /** What lists tell of it, JSON. */
  readonly listing: JsonText;
}

/** Which rooms a list has. */
export interface RoomFilter {
  /** Of this type only. */
  readonly type?: string | undefined;
  /** Only those that are open. */
  readonly open: boolean;
}

/** Rooms, and those of each type. */
class RoomIndex {
  readonly #all = new Set<ListedRoom>();
  readonly #byType = new Map<string, Set<ListedRoom>>();

  has(room: ListedRoom): boolean {
    return this.#all.has(room);
  }

  of(type: string | undefined): ReadonlySet<ListedRoom> | undefined {
    return type === undefined ? this.#all : this.#byType.get(type);
  }

  set(room: ListedRoom, isIn: boolean): void {
    if (isIn === this.#all.has(room)) return;
    const same = this.#byType.get(room.type) ?? new Set();
    for (const rooms of [this.#all, same]) {
      if (isIn) rooms.add(room);
      else rooms.delete(room);
    }
    if (same.size > 0) this.#byType.set(room.type, same);
    else this.#byType.delete(room.type);
  }
}

/** The public rooms of an application. To find those of a filter takes as long as there are in the answer, however many others there are. */
export class RoomList {
  readonly #all = new RoomIndex();
  readonly #open = new RoomIndex();

  /** Returns true if a room was public when `note` was called for it last. */
  has(room: ListedRoom): boolean {
    return this.#all.has(room);
  }

  /** Returns true if there is a public room of that type. */
  hasType(type: string): boolean {
    return this.#all.of(type) !== undefined;
  }

  /** Notes how a room is now. */
  note(room: ListedRoom): void {
    this.#all.set(room, room.isPublic);
    this.#open.set(room, room.isPublic && room.isOpen);
  }

  /** Returns at most so many rooms as JSON: `{ rooms, more }`, where `more` says that there are others. */
  text({ type, open }: RoomFilter, limit: number): JsonText {
    const found = (open ? this.#open : this.#all).of(type);
    const texts: JsonText[] = [];
    let units = 0;
    for (const { listing } of found ?? []) {
      if (texts.length >= limit || units > MOST_UNITS) break;
      texts.push(listing);
      units += listing.length;
    }
    return `{"rooms":[${texts.join(",")}],"more":${texts.length < (found?.size ?? 0)}}`;
  }
}
