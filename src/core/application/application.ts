import type { ServerEvent } from "../../protocol/codec.ts";
import type { Connection } from "../connection/connection.ts";
import { answerAgain } from "../connection/request/kept_request.ts";
import { HotroomError } from "../errors.ts";
import type { DurableApplication } from "../durable/durable_application.ts";
import { DurableState } from "../durable/durable_state.ts";
import type { ExtensionDeps } from "../extension/extension_deps.ts";
import { OwnExtension } from "../extension/own_extension.ts";
import type { Definition, Version } from "../ports/build.ts";
import type { Effect } from "../ports/effect.ts";
import type { JsonText, ScriptEvent } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { RoomComeback } from "../restore/room_comeback.ts";
import { Audience } from "../room/audience.ts";
import { PublicRooms } from "../room/list/public_rooms.ts";
import { Room } from "../room/room.ts";
import { type RoomOptions, roomTypeOf } from "../room/room_options.ts";
import { Sessions } from "../session/sessions.ts";
import { Departures } from "../user/departures.ts";
import { loseConnection } from "../user/lose_connection.ts";
import { removeUser } from "../user/remove_user.ts";
import { User } from "../user/user.ts";
import { UserNames } from "../user/user_names.ts";
import { UnusedVersions } from "../version/unused_versions.ts";
import { VersionProbation } from "../version/version_probation.ts";
import { type KeptVersion, type Standing, Versions } from "../version/versions.ts";
import { checkNewRoom, checkNewUser } from "./admissions.ts";
import { ApplicationLimits } from "./application_limits.ts";
import { applyEffect } from "./apply_effect.ts";
import { type ClosingCode, closeApplication } from "./close_application.ts";
import type { Settings } from "./settings.ts";

/** A namespace: its rooms, its users, its extension. */
export class Application {
  readonly rooms = new Map<string, Room>();
  readonly users = new Map<string, User>();
  readonly connections = new Set<Connection>();
  readonly own: OwnExtension;
  state: "running" | "stopping" | "closed" = "running";
  readonly limits: ApplicationLimits;
  readonly departures: Departures;
  readonly sessions: Sessions;
  readonly publicRooms: PublicRooms;
  readonly names = new UserNames();
  /** What is kept of it as a whole. */
  readonly keeping: DurableState;
  /** Content hashes that are not loaded again, with the names that they had. */
  quarantined: ReadonlyMap<string, string> = new Map();
  /** Name of the newest version that was loaded. */
  newest: string;
  /** All users. */
  readonly audience: Audience;
  /** The versions that are kept. */
  readonly versions: Versions;
  readonly #unused: UnusedVersions;
  readonly probation: VersionProbation;
  lastUserId = 0;

  constructor(
    readonly name: string,
    version: Version,
    private readonly deps: ExtensionDeps,
    /** Hears that a version failed in a room that had moved to it, which is "" for the extension. */
    private readonly onFailing: (kept: KeptVersion, room: string, reason: string) => void = () => {},
    /** Whether it is to come back by what was kept of it. */
    kept = false,
  ) {
    const overdue = (user: User) => void removeUser(this, user);
    this.sessions = new Sessions(deps, () => this.settings.session, overdue);
    this.audience = new Audience(deps, this.sessions, null);
    this.departures = new Departures(deps.clock);
    this.publicRooms = new PublicRooms(name, this.audience, deps, this.sessions);
    this.probation = new VersionProbation(deps.clock);
    this.versions = new Versions(version, deps.clock.now());
    this.limits = new ApplicationLimits(deps.clock, deps.log, name, () => this.settings.limits);
    this.newest = version.build.version;
    this.#unused = new UnusedVersions(this, deps.scripts, deps.clock);
    this.keeping = new DurableState(this, deps.durable);
    this.own = new OwnExtension(this, deps);
    if (kept) return;
    this.keeping.follow(version);
    this.own.open();
  }

  /** Its own extension, where it has one that runs. */
  get extension(): OwnExtension["extension"] {
    return this.own.extension;
  }

  /** Resolves when the extension's first `init` was handled. */
  get ready(): Promise<void> {
    return this.own.ready;
  }

  /** What it is written by; undefined where nothing of it outlives the server. */
  get durable(): DurableApplication | undefined {
    return this.keeping.current;
  }

  /** The version that new rooms get; `reload` changes it. */
  get version(): Version {
    return this.versions.live.version;
  }

  get settings(): Settings {
    return this.versions.settings;
  }

