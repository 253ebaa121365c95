import type { Application } from "../application/application.ts";
import type { Connection } from "../connection/connection.ts";
import type { DurableData } from "../durable/durable_data.ts";
import { versionOf } from "../durable/journal/stored_journal.ts";
import { BuildError, messageOf } from "../errors.ts";
import type { Version } from "../ports/build.ts";
import type { Clock } from "../ports/clock.ts";
import type { JsonText } from "../ports/event.ts";
import type { KeptRecord } from "../ports/journal_store.ts";
import type { Log } from "../ports/log.ts";
import type { Scripts } from "../ports/scripts.ts";
import type { Room } from "../room/room.ts";
import { restoreUsers } from "./restore_users.ts";
import { moveUser } from "../user/move_user.ts";
import { KeptApplication, type KeptPlace, type KeptState } from "./kept_application.ts";
import { type KeptRoom, readRoom } from "./kept_room.ts";
import { OpeningQueue } from "./opening_queue.ts";

/** What is read at one time of what users may have missed, UTF-16 units: about a ms. */
const PIECE_UNITS = 128 * 1024;

/** What applications come back with. */
export interface ComebackDeps {
  readonly scripts: Scripts;
  readonly log: Log;
  readonly clock: Clock;
  /** Makes the connection of somebody who has none any more. */
  readonly absent?: (id: string) => Connection;
}

/**
 * The way of one durable application back into a server that was started again: with its versions, users and rooms at once, and
 * with the scripts of these a few at a time.
 */
export class ApplicationComeback {
  readonly #versions = new Map<string, Version>();
  readonly #queue: OpeningQueue;
  /** Rooms whose turn has not come. */
  #waiting = 0;
  readonly #begun: number;

  private constructor(
    private readonly kept: KeptApplication,
    readonly state: KeptState,
    private readonly deps: ComebackDeps,
  ) {
    const now = () => deps.clock.monotonic();
    this.#queue = new OpeningQueue(now);
    this.#begun = now();
  }

  /**
   * Returns what an application of that name comes back by; undefined where nothing is kept of it. Rejects with BuildError where
   * its live version can't be loaded.
   */
  static async of(
    name: string,
    data: DurableData,
    deps: ComebackDeps,
  ): Promise<ApplicationComeback | undefined> {
    const items = await data.items(name);
    const kept = new KeptApplication(name, items, (at) => data.events(at));
    if (!kept.state) return undefined;
    const comeback = new ApplicationComeback(kept, kept.state, deps);
    await comeback.#readFrames(await data.frames(kept.place.at));
    await comeback.#load();
    return comeback;
  }

  /** The version that was live. */
  get live(): Version {
    return this.#versions.get(this.state.hash) as Version;
  }

