import type { Application } from "../application/application.ts";
import type { PasswordTries } from "../connection/password_tries.ts";
import { Audience } from "./audience.ts";
import { errorOf, HotroomError } from "../errors.ts";
import { Extension, type ExtensionDeps } from "../extension/extension.ts";
import type { ExtensionOwner } from "../extension/extension_owner.ts";
import type { Definition, Version } from "../ports/build.ts";
import type { Effect } from "../ports/effect.ts";
import type { JsonText } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import { deliver, type User } from "../user/user.ts";
import { Password } from "./password.ts";
import type { RoomOptions } from "./room_options.ts";

/** A named place in one application: its members, those who watch it, and its extension. */
export class Room {
  readonly type: string;
  /** Infinity where there is no limit. */
  readonly maxUsers: number;
  readonly keep: boolean;
  readonly createdAt: number;
  readonly members = new Map<string, User>();
  readonly watchers = new Set<User>();
  /** Members and those who watch. */
  readonly audience: Audience;
  /** Resolves when `init` was handled, rejects where the room can't be set up. */
  readonly ready: Promise<void>;
  readonly extension: Extension;
  state: "opening" | "open" | "closing" | "closed" = "opening";
  readonly #password?: Password;
  /** Joins that the script has not answered; they count against the limit so that it holds in a race. */
  #reserved = 0;
  /** The members as JSON, each with a comma before it, if somebody was told and none of them has left or lost its connection since. */
  #list: string | undefined;
  #cancelGrace?: () => void;
  #closing?: Promise<void>;

  constructor(
    readonly application: Application,
    readonly name: string,
    options: RoomOptions,
    version: Version,
    definition: Definition,
    private readonly deps: ExtensionDeps,
    /** Rooms that whoever made this one has made and that have not closed; undefined where a script made it. */
    private readonly made?: Set<Room>,
  ) {
    made?.add(this);
    this.type = options.type;
    this.maxUsers = options.maxUsers ?? definition.maxUsers ?? Number.POSITIVE_INFINITY;
    this.keep = options.keep ?? false;
    if (options.password !== undefined) this.#password = new Password(options.password, deps.clock);
    this.createdAt = deps.clock.now();
    this.audience = new Audience(deps, application.sessions, name);
    const { audience } = this;
    const owner: ExtensionOwner = {
      get reach() {
        return audience.size;
      },
      application: application.name,
      room: { name, type: this.type, maxUsers: this.maxUsers },
      apply: (effect, hops) => this.#apply(effect, hops),
      definition: (name) => application.versions.named(name)?.version.rooms.get(this.type),
      rolledBack: (failed, reason) => application.rolledBack(name, failed, reason),
      failed: (message, killer) => {
        void this.close(message, false);
        if (killer) application.openBreaker();
      },
      limits: application.limits,
    };
    this.extension = new Extension(owner, deps, version, definition);
    this.ready = this.extension.ask({ kind: "init" }).then((outcome) => {
      if (this.#gone) throw new HotroomError("room_closed", `Cannot open room "${name}": it was closed.`);
      if (!outcome.failure) {
        this.state = "open";
        this.#watchEmptiness();
        return;
      }
      this.close("Its init handler failed.", false);
      throw new HotroomError("handler_failed", `Cannot open room "${name}": its init handler failed.`);
    });
    this.ready.catch(() => {}); // Reported by whoever asked for the room, and in the log.
  }

  get #gone(): boolean {
    return this.state === "closing" || this.state === "closed";
  }