  /** Lets nobody in for a while, since a script took what it ran in down too often; then the extension is tried again. */
  openBreaker(): void {
    this.limits.openBreaker(this.version.build.version, () => {
      if (this.state === "running") void this.own.open();
    });
  }

  /** Makes a version the one that new rooms get. */
  makeLive(version: Version, standing: Standing): KeptVersion {
    this.limits.breaker.reset();
    if (standing === "swapped" || standing === "pinned") this.newest = version.build.version;
    const live = this.versions.makeLive(version, standing, this.deps.clock.now());
    this.keeping.follow(version);
    return live;
  }

  /** Counts first events that fail against a version for a while, now that the rooms have moved to it. */
  startProbation(kept: KeptVersion): void {
    this.probation.start(kept, () => {
      if (this.versions.live !== kept) return;
      this.extension?.settle();
      for (const room of this.rooms.values()) room.extension.settle();
    });
  }

  /** Notes that the first event of a room, or of the extension (""), failed in a version, and that it is back in the one before. */
  rolledBack(name: string, failed: string, reason: string): void {
    const kept = this.versions.named(failed);
    if (!kept) return;
    kept.failures.set(name, reason);
    this.onFailing(kept, name, reason);
  }

  /** Lets script hosts forget the versions that nothing runs, and forgets the oldest ones. */
  unloadUnused(): void {
    this.#unused.unload();
    this.keeping.prune();
  }

  /** Keeps a version by which a script comes back. */
  keepVersion(name: string): void {
    const kept = this.versions.named(name);
    if (kept) this.durable?.keepVersion(kept.version.build);
  }

  /**
   * Answers a client again whose request was under way when the server ended; `origin` is what was kept with it. Returns false where
   * it is none of a client.
   */
  answerAgain(origin: JsonText | undefined, outcome: Outcome): boolean {
    return answerAgain(this, origin, outcome);
  }

  /**
   * Throws HotroomError `application_unavailable` if the application has an extension that can't be run: what it decides (who
   * logs in, who makes rooms) must not happen without it.
   */
  checkExtension(doing: string): void {
    if (!this.version.extension || this.extension) return;
    throw new HotroomError(
      "application_unavailable",
      `Cannot ${doing}: the application's extension can't be run now.`,
    );
  }

  /** Sends an event to the extension, after the changes of users and rooms that it has not heard of yet. */
  dispatch(event: ScriptEvent, on?: Parameters<OwnExtension["dispatch"]>[1]): void {
    this.own.dispatch(event, on);
  }

  /** Takes a connection in, and tells the extension's `connect` handler. */
  connected(connection: Connection): void {
    connection.application = this;
    this.connections.add(connection);
    this.dispatch({ kind: "connect", connection: connection.id });
  }

  /** Takes a connection out, whose user may return or not; resolves when its user is away, or `logout` was handled. */
  async disconnected(connection: Connection, mayReturn: boolean): Promise<void> {
    this.connections.delete(connection);
    const { user } = connection;
    if (user) return loseConnection(this, user, mayReturn);
    this.dispatch({ kind: "disconnect", connection: connection.id });
  }

  /** Throws as checkNewUser. */
  checkUser(name: string, data?: JsonText, going?: ReadonlySet<User>): void {
    checkNewUser(this, name, data, going);
  }

  /** Makes the user of a connection, and tells the extension that it has logged in. Throws as checkNewUser. */
  addUser(connection: Connection, name: string, data?: JsonText): User {
    checkNewUser(this, name, data);
    this.limits.users.take(data?.length ?? 0);
    const user = new User(`u${++this.lastUserId}`, name, connection, data);
    this.users.set(user.id, user);
    this.names.add(user);
    if (connection.codec.hasSessions) this.sessions.admit(user);
    this.audience.add(user);
    this.own.changes?.userAdded(user);
    connection.user = user;
    this.durable?.putUser(user);
    this.keeping.note();
    this.deps.observe?.(this.name, { kind: "login", user });
    this.dispatch({ kind: "loggedIn", user: user.id });
    return user;
  }

  /** Takes a user out of its rooms and of the application; resolves when `logout` was handled. */
  logout(user: User): Promise<void> {
    return removeUser(this, user);
  }

  /** Frees a user's name; called when the user has left all rooms, before `logout` is dispatched. */
  forget(user: User): void {
    this.users.delete(user.id);
    this.durable?.deleteUser(user);
    this.names.delete(user);
    this.audience.remove(user);
    this.publicRooms.unfollow(user);
    this.own.changes?.userRemoved(user);
    this.limits.users.give(user.view.data?.length ?? 0);
    if (user.connection.user === user) user.connection.user = user.connection.session = undefined;
    this.deps.observe?.(this.name, { kind: "logout", user });
  }

