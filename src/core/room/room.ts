import type { Application } from "../application/application.ts";
import type { PasswordTries } from "../connection/password_tries.ts";
import { Audience } from "./audience.ts";
import { Extension } from "../extension/extension.ts";
import type { ExtensionDeps } from "../extension/extension_deps.ts";
import type { Definition, Version } from "../ports/build.ts";
import type { JsonText } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import { Relays } from "../relay/relays.ts";
import { type KeptRoom, textOf } from "../restore/kept_room.ts";
import { type RoomComeback, resumedBy } from "../restore/room_comeback.ts";
import { MemberList } from "../user/member_list.ts";
import { cancelMovesFrom } from "../user/move.ts";
import type { User } from "../user/user.ts";
import { type Entry, Joins } from "./joins.ts";
import { EmptyGrace } from "./life/empty_grace.ts";
import { RoomOpening } from "./life/room_opening.ts";
import type { ListedRoom } from "./list/room_list.ts";
import type { RoomOptions, RoomUpdate } from "./room_options.ts";
import { RoomOwner } from "./room_owner.ts";
import { RoomSettings } from "./room_settings.ts";
import { Watchers } from "./watchers.ts";

/** Why a room closes that was left by all. */
const EMPTY = "It was empty.";

/** A named place in one application: its members, those who watch it, and its extension. */
export class Room implements ListedRoom {
  readonly type: string;
  readonly keep: boolean;
  readonly createdAt: number;
  readonly members = new Map<string, User>();
  readonly watchers = new Watchers(this);
  /** Members and those who watch. */
  readonly audience: Audience;
  readonly relays: Relays;
  readonly extension: Extension;
  /** Whether the application's users and its extension have been told of it. */
  isAnnounced = false;
  /** Whether a join has made it that nobody was let in by yet: then nobody knows of it. */
  isProvisional = false;
  state: "opening" | "open" | "closing" | "closed" = "opening";
  readonly settings: RoomSettings;
  readonly #joins: Joins;
  /** The members as clients are told of them. */
  readonly list = new MemberList(this.members);
  readonly #grace: EmptyGrace;
  readonly #opening = new RoomOpening(this);
  /** Why it closes, where it does. */
  closingReason: string | undefined;
  /** What resolves when the room, which is closing, is gone. */
  #closing?: PromiseWithResolvers<void>;

  constructor(
    readonly application: Application,
    readonly name: string,
    /** How it was made. */
    readonly options: RoomOptions,
    version: Version,
    /** What the version declares that handles the next event. */
    public definition: Definition,
    deps: ExtensionDeps,
    /** Rooms that whoever made this one has made and that have not closed; undefined where a script made it. */
    private readonly made?: Set<Room>,
    comeback?: RoomComeback,
  ) {
    made?.add(this);
    const kept = comeback?.kept;
    this.type = options.type;
    this.keep = options.keep ?? false;
    this.settings = new RoomSettings(options, deps.clock);
    this.createdAt = kept?.createdAt ?? deps.clock.now();
    this.audience = new Audience(deps, application.sessions, name);
    this.relays = new Relays(deps.clock, definition.relays);
    this.#joins = new Joins(this);
    const emptyGrace = () => application.settings.emptyGrace;
    this.#grace = new EmptyGrace(deps.clock, emptyGrace, () => void this.close(EMPTY));
    const owner = new RoomOwner(this, options.maxUsers);
    if (kept) this.#restore(kept);
    this.extension = new Extension(owner, deps, version, definition, comeback && resumedBy(this, comeback));
    if (this.isDurable) this.audience.keep();
    if (kept) {
      this.extension.standing = kept.standing;
      this.extension.since = kept.since;
      return;
    }
    if (this.settings.isToBeTold) this.tellSettings();
    const opened = (outcome: Outcome) => queueMicrotask(() => this.initialised(outcome));
    this.extension.dispatch({ kind: "init" }, { after: opened });
    this.note();
  }

  /** Most members, as its script has set it, as it was made, or else as its definition says; Infinity where there is no limit. */
  get maxUsers(): number {
    const { maxUsers = this.options.maxUsers ?? this.definition.maxUsers ?? null } = this.settings;
    return maxUsers ?? Number.POSITIVE_INFINITY;
  }

  /** Resolves when `init` was handled, rejects where the room can't be set up. */
  get ready(): Promise<void> {
    return this.#opening.ready;
  }

