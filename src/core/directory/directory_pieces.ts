import type {
  DirectoryUpdate,
  MembershipView,
  RoomSettingsView,
  RoomView,
  UserView,
} from "../ports/event.ts";

/** Most that one piece holds, unless it is a single user or room: users and rooms, and UTF-16 units of the users' data. */
const MOST_ENTRIES = 500;
const MOST_UNITS = 128 * 1024;

/** A piece that is being written. */
interface Piece extends DirectoryUpdate {
  readonly users: { readonly remove: string[]; readonly add: UserView[] };
  readonly rooms: { readonly remove: string[]; readonly add: RoomView[] };
  watchers?: { readonly remove: string[]; readonly add: string[] };
  members?: { readonly remove: MembershipView[]; readonly add: MembershipView[] };
  room?: RoomSettingsView;
}

/** Updates of a directory, in pieces that each take a few milliseconds (docs/decisions/0012-crowds.md). */
export class DirectoryPieces {
  readonly #pieces: Piece[] = [];
  #entries = 0;
  #units = 0;

  removeUser(id: string): void {
    this.#piece().users.remove.push(id);
  }

  addUser(user: UserView): void {
    this.#piece(user.data?.length).users.add.push(user);
  }

  removeRoom(name: string): void {
    this.#piece().rooms.remove.push(name);
  }

  addRoom(room: RoomView): void {
    this.#piece().rooms.add.push(room);
  }

  addWatcher(id: string): void {
    const piece = this.#piece();
    piece.watchers ??= { remove: [], add: [] };
    piece.watchers.add.push(id);
  }

  removeMember(membership: MembershipView): void {
    this.#members().remove.push(membership);
  }

  addMember(membership: MembershipView): void {
    this.#members().add.push(membership);
  }

  setRoom(room: RoomSettingsView): void {
    this.#piece().room = room;
  }

  /** Returns the pieces, in the order in which they are to be told. */
  all(): readonly DirectoryUpdate[] {
    return this.#pieces;
  }

  #members(): NonNullable<Piece["members"]> {
    const piece = this.#piece();
    piece.members ??= { remove: [], add: [] };
    return piece.members;
  }

  /** Returns the piece that takes one more entry, of so many UTF-16 units. */
  #piece(units = 0): Piece {
    const last = this.#pieces.at(-1);
    this.#entries++;
    this.#units += units;
    if (last && this.#entries <= MOST_ENTRIES && this.#units <= MOST_UNITS) return last;
    const next: Piece = { users: { remove: [], add: [] }, rooms: { remove: [], add: [] } };
    this.#pieces.push(next);
    this.#entries = 1;
    this.#units = units;
    return next;
  }
}
