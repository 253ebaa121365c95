import type { ApplicationLimits } from "../application/application_limits.ts";
import type { DurablePlace } from "../durable/durable_place.ts";
import type { Definition, Version } from "../ports/build.ts";
import type { Effect } from "../ports/effect.ts";
import type { ScriptTimes } from "../trace/handler_times.ts";

/** Whose extension it is: a room or an application. */
export interface ExtensionOwner {
  readonly application: string;
  /** `maxUsers` is what it was made with, absent where its definition decides. */
  readonly room?: { readonly name: string; readonly type: string; readonly maxUsers?: number };
  /** How many users hear a broadcast of it. */
  readonly reach: number;
  /** Carries one effect out; `hops` is what an emit passes on. Must not throw for anything a script can write. */
  apply(effect: Effect, hops: number): void;
  /** Returns the version of that name, where it is still known. */
  versionNamed(name: string): Version | undefined;
  /** Returns where it is counted what its handlers use in the version of that name, where that is still known. */
  handlersIn(version: string): ScriptTimes | undefined;
  /** Returns what a version declares for it. */
  definitionIn(version: Version): Definition | undefined;
  /** Goes by what another version declares from now on. */
  adopt(definition: Definition): void;
  /** A first event, its own or that of a handler, failed in the version named `failed`; it is back in the version before. */
  rolledBack(failed: string, reason: string): void;
  /** The script can't go on; see `Subject`. */
  failed(message: string, killer: boolean): void;
  readonly limits: ApplicationLimits;
  /** Returns where it is kept where it is durable; undefined where the application is not. */
  place(): DurablePlace | undefined;
  /** Keeps a version by which its script comes back. */
  keepVersion(name: string): void;
  /** Its extension runs the version that it runs for another reason than before. */
  standingChanged(): void;
  /** Its extension is durable from now on, or no more. */
  durabilityChanged(): void;
}