  /** Whether a client has made it. */
  get isMade(): boolean {
    return this.made !== undefined;
  }

  /** Whether it outlives the server. */
  get isDurable(): boolean {
    return this.extension.isDurable;
  }

  /** Whether it is one of `app.rooms`: what a script makes is from the beginning. */
  get isListed(): boolean {
    return this.isAnnounced || !this.made;
  }

  get isPublic(): boolean {
    return this.isAnnounced && !this.settings.hidden && this.state !== "closed";
  }

  get isOpen(): boolean {
    return !this.settings.locked && this.members.size < this.maxUsers;
  }

  get listing(): JsonText {
    const { name, type, members, maxUsers } = this;
    return this.settings.listing(name, type, members.size, maxUsers);
  }

  /** Whether it is closing or closed. */
  get isGone(): boolean {
    return this.state === "closing" || this.state === "closed";
  }

  /**
   * Compares the password that a connection gives, if the room has one; `doing` begins the message. Throws HotroomError:
   * `wrong_password` where it is missing or another one, `rate_limited` where the connection has tried too often.
   */
  checkPassword(given: unknown, doing: string, tries: PasswordTries): void {
    const { password } = this.settings;
    if (password) tries.check(password, given, `Cannot ${doing} room "${this.name}"`);
  }

  /**
   * Asks the script whether a user may join, and makes the user a member; then `joined` runs, before anything else is sent
   * from the room. Rejects with HotroomError.
   */
  join(user: User, data: JsonText | undefined, joined: () => void, entry: Entry = {}): Promise<void> {
    return this.#joins.add(user, data, joined, entry);
  }

  /** Notes that its script is asked to let a user in, or watch: before the answer is known that is kept. */
  asks(user: User): void {
    if (!this.extension.isDurable) return;
    user.asked.add(this.name);
    this.application.durable?.putUser(user);
  }

  /** Makes a user a member whom the script lets in, again: the server ended before it was one. Returns whether it is one. */
  joinAgain(user: User, outcome: Outcome, joined: () => void): boolean {
    return this.#joins.enter(user, outcome, user.isConnected, joined);
  }

  /** Resolves when the room, which is closing since nobody was let in or was left, is gone; undefined for any other. */
  get unused(): Promise<void> | undefined {
    return this.isProvisional || this.closingReason === EMPTY ? this.#closing?.promise : undefined;
  }

