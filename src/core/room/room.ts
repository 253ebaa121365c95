import type { Application } from "../application/application.ts";
import type { PasswordTries } from "../connection/password_tries.ts";
import { applyEffect } from "./apply_effect.ts";
import { Audience } from "./audience.ts";
import { errorOf, HotroomError } from "../errors.ts";
import { Extension, type ExtensionDeps } from "../extension/extension.ts";
import type { ExtensionOwner } from "../extension/extension_owner.ts";
import type { Definition, Version } from "../ports/build.ts";
import type { JsonText } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import { MemberList } from "../user/member_list.ts";
import { cancelMovesFrom } from "../user/move.ts";
import { catchUpWith } from "../user/presence.ts";
import type { User } from "../user/user.ts";
import type { ListedRoom } from "./room_list.ts";
import type { RoomOptions, RoomUpdate } from "./room_options.ts";
import { RoomSettings } from "./room_settings.ts";
import { Watchers } from "./watchers.ts";

/** How a user comes into a room. */
export interface Entry {
  /** A script has the user come in: the room may be locked. */
  readonly byScript?: boolean;
  /** How many emits and moves have led to it. */
  readonly hops?: number;
  /** Asked when the script lets the user in: returns false if that is too late. */
  readonly mayStay?: () => boolean;
}

/** A named place in one application: its members, those who watch it, and its extension. */
export class Room implements ListedRoom {
  readonly type: string;
  readonly keep: boolean;
  readonly createdAt: number;
  readonly members = new Map<string, User>();
  readonly watchers = new Watchers(this);
  /** Members and those who watch. */
  readonly audience: Audience;
  /** Resolves when `init` was handled, rejects where the room can't be set up. */
  readonly ready: Promise<void>;
  readonly extension: Extension;
  /** Whether the application's users and its extension have been told of it. */
  isAnnounced = false;
  /** Whether a join has made it that nobody was let in by yet: then nobody knows of it. */
  isProvisional = false;
  state: "opening" | "open" | "closing" | "closed" = "opening";
  readonly settings: RoomSettings;
  /** Ids of those whose joins the script has not answered; they count against the limit so that it holds in a race. */
  readonly #joining = new Set<string>();
  /** The members as clients are told of them. */
  readonly list = new MemberList(this.members);
  #cancelGrace?: () => void;
  /** When it was left empty last, ms of the monotonic clock. */
  #emptySince = 0;
  /** What resolves when the room, which is closing, is gone. */
  #closing?: PromiseWithResolvers<void>;

  constructor(
    readonly application: Application,
    readonly name: string,
    private readonly options: RoomOptions,
    version: Version,
    /** What the version declares that handles the next event. */
    public definition: Definition,
    private readonly deps: ExtensionDeps,
    /** Rooms that whoever made this one has made and that have not closed; undefined where a script made it. */
    private readonly made?: Set<Room>,
  ) {
    made?.add(this);
    this.type = options.type;
    this.keep = options.keep ?? false;
    this.settings = new RoomSettings(options, deps.clock);
    this.createdAt = deps.clock.now();
    this.audience = new Audience(deps, application.sessions, name);
    const { type, maxUsers } = options;
    const { audience } = this;
    const owner: ExtensionOwner = {
      get reach() {
        return audience.size;
      },
      application: application.name,
      room: { name, type, ...(typeof maxUsers === "number" && { maxUsers }) },
      apply: (effect, hops) => applyEffect(this, effect, hops),
      versionNamed: (name) => application.versions.named(name)?.version,
      definitionIn: ({ rooms }) => rooms.get(type),
      adopt: (definition) => this.#adopt(definition),
      rolledBack: (failed, reason) => application.rolledBack(name, failed, reason),
      failed: (message, killer) => {
        void this.close(message, false);
        if (killer) application.openBreaker();
      },
      limits: application.limits,
    };
    this.extension = new Extension(owner, deps, version, definition);
    if (this.settings.isToBeTold) this.#tellSettings();
    this.ready = this.extension.ask({ kind: "init" }).then((outcome) => {
      if (outcome.failure?.hasNoScript)
        throw new HotroomError("handler_failed", `Cannot open room "${name}": its state() failed.`);
      if (this.isGone) throw new HotroomError("room_closed", `Cannot open room "${name}": it was closed.`);
      if (!outcome.failure) {
        this.state = "open";
        this.#watchEmptiness();
        if (!made) application.announce(this);
        return;
      }
      this.close("Its init handler failed.", false);
      throw new HotroomError("handler_failed", `Cannot open room "${name}": its init handler failed.`);
    });
    this.ready.catch(() => {}); // Reported by whoever asked for the room, and in the log.
  }