  /** Returns a user by id or name. */
  userOf(idOrName: string): User | undefined {
    return this.users.get(idOrName) ?? this.names.of(idOrName);
  }

  /**
   * Makes a room of the current version. `made` are the rooms of the client that asks for it: whoever passes them announces the
   * room; one that a script asks for is announced when it is open. Throws HotroomError where it can't be made.
   */
  createRoom(name: string, options: RoomOptions, made?: Set<Room>): Room {
    const { version } = this;
    const shortage = this.deps.scripts.shortage(version);
    const definition = checkNewRoom(this, name, options, made?.size ?? 0, shortage);
    const room = new Room(this, name, options, version, definition, this.deps, made);
    this.rooms.set(name, room);
    if (!made) this.own.changes?.roomAdded(room);
    return room;
  }

  /** Takes a room in that was kept; nobody is told, since all know it. */
  restoreRoom(name: string, version: Version, definition: Definition, comeback: RoomComeback): Room {
    const { options, isMade } = comeback.kept;
    const made = isMade ? new Set<Room>() : undefined;
    const room = new Room(this, name, options, version, definition, this.deps, made, comeback);
    this.rooms.set(name, room);
    this.publicRooms.restore(room);
    return room;
  }

  /** Tells the users and the extension that a room is there, once; `user` is whose request made it. */
  announce(room: Room, user?: User): void {
    if (room.isAnnounced || this.rooms.get(room.name) !== room) return;
    if (!room.isListed) this.own.changes?.roomAdded(room);
    room.isAnnounced = true;
    room.note();
    this.publicRooms.changed(room, true);
    this.deps.observe?.(this.name, { kind: "created", room });
    this.dispatch({ kind: "created", room: room.name, ...(user && { user: user.view }) });
  }

  /** Returns the type of a room, where the request names none the only one there is. Throws HotroomError: `invalid_data`. */
  typeOf(type: unknown): string {
    return roomTypeOf(type, [...this.version.rooms.keys()]);
  }

  /** Notes that a room is set otherwise, or has another number of users; `isIn` says whether `user` has come or gone. */
  roomChanged(room: Room, user?: User, isIn = false): void {
    this.own.changes?.roomChanged(room, user, isIn);
    this.publicRooms.changed(room);
    if (user) this.deps.observe?.(this.name, { kind: isIn ? "join" : "leave", room, user });
  }

  /** Takes out a room that has closed; called by it. A server that stops tells nobody: who comes back means to be in it again. */
  roomClosed(room: Room, reason: string): void {
    if (this.rooms.get(room.name) !== room) return;
    this.rooms.delete(room.name);
    this.own.changes?.roomRemoved(room);
    if (this.state !== "stopping") this.publicRooms.closed(room, reason);
    if (room.isAnnounced) this.deps.observe?.(this.name, { kind: "closed", room, reason });
    if (room.extension.version !== this.version.build.version) this.#unused.unloadSoon();
  }

  /** Sends one event to every user, but for `except`. */
  broadcast(event: ServerEvent, except?: ReadonlySet<User>): void {
    this.audience.send(event, except);
  }

  /** Carries out an effect of the extension, or one of a room that is about the application. */
  apply(effect: Effect, hops: number): void {
    applyEffect(this, effect, hops);
  }

  /** Queues an emit for a room, or for the extension where `room` is null; returns what became of it. */
  emit(room: string | null, type: string, data?: JsonText, hops = 0): "queued" | "busy" | "unheard" {
    if (room === null) this.own.tellNews();
    const extension = room === null ? this.extension : this.rooms.get(room)?.extension;
    if (!extension) return "unheard";
    return extension.offer(type, data, hops) ? "queued" : "busy";
  }

  /** Tells whoever embeds the server of an event that a script has made for the application. */
  heard(type: string, data?: JsonText): void {
    this.deps.observe?.(this.name, { kind: "emit", type, ...(data !== undefined && { data }) });
  }

  /** Whether nobody is away any more: it is closed, and no user comes back to it. */
  get isEnding(): boolean {
    return this.state === "closed" || (this.state === "stopping" && !this.durable);
  }

  /** Closes it: see closeApplication. */
  close(reason: string, code: ClosingCode): Promise<void> {
    return closeApplication(this, this.deps.scripts, reason, code);
  }
}