  /** Brings all back into an application of the live version. */
  begin(application: Application): void {
    const { state, kept } = this;
    const { live } = application.versions;
    live.standing = state.standing;
    live.since = state.since;
    for (const version of this.#versions.values()) application.versions.restore(version, state.since);
    const earlier = this.#versions.get(state.moving?.from ?? "");
    if (earlier) live.earlier = earlier;
    live.isMoving = state.moving !== undefined;
    live.moving = state.moving?.rooms ?? 0;
    application.lastUserId = state.lastUserId;
    application.newest = state.lastVersion;
    application.keeping.goOn(kept);
    this.#beginExtension(application);
    for (const [name, place, room] of this.#rooms()) this.#beginRoom(application, name, place, room);
    restoreUsers(application, usersOf(kept), kept.frames, this.deps.absent);
    // One that is not durable begins anew: it is told of all who are there.
    void application.own.open();
    for (const room of application.rooms.values()) room.watchEmptiness();
    this.#endMoves(application);
  }

  /** Reads what users may have missed, a piece at a time. */
  async #readFrames(records: readonly KeptRecord[]): Promise<void> {
    const { frames } = this.kept;
    for (let at = 0; at < records.length; )
      await this.#queue.inTurn(() => {
        const end = frames.units + PIECE_UNITS;
        for (; at < records.length && frames.units < end; at++) frames.add(records[at] as KeptRecord);
      });
  }

  async #load(): Promise<void> {
    const { kept, state } = this;
    const places = [kept.place, ...kept.rooms.values()];
    const ofScripts = places.map((place) => versionOf(place.one("script"))?.hash);
    const hashes = [...ofScripts, state.moving?.from].filter((each) => each !== undefined);
    for (const hash of new Set([state.hash, ...hashes])) {
      const build = kept.version(hash);
      const what = `Cannot go on with what is kept of version ${hash === state.hash ? state.version : hash}`;
      if (!build && hash === state.hash) throw new BuildError(`${what}: it is not there.`);
      if (!build) continue;
      try {
        this.#versions.set(hash, await this.deps.scripts.load(build));
      } catch (error) {
        if (hash === state.hash)
          throw error instanceof BuildError ? error : new BuildError(`${what}: ${messageOf(error)}`);
        this.deps.log("error", `${what}: ${messageOf(error)}`, { application: kept.name });
      }
    }
  }

  #versionOf(place: KeptPlace): Version | undefined {
    const known = versionOf(place.one("script"));
    return known ? this.#versions.get(known.hash) : this.live;
  }

  #beginExtension(application: Application): void {
    const { place } = this.kept;
    const version = this.#versionOf(place);
    const definition = version?.extension;
    const isKept = place.one("script") !== undefined;
    if (version && definition?.isDurable && isKept)
      application.own.comeBack(version, definition, place, this.#queue);
  }

  /** Returns the rooms in the order in which they were made. */
  #rooms(): [name: string, place: KeptPlace, room: KeptRoom][] {
    const rooms: [string, KeptPlace, KeptRoom][] = [];
    for (const [name, place] of this.kept.rooms) {
      const text = place.one("room");
      if (text !== undefined) rooms.push([name, place, readRoom(text)]);
    }
    return rooms.sort(([, , one], [, , other]) => one.createdAt - other.createdAt);
  }

  #beginRoom(application: Application, name: string, place: KeptPlace, kept: KeptRoom): void {
    const version = this.#versionOf(place);
    const definition = version?.rooms.get(kept.options.type);
    if (!version || !definition?.isDurable) {
      const why = "the version that it was in can't be loaded";
      this.deps.log("error", `Cannot bring the room back: ${why}.`, {
        application: application.name,
        room: name,
      });
      return;
    }
    const up = (room: Room) => {
      this.#resumeMoves(application, room);
      this.#waiting--;
      if (this.#waiting === 0) this.#tellUp(application);
    };
    this.#waiting++;
    application.restoreRoom(name, version, definition, { kept, place, queue: this.#queue, up });
  }

  #tellUp({ name, version, keeping }: Application): void {
    keeping.prune();
    const ms = Math.round(this.deps.clock.monotonic() - this.#begun);
    const text = `All rooms are being opened again, after ${ms} ms.`;
    this.deps.log("info", text, { application: name, version: version.build.version });
  }

  /** Goes on with the moves to a room that its script had not answered. */
  #resumeMoves(application: Application, room: Room): void {
    const { moves } = application.durable ?? {};
    for (const [id, { user: userId, from, ...move }] of moves?.takeAll(room.name) ?? []) {
      const user = application.users.get(userId);
      const origin = from === undefined ? undefined : application.rooms.get(from);
      const isPossible = user && (from === undefined || (origin && user.rooms.has(origin)));
      if (isPossible) void moveUser(application, user, move, origin, id);
      else moves?.done(id);
    }
  }

  /** Forgets the moves to rooms that are not there any more. */
  #endMoves(application: Application): void {
    const { moves } = application.durable ?? {};
    for (const name of moves?.rooms() ?? []) {
      if (application.rooms.has(name)) continue;
      for (const [id] of moves?.takeAll(name) ?? []) moves?.done(id);
    }
  }
}

/** Returns what is kept of each user, in the order in which they logged in. */
function usersOf({ users }: KeptApplication): JsonText[] {
  const numberOf = (id: string) => Number(id.slice(1));
  return [...users].sort(([one], [other]) => numberOf(one) - numberOf(other)).map(([, text]) => text);
}