  /** Most members, as its script has set it, as it was made, or else as its definition says; Infinity where there is no limit. */
  get maxUsers(): number {
    const { maxUsers = this.options.maxUsers ?? this.definition.maxUsers ?? null } = this.settings;
    return maxUsers ?? Number.POSITIVE_INFINITY;
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
  async join(
    user: User,
    data: JsonText | undefined,
    joined: () => void,
    { byScript = false, hops, mayStay }: Entry = {},
  ): Promise<void> {
    if (this.members.has(user.id) || this.#joining.has(user.id))
      throw new HotroomError("already_in_room", `Cannot join room "${this.name}": you are in it already.`);
    if (this.settings.locked && !byScript)
      throw new HotroomError("room_locked", `Cannot join room "${this.name}": it is locked.`);
    const taken = this.members.size + this.#joining.size;
    if (taken >= this.maxUsers) {
      const message = `Cannot join room "${this.name}": it is full (${taken} of ${this.maxUsers}).`;
      throw new HotroomError("room_full", message);
    }
    this.#joining.add(user.id);
    user.entering.add(this);
    this.#watchEmptiness();
    const { isConnected } = user;
    const joining = new Promise<Outcome>((resolve) => {
      const event = { kind: "join" as const, user: user.view, data, ...(hops !== undefined && { hops }) };
      const before = (outcome: Outcome) => {
        this.#joining.delete(user.id);
        user.entering.delete(this);
        const isLet = !outcome.failure && !this.isGone;
        const isIn = isLet && mayStay?.() !== false;
        // To the script the user is in.
        if (isLet && !isIn) this.extension.dispatch({ kind: "leave", user: user.id });
        if (isIn) {
          if (this.isProvisional) this.#confirm(user);
          this.#add(user);
          joined();
          catchUpWith(this, user, isConnected);
        }
        this.#watchEmptiness();
        resolve(outcome);
        return isIn;
      };
      this.extension.dispatch(event, { before });
    });
    const { failure } = await joining;
    if (failure) throw errorOf(failure, "join_refused");
    if (this.isGone) throw new HotroomError("room_closed", `Cannot join room "${this.name}": it was closed.`);
  }

  /** Resolves when the room, which is closing since nobody was let in, is gone; undefined for any other. */
  get unused(): Promise<void> | undefined {
    return this.isProvisional ? this.#closing?.promise : undefined;
  }

  /** Closes a room that a join has made and that nobody came into, or is about to; resolves when it is gone. */
  async closeUnused(): Promise<void> {
    if (this.isProvisional && this.#joining.size === 0) await this.close("Nobody was let in.");
  }

  /**
   * Takes a member out and tells the others, and the user where a script has `moved` it; resolves when the `leave` handler has
   * run.
   */
  async leave(user: User, reason?: string, moved?: { to: Room; hops: number }): Promise<void> {
    if (!this.members.delete(user.id)) return;
    this.list.changed();
    user.rooms.delete(this);
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
    this.#watchEmptiness();
    await left;
  }

  /**
   * Asks the script whether a user may hear the room without being in it; then `watching` runs with what the `watch` handler
   * returned, before anything else is sent from the room. Rejects with HotroomError.
   */
  watch(user: User, data: JsonText | undefined, watching: (data?: JsonText) => void): Promise<void> {
    return this.watchers.add(user, data, (answer) => {
      user.watched.add(this);
      this.audience.add(user);
      watching(answer);
    });
  }

  /** Ends that; resolves when the `unwatch` handler has run. */
  async unwatch(user: User): Promise<void> {
    user.watched.delete(this);
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
    this.#watchEmptiness();
    if (!handler) {
      this.#end(reason);
      return Promise.resolve();
    }
    this.#closing = Promise.withResolvers();
    void this.extension.ask({ kind: "close", reason }).then(() => this.#end(reason));
    return this.#closing.promise;
  }

  /** Sets the room otherwise, and tells who is to know. */
  update(update: RoomUpdate): void {
    if (this.state === "closed") return;
    this.settings.update(update);
    this.#tellSettings();
    this.application.roomChanged(this);
  }

  /** Returns a member by id or name. */
  member(idOrName: string): User | undefined {
    const byId = this.members.get(idOrName);
    if (byId) return byId;
    const user = this.application.names.of(idOrName);
    return user && this.members.has(user.id) ? user : undefined;
  }

  #end(reason: string): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.extension.close();
    this.made?.delete(this);
    this.application.roomClosed(this, reason);
    for (const user of this.members.values()) user.rooms.delete(this);
    for (const user of this.watchers) user.watched.delete(this);
    this.members.clear();
    this.list.changed();
    this.watchers.clear();
    this.audience.clear();
    this.#closing?.resolve();
  }

  #confirm(user: User): void {
    this.isProvisional = false;
    this.application.announce(this, user);
  }

  #add(user: User): void {
    const self = this.watchers.has(user) ? new Set([user]) : undefined;
    this.audience.send({ event: "join", room: this.name, user: user.data }, self);
    this.members.set(user.id, user);
    this.list.added(user);
    this.audience.add(user);
    user.rooms.add(this);
    this.application.roomChanged(this, user, true);
  }

  #tellSettings(): void {
    const none = { remove: [], add: [] };
    this.extension.tell({ users: none, rooms: none, room: this.settings.view });
  }

  /** Closes the room after a grace period if it is empty. */
  #watchEmptiness(): void {
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    if (this.keep || this.state !== "open" || this.members.size + this.#joining.size > 0) return;
    this.#emptySince = this.deps.clock.monotonic();
    this.#closeAfter(this.application.settings.emptyGrace);
  }

  #closeAfter(ms: number): void {
    this.#cancelGrace = this.deps.clock.after(ms, () => void this.close("It was empty."));
  }

  /** Goes by another version's definition, and by the settings of now. */
  #adopt(definition: Definition): void {
    const { maxUsers } = this;
    this.definition = definition;
    if (this.maxUsers !== maxUsers) this.application.roomChanged(this);
    if (!this.#cancelGrace) return;
    this.#cancelGrace();
    const passed = this.deps.clock.monotonic() - this.#emptySince;
    this.#closeAfter(Math.max(0, this.application.settings.emptyGrace - passed));
  }
}