  /** Closes a room that a join has made and that nobody came into, or is about to; resolves when it is gone. */
  async closeUnused(): Promise<void> {
    if (this.isProvisional && this.#joins.size === 0) await this.close("Nobody was let in.");
  }

  /**
   * Takes a member out and tells the others, and the user where a script has `moved` it; resolves when the `leave` handler has
   * run.
   */
  async leave(user: User, reason?: string, moved?: { to: Room; hops: number }): Promise<void> {
    if (!this.members.delete(user.id)) return;
    this.list.changed();
    user.rooms.delete(this);
    this.application.durable?.putUser(user);
    cancelMovesFrom(this, user.moves);
    const isWatching = this.watchers.has(user);
    if (!isWatching) this.audience.remove(user);
    const note = reason === undefined ? {} : { reason };
    const event = { event: "leave" as const, room: this.name, user: user.data, ...note };
    this.audience.send(event, moved || isWatching ? new Set([user]) : undefined);
    if (moved) user.send({ ...event, to: moved.to.name });
    this.application.roomChanged(this, user, false);
    const hops = moved && { hops: moved.hops };
    const left = this.extension.ask({ kind: "leave", user: user.id, ...note, ...hops });
    this.watchEmptiness();
    await left;
  }

  /** Makes a user one who watches: it hears the room without being in it. Its script has let it. */
  addWatcher(user: User): void {
    this.watchers.restore(user);
    user.watched.add(this);
    this.application.durable?.putUser(user);
    this.audience.add(user);
  }

  /** Ends that; resolves when the `unwatch` handler has run. */
  async unwatch(user: User): Promise<void> {
    user.watched.delete(this);
    this.application.durable?.putUser(user);
    if (!this.members.has(user.id)) this.audience.remove(user);
    await this.watchers.remove(user);
  }

  /** Returns what a client is told that joins or watches it, or comes back, as JSON; every member is part of it, and `data` where there is some. */
  welcome(to: User, data?: JsonText): JsonText {
    const [name, type] = [JSON.stringify(this.name), JSON.stringify(this.type)];
    const more = data === undefined ? "" : `,"data":${data}`;
    return `{"room":${name},"type":${type},"users":${this.list.textFor(to)}${more}}`;
  }

  /**
   * Closes the room: its `close` handler runs (unless `handler` is false), its users are told, its name is free again. Resolves
   * when that is done.
   */
  close(reason: string, handler = true): Promise<void> {
    if (this.state === "closed") return Promise.resolve();
    if (this.#closing && handler) return this.#closing.promise;
    this.state = "closing";
    this.closingReason = reason;
    this.note();
    this.watchEmptiness();
    if (!handler) {
      this.end(reason);
      return Promise.resolve();
    }
    this.#closing = Promise.withResolvers();
    this.extension.dispatch(
      { kind: "close", reason },
      { after: () => queueMicrotask(() => this.end(reason)) },
    );
    return this.#closing.promise;
  }

  /** Sets the room otherwise, and tells who is to know. */
  update(update: RoomUpdate): void {
    if (this.state === "closed") return;
    this.settings.update(update);
    this.note();
    this.tellSettings();
    this.application.roomChanged(this);
  }

  /** Returns a member by id or name. */
  member(idOrName: string): User | undefined {
    const byId = this.members.get(idOrName);
    if (byId) return byId;
    const user = this.application.names.of(idOrName);
    return user && this.members.has(user.id) ? user : undefined;
  }

  /** Goes by what its `init` handler came to. */
  initialised(outcome: Outcome): void {
    this.#opening.decide(outcome, this.application.limits);
  }

  /** Is open from now on: it has a state, and `init` was handled. */
  opened(): void {
    this.state = "open";
    this.note();
    this.watchEmptiness();
    if (!this.made) this.application.announce(this);
  }

  /** Keeps the room as it is when what happens in this turn of the loop is committed. */
  note(): void {
    this.extension.keepLast("room", () => (this.state === "closed" ? undefined : textOf(this)));
  }

  /** Is what was kept, but for its members. */
  #restore({ settings, state, isAnnounced, isProvisional, reason }: KeptRoom): void {
    this.settings.update(settings);
    this.state = state;
    this.isAnnounced = isAnnounced;
    this.isProvisional = isProvisional;
    this.closingReason = reason;
    if (state === "closing") this.#closing = Promise.withResolvers();
    this.#opening.restore(state);
  }

  /** Ends the room, which has closed. */
  end(reason: string): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.extension.close();
    this.made?.delete(this);
    this.application.roomClosed(this, reason);
    for (const user of this.members.values()) user.rooms.delete(this);
    for (const user of this.watchers) user.watched.delete(this);
    for (const user of [...this.members.values(), ...this.watchers]) this.application.durable?.putUser(user);
    this.members.clear();
    this.list.changed();
    this.watchers.clear();
    this.audience.clear();
    this.#closing?.resolve();
  }

  /** Makes a user a member, and tells who hears the room. */
  addMember(user: User): void {
    if (this.isProvisional) {
      this.isProvisional = false;
      this.note();
      this.application.announce(this, user);
    }
    const self = this.watchers.has(user) ? new Set([user]) : undefined;
    this.audience.send({ event: "join", room: this.name, user: user.data }, self);
    this.members.set(user.id, user);
    this.list.added(user);
    this.audience.add(user);
    user.rooms.add(this);
    this.application.durable?.putUser(user);
    this.application.roomChanged(this, user, true);
  }

  /** Has its script told how it is set. */
  tellSettings(): void {
    const none = { remove: [], add: [] };
    this.extension.tell({ users: none, rooms: none, room: this.settings.view });
  }

  /** Begins the grace after which it closes, where it is empty. */
  watchEmptiness(): void {
    const isWanted = this.keep || this.state !== "open" || this.members.size + this.#joins.size > 0;
    this.#grace.watch(!isWanted);
  }

  /** Goes by another version's definition, and by the settings of now. */
  adopt(definition: Definition): void {
    const { maxUsers } = this;
    this.definition = definition;
    this.relays.adopt(definition.relays);
    if (this.maxUsers !== maxUsers) this.application.roomChanged(this);
    this.#grace.renew();
  }
}
