import type { Application } from "../application/application.ts";
import type { ApplicationLimits } from "../application/application_limits.ts";
import type { DurablePlace } from "../durable/durable_place.ts";
import type { ExtensionOwner } from "../extension/extension_owner.ts";
import type { Definition, Version } from "../ports/build.ts";
import type { Effect } from "../ports/effect.ts";
import type { ScriptTimes } from "../trace/handler_times.ts";
import { applyEffect } from "./apply_effect.ts";
import type { Room } from "./room.ts";

/** A room as the owner of its extension. */
export class RoomOwner implements ExtensionOwner {
  readonly application: string;
  readonly room: NonNullable<ExtensionOwner["room"]>;
  readonly #of: Application;

  /** `maxUsers` is what the room was made with. */
  constructor(
    private readonly owner: Room,
    maxUsers: number | null | undefined,
  ) {
    const { name, type, application } = owner;
    this.#of = application;
    this.application = application.name;
    this.room = { name, type, ...(typeof maxUsers === "number" && { maxUsers }) };
  }

  get reach(): number {
    return this.owner.audience.size;
  }

  get limits(): ApplicationLimits {
    return this.#of.limits;
  }

  apply(effect: Effect, hops: number): void {
    applyEffect(this.owner, effect, hops);
  }

  versionNamed(name: string): Version | undefined {
    return this.#of.versions.named(name)?.version;
  }

  handlersIn(version: string): ScriptTimes | undefined {
    return this.#of.versions.named(version)?.handlers.of(this.room.type);
  }

  definitionIn({ rooms }: Version): Definition | undefined {
    return rooms.get(this.room.type);
  }

  adopt(definition: Definition): void {
    this.owner.adopt(definition);
  }

  rolledBack(failed: string, reason: string): void {
    this.#of.rolledBack(this.room.name, failed, reason);
  }

  failed(message: string, killer: boolean): void {
    void this.owner.close(message, false);
    if (killer) this.#of.openBreaker();
  }

  place(): DurablePlace | undefined {
    return this.#of.durable?.room(this.room.name);
  }

  keepVersion(name: string): void {
    this.#of.keepVersion(name);
  }

  standingChanged(): void {
    this.owner.note();
  }

  durabilityChanged(): void {
    this.owner.note();
    if (this.owner.isDurable) this.owner.audience.keep();
    for (const user of [...this.owner.members.values(), ...this.owner.watchers])
      this.#of.durable?.putUser(user);
  }
}