  /**
   * Compares the password that a connection gives, if the room has one; `doing` begins the message. Throws HotroomError:
   * `wrong_password` where it is missing or another one, `rate_limited` where the connection has tried too often.
   */
  checkPassword(given: unknown, doing: string, tries: PasswordTries): void {
    if (this.#password) tries.check(this.#password, given, `Cannot ${doing} room "${this.name}"`);
  }

  /**
   * Asks the script whether a user may join, and makes the user a member; then `joined` runs, before anything else is sent
   * from the room. Rejects with HotroomError.
   */
  async join(user: User, data: JsonText | undefined, joined: () => void): Promise<void> {
    if (this.members.has(user.id))
      throw new HotroomError("already_in_room", `Cannot join room "${this.name}": you are in it already.`);
    const taken = this.members.size + this.#reserved;
    if (taken >= this.maxUsers) {
      const message = `Cannot join room "${this.name}": it is full (${taken} of ${this.maxUsers}).`;
      throw new HotroomError("room_full", message);
    }
    this.#reserved++;
    this.#cancelGrace?.();
    const { isConnected } = user;
    const joining = new Promise<Outcome>((resolve) => {
      const event = { kind: "join" as const, user: user.view, data };
      const before = (outcome: Outcome) => {
        this.#reserved--;
        if (!outcome.failure && !this.#gone) {
          this.#add(user);
          joined();
          this.#catchUpWith(user, isConnected);
        }
        this.#watchEmptiness();
        resolve(outcome);
      };
      this.extension.dispatch(event, { before });
    });
    const { failure } = await joining;
    if (failure) throw errorOf(failure, "join_refused");
    if (this.#gone) throw new HotroomError("room_closed", `Cannot join room "${this.name}": it was closed.`);
  }

  /** Takes a member out and tells the others; resolves when the `leave` handler has run. */
  async leave(user: User, reason?: string): Promise<void> {
    if (!this.members.delete(user.id)) return;
    this.#list = undefined;
    user.rooms.delete(this);
    if (!this.watchers.has(user)) this.audience.remove(user);
    const note = reason === undefined ? {} : { reason };
    this.audience.send({ event: "leave", room: this.name, user: user.data, ...note });
    this.application.roomChanged(this);
    const left = this.extension.ask({ kind: "leave", user: user.id, ...note });
    this.#watchEmptiness();
    await left;
  }

  /** Lets a user hear the room without being in it. */
  watch(user: User): void {
    this.watchers.add(user);
    user.watched.add(this);
    this.audience.add(user);
  }

  unwatch(user: User): void {
    this.watchers.delete(user);
    user.watched.delete(this);
    if (!this.members.has(user.id)) this.audience.remove(user);
  }

  /** Notes that a member's connection is gone, or back: lists of members say so. */
  connectionChanged(): void {
    this.#list = undefined;
  }

  /** Tells those who hear the room that a member is away, or back. */
  showPresence(user: User): void {
    const event = user.isShownConnected ? "reconnect" : "disconnect";
    this.audience.send({ event, room: this.name, user: user.data }, new Set([user]));
  }

  /** Returns what clients are told who join or watch it, as JSON; every member is part of it. */
  welcome(): JsonText {
    this.#list ??= Array.from(this.members.values(), ({ text }) => `,${text}`).join("");
    const [name, type] = [JSON.stringify(this.name), JSON.stringify(this.type)];
    return `{"room":${name},"type":${type},"users":[${this.#list.slice(1)}]}`;
  }

  /**
   * Closes the room: its `close` handler runs (unless `handler` is false), its users are told, its name is free again. Resolves
   * when that is done.
   */
  close(reason: string, handler = true): Promise<void> {
    if (this.state === "closed") return Promise.resolve();
    if (this.#closing && handler) return this.#closing;
    this.state = "closing";
    this.#cancelGrace?.();
    if (!handler) {
      this.#end(reason);
      return Promise.resolve();
    }
    this.#closing = this.extension.ask({ kind: "close", reason }).then(() => this.#end(reason));
    return this.#closing;
  }

  /** Returns a member by id or name. */
  member(idOrName: string): User | undefined {
    const byId = this.members.get(idOrName);
    if (byId) return byId;
    const user = this.application.userNamed(idOrName);
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
    this.#list = undefined;
    this.watchers.clear();
    this.audience.clear();
  }

  #add(user: User): void {
    const self = this.watchers.has(user) ? new Set([user]) : undefined;
    this.audience.send({ event: "join", room: this.name, user: user.data }, self);
    this.members.set(user.id, user);
    if (this.#list !== undefined) this.#list += `,${user.text}`;
    this.audience.add(user);
    user.rooms.add(this);
    this.application.roomChanged(this);
  }

  /** Tells of a new member what the room was not told while the member was none; its script takes it for `isConnected`. */
  #catchUpWith(user: User, isConnected: boolean): void {
    if (!user.isShownConnected) this.showPresence(user);
    if (user.isConnected === isConnected) return;
    const kind = user.isConnected ? "reconnect" : "disconnect";
    this.extension.dispatch({ kind, connection: user.connection.id, user: user.id });
  }

  #apply(effect: Effect, hops: number): void {
    switch (effect.kind) {
      case "broadcast": {
        const except = effect.except && this.#members(effect.except);
        this.audience.send(this.#message(effect), except);
        return;
      }
      case "send":
        deliver(this.#members(effect.to), this.#message(effect));
        return;
      case "kick": {
        const user = this.member(effect.user);
        if (!user) return;
        // Who also watches the room hears of it with the others.
        if (!this.watchers.has(user))
          user.send({ event: "leave", room: this.name, user: user.data, reason: effect.reason });
        void this.leave(user, effect.reason);
        return;
      }
      case "closeRoom":
        if (effect.room === undefined) return void this.close(effect.reason);
    }
    this.application.apply(effect, hops);
  }

  #message(effect: { type: string; data?: JsonText }) {
    const { type, data } = effect;
    return { event: "message" as const, room: this.name, type, data };
  }

  #members(names: readonly string[]): Set<User> {
    const users = new Set<User>();
    for (const each of names) {
      const user = this.member(each);
      if (user) users.add(user);
    }
    return users;
  }

  /** Closes the room after a grace period if it is empty. */
  #watchEmptiness(): void {
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    if (this.keep || this.state !== "open" || this.members.size + this.#reserved > 0) return;
    this.#cancelGrace = this.deps.clock.after(this.application.settings.emptyGrace, () => {
      void this.close("It was empty.");
    });
  }
}
