import type { Application } from "../application/application.ts";
import type { ApplicationLimits } from "../application/application_limits.ts";
import { DirectoryChanges } from "../directory/directory_changes.ts";
import type { DurablePlace } from "../durable/durable_place.ts";
import type { Definition, Version } from "../ports/build.ts";
import type { Effect } from "../ports/effect.ts";
import type { JsonText, ScriptEvent } from "../ports/event.ts";
import type { KeptPlace } from "../restore/kept_application.ts";
import type { OpeningQueue } from "../restore/opening_queue.ts";
import { createAgain } from "../restore/create_again.ts";
import type { Told } from "../restore/told.ts";
import type { ScriptTimes } from "../trace/handler_times.ts";
import type { Hearing } from "./durable_extension.ts";
import { Extension } from "./extension.ts";
import type { ExtensionDeps } from "./extension_deps.ts";
import type { ExtensionOwner } from "./extension_owner.ts";

/** What distinguishes connections among what is pending. */
const CONNECTION = "connection ";

/** An application as the owner of its extension: it opens and closes it, and tells it of users and rooms. */
export class OwnExtension implements ExtensionOwner {
  readonly application: string;
  /** Resolves when the extension's first `init` was handled. */
  ready: Promise<void> = Promise.resolve();
  /** What the extension is still to be told; absent where there is none. */
  changes?: DirectoryChanges;
  #extension: Extension | undefined;

  constructor(
    private readonly of: Application,
    private readonly deps: ExtensionDeps,
  ) {
    this.application = of.name;
  }

  /** Absent where there is none that runs. */
  get extension(): Extension | undefined {
    return this.#extension;
  }

  get reach(): number {
    return this.of.users.size;
  }

  get limits(): ApplicationLimits {
    return this.of.limits;
  }

  /** Opens the extension of the current version, where it has one and none is open; resolves when `init` was handled. */
  open(): Promise<void> {
    const { version, users, rooms } = this.of;
    const definition = version.extension;
    if (!definition || this.#extension) return this.ready;
    this.#extension = new Extension(this, this.deps, version, definition);
    this.changes = new DirectoryChanges(users.values(), rooms.values());
    this.tellNews();
    this.ready = this.#extension.ask({ kind: "init" }).then(() => {});
    return this.ready;
  }

  /** Goes on with the extension that was kept, in its version. */
  comeBack(version: Version, definition: Definition, place: KeptPlace, queue: OpeningQueue): void {
    const opened = Promise.withResolvers<void>();
    this.ready = opened.promise;
    const comeback = {
      place,
      queue,
      again: this.of.sessions.durable?.again(""),
      resumed: (event: ScriptEvent, origin: JsonText | undefined) => this.#resumed(event, origin),
      told: (told: Told) => {
        const { users, rooms } = this.of;
        for (const update of told.gone(users, rooms))
          this.#extension?.dispatch({ kind: "directory", update });
        this.changes = new DirectoryChanges(users.values(), rooms.values());
        this.tellNews();
        this.#endConnections(place);
        opened.resolve();
      },
    };
    this.#extension = new Extension(this, this.deps, version, definition, comeback);
  }

  /** Ends the extension; the rooms go on. */
  close(): void {
    this.#extension?.close();
    this.#extension = undefined;
    this.changes = undefined;
  }

  /** Sends it an event, after the changes of users and rooms that it has not heard of yet. */
  dispatch(event: ScriptEvent, on?: Parameters<Extension["dispatch"]>[1]): void {
    this.tellNews();
    this.#keepConnection(event);
    this.#extension?.dispatch(event, on);
  }

  /** Tells it the changes that it has not heard of yet. */
  tellNews(): void {
    for (const update of this.changes?.take() ?? []) this.#extension?.dispatch({ kind: "directory", update });
  }

  apply(effect: Effect, hops: number): void {
    this.of.apply(effect, hops);
  }

  versionNamed(name: string): Version | undefined {
    return this.of.versions.named(name)?.version;
  }

  handlersIn(version: string): ScriptTimes | undefined {
    return this.of.versions.named(version)?.handlers.of(null);
  }

  definitionIn({ extension }: Version): Definition | undefined {
    return extension;
  }

  adopt(): void {}

  rolledBack(failed: string, reason: string): void {
    this.of.rolledBack("", failed, reason);
  }

  failed(_: string, killer: boolean): void {
    this.close();
    if (killer) this.of.openBreaker();
  }

  place(): DurablePlace | undefined {
    return this.of.durable?.place;
  }

  keepVersion(name: string): void {
    this.of.keepVersion(name);
  }

  standingChanged(): void {}

  durabilityChanged(): void {}

  /** Keeps that there is a connection without a user, since the extension has to hear of its end; one with a user is kept with that. */
  #keepConnection(event: ScriptEvent): void {
    const place = this.#extension?.isDurable ? this.of.durable?.place : undefined;
    if (!place) return;
    if (event.kind === "connect") place.put("pending", CONNECTION + event.connection, "{}");
    else if (event.kind === "disconnect" && event.user === undefined)
      place.delete("pending", CONNECTION + event.connection);
    else if (event.kind === "loggedIn") {
      const user = this.of.users.get(event.user);
      if (user) place.delete("pending", CONNECTION + user.connection.id);
    }
  }

  /** Tells the extension of connections without a user that they have ended with the server. */
  #endConnections(kept: KeptPlace): void {
    for (const key of kept.all("pending").keys()) {
      if (!key.startsWith(CONNECTION)) continue;
      this.dispatch({ kind: "disconnect", connection: key.slice(CONNECTION.length) });
    }
  }

  #resumed(event: ScriptEvent, origin: JsonText | undefined): Hearing {
    // Whoever logged in was told nothing, and its connection is gone.
    if (event.kind === "login") return { before: () => false };
    if (event.kind === "create") return createAgain(this.of, event, origin);
    return { after: (outcome) => this.of.answerAgain(origin, outcome) };
  }
}
