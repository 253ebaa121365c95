import type { Application } from "../application/application.ts";
import type { Version } from "../ports/build.ts";
import type { KeptApplication, KeptState } from "../restore/kept_application.ts";
import type { DurableApplication } from "./durable_application.ts";
import type { DurableData } from "./durable_data.ts";

/** Whether an application is durable, and what is kept of it as a whole. */
export class DurableState {
  #current: DurableApplication | undefined;

  /** `data` is absent where nothing can be durable. */
  constructor(
    private readonly application: Application,
    private readonly data: DurableData | undefined,
  ) {}

  /** What the application is written by; undefined where it is not durable. */
  get current(): DurableApplication | undefined {
    return this.#current;
  }

  /** Goes on with what was kept. */
  goOn(kept: KeptApplication): void {
    const { application } = this;
    this.#current = this.#open();
    this.#current?.goOn(kept);
    application.sessions.keepBy(this.#current, application.users);
  }

  /** A version becomes the live one: the application is durable from now on where something in it is. */
  follow(version: Version): void {
    if (!isDurable(version)) return this.note();
    this.#current ??= this.#begin();
    this.#current?.keepVersion(version.build);
    this.note();
  }

  /** Keeps the application's state as it is when what happens in this turn of the loop is committed. */
  note(): void {
    this.#current?.place.putLast(this, "application", "", () => JSON.stringify(this.#state()));
  }

  /** Forgets the versions that nothing kept needs, and the application where nothing in it is durable any more. */
  prune(): void {
    const current = this.#current;
    if (!current) return;
    const { extension, rooms, version } = this.application;
    const scripts = [extension, ...Array.from(rooms.values(), (room) => room.extension)];
    const durable = scripts.filter((script) => script?.isDurable);
    if (!isDurable(version) && durable.length === 0) {
      this.#current = undefined;
      this.application.sessions.keepBy(undefined, this.application.users);
      return current.forget();
    }
    const hashes = durable.flatMap((script) => script?.hashes ?? []);
    // What a script that has not come back yet needs is not known.
    const isKnown = durable.every((script) => script?.hashes.length);
    const { live } = this.application.versions;
    // Where the rooms do not bear the version that they move to they go back to that one.
    if (live.isMoving && live.earlier) hashes.push(live.earlier.build.hash);
    if (isKnown) current.dropVersions(new Set([version.build.hash, ...hashes]));
  }

  #open(): DurableApplication | undefined {
    const { application, data } = this;
    return data?.application(application.name, () => application.settings.durable);
  }

  /** Keeps those who are there already. */
  #begin(): DurableApplication | undefined {
    const begun = this.#open();
    const { sessions, users, audience } = this.application;
    sessions.keepBy(begun, users);
    audience.keep();
    for (const user of users.values()) begun?.putUser(user);
    return begun;
  }

  #state(): KeptState {
    const { versions, lastUserId, quarantined, newest } = this.application;
    const { version, standing, since, isMoving, moving, earlier } = versions.live;
    const { hash, version: name } = version.build;
    return {
      version: name,
      hash,
      standing,
      since,
      ...(isMoving && { moving: { rooms: moving, ...(earlier && { from: earlier.build.hash }) } }),
      lastVersion: newest,
      lastUserId,
      quarantined: [...quarantined],
    };
  }
}

/** Returns true if something in a version outlives the server. */
export function isDurable({ extension, rooms }: Version): boolean {
  return (extension?.isDurable ?? false) || rooms.values().some((room) => room.isDurable ?? false);
}
